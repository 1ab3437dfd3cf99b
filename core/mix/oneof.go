package mix

import (
	"encoding/json"
	"fmt"
	"image"
)

func init() { policies.Register("one_of", func() Policy { return new(OneOf) }) }

// OneOf mixes by one of several policies, each with its probability. The rest of 1 is
// the probability that nothing is mixed.
type OneOf struct {
	Documents []json.RawMessage `json:"policies"` // see Parse
	Probs     []float64         `json:"probs"`    // one per policy
	// Per is "sample" if each row chooses for itself, or "batch" if all rows of a batch
	// have the same policy, or "pair" if two rows have that are each other's partner; the
	// rest is drawn for each row.
	Per      string `json:"per"`
	policies []Policy
}

// Validate parses the policies.
func (o *OneOf) Validate() error {
	if o.Per != "sample" && o.Per != "pair" && o.Per != "batch" {
		return fmt.Errorf(`mix: per of OneOf must be "sample", "pair" or "batch", but is %q`, o.Per)
	}
	if len(o.Documents) == 0 || len(o.Documents) != len(o.Probs) {
		return fmt.Errorf("mix: OneOf must have at least one (policy, probability), but has %d "+
			"policies and %d probabilities", len(o.Documents), len(o.Probs))
	}
	sum := 0.0
	for i, p := range o.Probs {
		if !(p >= 0) {
			return fmt.Errorf("mix: probabilities of OneOf must be 0 or more, but one is %v", p)
		}
		sum += p
		policy, err := Parse(o.Documents[i])
		if err != nil {
			return err
		}
		o.policies = append(o.policies, policy)
	}
	if sum > 1+1e-9 {
		return fmt.Errorf("mix: probabilities of OneOf must sum up to 1 at most, but do to %v", sum)
	}
	return nil
}

// Images is the largest number of any policy.
func (o *OneOf) Images() int {
	n := 2
	for _, p := range o.policies {
		n = max(n, p.Images())
	}
	return n
}

func (o *OneOf) inner() []Policy { return o.policies }

// Draw chooses a policy, which draws by seeds of its own.
func (o *OneOf) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("one of")
	switch o.Per {
	case "pair":
		r = s.Pair.Stream("one of, per pair")
	case "batch":
		r = s.Batch.Stream("one of, per batch")
	}
	x := r.Float64()
	for i, p := range o.Probs {
		if x -= p; x < 0 {
			return o.policies[i].Draw(Seeds{s.Row.Derive("one of", i), s.Pair.Derive("one of", i),
				s.Batch.Derive("one of", i)}, size)
		}
	}
	return Unmixed
}
