package mix

import (
	"fmt"
	"image"
	"math"

	"mixfolder/core/rng"
)

func init() { policies.Register("cutmix", func() Policy { return new(CutMix) }) }

// CutMix replaces a box of the row's own image by the same box of the second one: Yun
// et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
// Features", 2019. The weight of the second label is the fraction of pixels that the
// box covers in the end.
type CutMix struct {
	// Alpha is the parameter of Beta(Alpha, Alpha), from which the area outside the box
	// is drawn, before Place.
	Alpha float64 `json:"alpha"`
	// Place says where the box may lie: "clipped", its center is any pixel and what lies
	// outside the image is cut off, as in the paper and rounded as in timm 1.0.31;
	// "inside", it lies in the image; "uniform", it is clipped, and every pixel is
	// covered equally often, as in Composer (but a box never misses the image).
	Place string `json:"box"`
	// MinMax, if set, bounds the height and the width as fractions of the image's; both
	// are drawn independently, and the box lies inside. Alpha and Place do not count.
	MinMax *[2]float64 `json:"minmax"`
}

// Validate reports what is wrong with the parameters.
func (c *CutMix) Validate() error {
	if p := c.Place; p != "clipped" && p != "inside" && p != "uniform" {
		return fmt.Errorf(`mix: box of CutMix must be "clipped", "inside" or "uniform", but is %q`, p)
	}
	if c.MinMax != nil {
		if err := validateFractions("minmax of CutMix", *c.MinMax); err != nil {
			return err
		}
	}
	return validateAlpha("CutMix", c.Alpha)
}

// Images is 2.
func (c *CutMix) Images() int { return 2 }

// Draw draws the box.
func (c *CutMix) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("mix")
	box := c.box(&r, size)
	if box.Empty() {
		return Unmixed
	}
	second := areaFraction(box, size)
	return Blend{
		Labels: [MaxImages]float64{1 - second, second},
		Weight: 1,
		Boxes:  [MaxImages]Box{{Image: 1, From: box, To: box}},
	}
}

func (c *CutMix) box(r *rng.Stream, size image.Point) image.Rectangle {
	if c.MinMax != nil {
		height := between(r, c.MinMax, size.Y)
		return inside(r, image.Pt(between(r, c.MinMax, size.X), height), size)
	}
	side := math.Sqrt(1 - r.Beta(c.Alpha))
	box := image.Pt(int(side*float64(size.X)), int(side*float64(size.Y)))
	switch c.Place {
	case "inside":
		return inside(r, box, size)
	case "uniform":
		// All boxes that show at least one pixel.
		y, x := r.IntN(size.Y+max(box.Y-1, 0)), r.IntN(size.X+max(box.X-1, 0))
		return clipped(image.Pt(x, y).Sub(box).Add(image.Pt(1, 1)), box, size)
	}
	y, x := r.IntN(size.Y), r.IntN(size.X)
	return clipped(image.Pt(x-box.X/2, y-box.Y/2), box, size)
}

// between draws an extent from floor(bounds[0] n) to floor(bounds[1] n), both included.
func between(r *rng.Stream, bounds *[2]float64, n int) int {
	low, high := int(bounds[0]*float64(n)), int(bounds[1]*float64(n))
	return low + r.IntN(high-low+1)
}

// inside draws the position of a box of an extent that lies in an image.
func inside(r *rng.Stream, box, size image.Point) image.Rectangle {
	y, x := r.IntN(size.Y-box.Y+1), r.IntN(size.X-box.X+1)
	return clipped(image.Pt(x, y), box, size)
}

func clipped(corner, box, size image.Point) image.Rectangle {
	return image.Rectangle{Min: corner, Max: corner.Add(box)}.Intersect(image.Rectangle{Max: size})
}

// areaFraction is the fraction of an image's pixels that lie in a box.
func areaFraction(box image.Rectangle, size image.Point) float64 {
	return float64(box.Dx()*box.Dy()) / float64(size.X*size.Y)
}
