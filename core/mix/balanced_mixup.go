package mix

import (
	"image"

	"mixfolder/core/exact"
)

func init() { policies.Register("balanced_mixup", func() Policy { return new(BalancedMixUp) }) }

// BalancedMixUp is the weighted sum of two images, in which the weight of the second one
// is drawn from Beta(Alpha, 1): Galdran, Carneiro and González Ballester,
// "Balanced-MixUp for Highly Imbalanced Medical Image Classification", 2021. The second
// image is one of plan.Balanced.
type BalancedMixUp struct {
	Alpha float64 `json:"alpha"`
}

// Validate reports an Alpha that is no parameter of Beta(Alpha, 1).
func (m *BalancedMixUp) Validate() error { return validateAlpha("BalancedMixUp", m.Alpha) }

// Images is 2.
func (m *BalancedMixUp) Images() int { return 2 }

// Soft is true.
func (*BalancedMixUp) Soft() bool { return true }

// Draw inverts the distribution function, x^Alpha.
func (m *BalancedMixUp) Draw(s Seeds, _ image.Point) Blend {
	r := s.Row.Stream("mix")
	lam := exact.Exp(exact.Log(1-r.Float64()) / m.Alpha)
	return Blend{Labels: [MaxImages]float64{1 - lam, lam}, Weight: 1 - lam}
}
