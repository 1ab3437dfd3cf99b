package mix

import (
	"fmt"
	"image"
)

func init() { policies.Register("shared", func() Policy { return new(Shared) }) }

// Shared draws by a policy once for several rows, which then have the same weights,
// boxes and masks.
type Shared struct {
	// Per is "batch" for all rows of a batch, or "pair" for two rows that are each
	// other's partner: see plan.Reversed.
	Per string `json:"per"`
	wrapped
}

// Validate parses the policy.
func (s *Shared) Validate() error {
	if s.Per != "batch" && s.Per != "pair" {
		return fmt.Errorf(`mix: per must be "sample", "pair" or "batch", but is %q`, s.Per)
	}
	return s.parse()
}

// Draw draws by seeds that the rows share.
func (s *Shared) Draw(seeds Seeds, size image.Point) Blend {
	shared := seeds.Pair
	if s.Per == "batch" {
		shared = seeds.Batch
	}
	shared = shared.Derive("shared", 0)
	return s.policy.Draw(Seeds{shared, shared, seeds.Batch}, size)
}
