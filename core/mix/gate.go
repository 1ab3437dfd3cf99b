package mix

import (
	"fmt"
	"image"
)

func init() { policies.Register("gate", func() Policy { return new(Gate) }) }

// Gate mixes a row by a policy with a probability, and otherwise not at all. What the
// policy draws does not depend on the probability.
type Gate struct {
	Prob float64 `json:"prob"`
	wrapped
}

// Validate parses the policy.
func (g *Gate) Validate() error {
	if !(g.Prob >= 0 && g.Prob <= 1) {
		return fmt.Errorf("mix: prob must be from 0 to 1, but is %v", g.Prob)
	}
	return g.parse()
}

// Draw draws whether the row is mixed, and how.
func (g *Gate) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("gate")
	if !r.Bernoulli(g.Prob) {
		return Unmixed
	}
	return g.policy.Draw(s, size)
}
