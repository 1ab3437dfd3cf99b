package mix

import (
	"image"
	"slices"

	"mixfolder/core/exact"
)

func init() { policies.Register("smoothmix", func() Policy { return new(SmoothMix) }) }

// SmoothMix fades the second image in around a random point: Lee et al., "SmoothMix: A
// Simple Yet Effective Data Augmentation to Train Robust Classifiers", 2020. The weight
// of the second image at a pixel is a Gaussian function of the distance from the point,
// and the weight of its label is the mean over the pixels.
type SmoothMix struct {
	// Sigma bounds the standard deviation of the Gaussian as a fraction of the height,
	// drawn uniformly.
	Sigma [2]float64 `json:"sigma"`
}

// Validate reports bounds that are no fractions.
func (m *SmoothMix) Validate() error {
	return validateFractions("sigma of SmoothMix", m.Sigma)
}

// Images is 2.
func (m *SmoothMix) Images() int { return 2 }

// Soft is true.
func (*SmoothMix) Soft() bool { return true }

// Draw draws the point, uniformly in the image, and the standard deviation.
func (m *SmoothMix) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("mix")
	y := float64(float64(size.Y) * r.Float64())
	x := float64(float64(size.X) * r.Float64())
	sigma := float64(float64(size.Y) * r.Uniform(m.Sigma))
	mean := func(n int, center float64) float64 {
		sum := 0.0
		for i := range n {
			sum += gaussian(i, center, sigma)
		}
		return sum / float64(n)
	}
	second := float64(mean(size.Y, y) * mean(size.X, x))
	return Blend{
		Labels: [MaxImages]float64{1 - second, second},
		Weight: 1,
		Mask:   Mask{Kind: bell, Args: [4]float64{x, y, sigma}},
	}
}

// bell has as arguments the point (x, y) and the standard deviation, in pixels. A Gaussian
// of the distance is the product of one of the row and one of the column.
var bell = &MaskKind{Name: "smooth",
	Render: func(weights []float32, size image.Point, m *Mask, s *Scratch) {
		x, y, sigma := m.Args[0], m.Args[1], m.Args[2]
		s.factors = slices.Grow(s.factors[:0], size.X+size.Y)[:size.X+size.Y]
		columns, rows := s.factors[:size.X], s.factors[size.X:]
		for i := range columns {
			columns[i] = float32(gaussian(i, x, sigma))
		}
		for i := range rows {
			rows[i] = float32(gaussian(i, y, sigma))
		}
		outer(weights, columns, rows)
	}}

// gaussian is 1 at the center; pixel i covers i to i+1.
func gaussian(i int, center, sigma float64) float64 {
	d := (float64(i) + 0.5 - center) / sigma
	return exact.Exp(-d * d / 2)
}
