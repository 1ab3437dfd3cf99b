package augment

import (
	"fmt"
	"image"

	"mixfolder/core/rng"
)

// CornerCrop shows a part of the size of a CenterCrop in a corner of the image. With
// that, it makes the five crops that are common in tests (Krizhevsky, Sutskever and
// Hinton, "ImageNet classification with deep convolutional neural networks", 2012).
type CornerCrop struct {
	Fraction float64 `json:"fraction"` // as in CenterCrop
	Corner   string  `json:"corner"`   // one of corners
}

// corners has the corners with the share of the free space that is left of and above the
// part.
var corners = map[string]image.Point{"top_left": {}, "top_right": {X: 1}, "bottom_left": {Y: 1},
	"bottom_right": {X: 1, Y: 1}}

func init() { crops.Register("corner_crop", func() Crop { return new(CornerCrop) }) }

// Validate reports an invalid fraction or corner.
func (c *CornerCrop) Validate() error {
	if _, ok := corners[c.Corner]; !ok {
		return fmt.Errorf("augment: CornerCrop has no corner %q", c.Corner)
	}
	return (&CenterCrop{c.Fraction}).Validate()
}

// Random is false.
func (c *CornerCrop) Random() bool { return false }

// Draw draws nothing.
func (c *CornerCrop) Draw(r rng.Stream, size image.Point, a Aspect, t Transform) Transform {
	t = (&CenterCrop{c.Fraction}).Draw(r, size, a, t)
	at, free := corners[c.Corner], size.Sub(t.Region.Size())
	t.Region = t.Region.Sub(t.Region.Min).Add(image.Pt(at.X*free.X, at.Y*free.Y))
	return t
}
