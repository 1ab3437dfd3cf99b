package augment

import (
	"fmt"
	"image"
	"math"

	"mixfolder/core/rng"
)

// CenterCrop shows the centered part that has the target's shape: Fraction of the width
// and height of the largest such part. 0.875 matches torchvision's Resize(256) and
// CenterCrop(224), in whole pixels of the image.
type CenterCrop struct {
	Fraction float64 `json:"fraction"`
}

func init() { crops.Register("center_crop", func() Crop { return new(CenterCrop) }) }

// Validate reports an invalid fraction.
func (c *CenterCrop) Validate() error {
	if !(c.Fraction > 0 && c.Fraction <= 1) {
		return fmt.Errorf("augment: fraction of CenterCrop must be above 0 and at most 1, but "+
			"is %v", c.Fraction)
	}
	return nil
}

// Random is false.
func (c *CenterCrop) Random() bool { return false }

// Draw draws nothing.
func (c *CenterCrop) Draw(_ rng.Stream, size image.Point, a Aspect, t Transform) Transform {
	a.Crop = true
	largest := a.Region(size)
	w := max(1, int(math.Round(c.Fraction*float64(largest.Dx()))))
	h := max(1, int(math.Round(c.Fraction*float64(largest.Dy()))))
	x, y := (size.X-w)/2, (size.Y-h)/2
	t.Region, t.Target = image.Rect(x, y, x+w, y+h), a.Full()
	return t
}
