package mix

import (
	"fmt"
	"image"
	"math"
)

func init() { policies.Register("mixup", func() Policy { return new(MixUp) }) }

// MixUp is the weighted sum of two images: Zhang et al., "mixup: Beyond Empirical Risk
// Minimization", 2018. The weight of the first one is drawn from Beta(Alpha, Alpha).
type MixUp struct {
	Alpha float64 `json:"alpha"`
	// Fold exchanges a weight below 1/2 for 1 minus it, so that the own image is never
	// the weaker one, as in fastai and DivideMix.
	Fold bool `json:"fold"`
}

// Validate reports an Alpha that is no parameter of Beta(Alpha, Alpha).
func (m *MixUp) Validate() error { return validateAlpha("MixUp", m.Alpha) }

// Images is 2.
func (m *MixUp) Images() int { return 2 }

// Soft is true.
func (*MixUp) Soft() bool { return true }

// Draw draws the weight of the first image and of its label.
func (m *MixUp) Draw(s Seeds, _ image.Point) Blend {
	r := s.Row.Stream("mix")
	lam := r.Beta(m.Alpha)
	if m.Fold {
		lam = max(lam, 1-lam)
	}
	return Blend{Labels: [MaxImages]float64{lam, 1 - lam}, Weight: lam}
}

func validateFractions(name string, b [2]float64) error {
	if !(b[0] > 0 && b[0] <= b[1] && b[1] <= 1) {
		return fmt.Errorf("mix: %s must be (low, high) with 0 < low <= high <= 1, but is (%v, %v)",
			name, b[0], b[1])
	}
	return nil
}

func validateAlpha(policy string, alpha float64) error {
	if !(alpha > 0) || math.IsInf(alpha, 1) {
		return fmt.Errorf("mix: alpha of %s must be above 0, but is %v: use mix=None to mix "+
			"nothing", policy, alpha)
	}
	return nil
}
