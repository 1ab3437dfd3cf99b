package augment

import (
	"fmt"
	"image"

	"mixfolder/core/resample"
	"mixfolder/core/rng"
)

// RandomCrop shows a random part, of the target's size, of the image that was brought
// to the target's size and then padded by Padding pixels on each side: the recipe for
// CIFAR (He et al., "Deep residual learning for image recognition", 2015, section 4.2,
// with a Padding of 4). If there is also a RandomAffine, its fill is used for both.
type RandomCrop struct {
	Padding int           `json:"padding"` // pixels of the target
	Fill    resample.Fill `json:"fill_mode"`
	Value   [4]byte       `json:"fill_value"`
}

func init() { crops.Register("random_crop", func() Crop { return new(RandomCrop) }) }

var randomCropParams = []string{"x", "y"}

// Validate reports an invalid padding.
func (c *RandomCrop) Validate() error {
	if c.Padding < 1 || c.Padding > maxShift {
		return fmt.Errorf("augment: padding of RandomCrop must be from 1 to %d pixels, but is %d",
			maxShift, c.Padding)
	}
	return nil
}

// Random is true.
func (c *RandomCrop) Random() bool { return true }

// Draw shifts the target; t.Drawn holds the shift from the center.
func (c *RandomCrop) Draw(r rng.Stream, _ image.Point, _ Aspect, t Transform) Transform {
	y, x := r.IntN(2*c.Padding+1)-c.Padding, r.IntN(2*c.Padding+1)-c.Padding
	t.Map[2], t.Map[5] = float64(x), float64(y)
	t.Fill, t.FillValue = c.Fill, c.Value
	t.Drawn[0] = Draw{"random_crop", randomCropParams, [6]float64{float64(x), float64(y)}}
	return t
}
