package mix

import (
	"image"
	"math"
)

func init() { policies.Register("resizemix", func() Policy { return new(ResizeMix) }) }

// ResizeMix pastes the whole second image, made smaller, at a random position inside
// the row's own: Qin et al., "ResizeMix: Mixing Data with Preserved Object Information
// and True Labels", 2020. The weight of the second label is the fraction of pixels that
// it covers.
type ResizeMix struct {
	// Scale bounds the factor by which height and width are multiplied, drawn uniformly.
	Scale [2]float64 `json:"scale"`
}

// Validate reports bounds that are no fractions.
func (m *ResizeMix) Validate() error {
	return validateFractions("scale of ResizeMix", m.Scale)
}

// Images is 2.
func (m *ResizeMix) Images() int { return 2 }

// Draw draws the size and the position of the second image.
func (m *ResizeMix) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("mix")
	scale := r.Uniform(m.Scale)
	box := inside(&r, image.Pt(scaled(size.X, scale), scaled(size.Y, scale)), size)
	second := areaFraction(box, size)
	return Blend{
		Labels: [MaxImages]float64{1 - second, second},
		Weight: 1,
		Boxes:  [MaxImages]Box{{Image: 1, From: image.Rectangle{Max: size}, To: box}},
	}
}

// scaled is a fraction of an extent, rounded, and at least one pixel.
func scaled(n int, scale float64) int {
	return max(1, int(math.RoundToEven(scale*float64(n))))
}
