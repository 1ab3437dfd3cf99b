package plan

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"

	"mixfolder/core/resample"
)

// Crop says which part of an image is shown. It is one of *RandomResizedCrop,
// *RandomCrop and *CenterCrop.
type Crop interface {
	// Check says what is wrong with the parameters.
	Check() error
	// Varies is true where each look at an image shows another part.
	Varies() bool
	// part is what a look with this seed shows of an image. Of a fitted one it is Fit
	// that says where in the target it goes; else it is all of the target.
	part(seed uint64, width, height int, f Fit) (part image.Rectangle, fitted bool)
}

// CheckFixed refuses the croppings that validation must not have.
func CheckFixed(c Crop) error {
	if c.Varies() {
		return errors.New("plan: the crop for validation must be the same in each epoch, such as " +
			"CenterCrop, not a random one")
	}
	return c.Check()
}

// CenterCrop shows the centered part that has the target's shape: Fraction of the width
// and height of the largest such part. 0.875 is what torchvision's Resize(256) and
// CenterCrop(224) leave, in whole pixels of the image.
type CenterCrop struct {
	Fraction float64 `json:"fraction"`
}

// Check says what is wrong with the fraction.
func (c *CenterCrop) Check() error {
	if !(c.Fraction > 0 && c.Fraction <= 1) {
		return fmt.Errorf("plan: fraction of CenterCrop must be above 0 and at most 1, but is %v",
			c.Fraction)
	}
	return nil
}

// Varies is false.
func (c *CenterCrop) Varies() bool { return false }

func (c *CenterCrop) part(_ uint64, width, height int, f Fit) (image.Rectangle, bool) {
	f.CropToAspect = true
	largest := f.Crop(width, height)
	w := max(1, int(math.Round(c.Fraction*float64(largest.Dx()))))
	h := max(1, int(math.Round(c.Fraction*float64(largest.Dy()))))
	x, y := (width-w)/2, (height-h)/2
	return image.Rect(x, y, x+w, y+h), false
}

// RandomCrop shows a random part, of the target's size, of the image that was brought
// to the target's size and then padded by Padding pixels on each side: the recipe for
// CIFAR (He et al., "Deep residual learning for image recognition", 2015, section 4.2,
// with a Padding of 4). Where a RandomAffine goes with it, that one's fill holds for
// both.
type RandomCrop struct {
	Padding int           `json:"padding"` // pixels of the target
	Fill    resample.Fill `json:"fill_mode"`
	Value   [4]byte       `json:"fill_value"`
}

// Check says what is wrong with the padding.
func (c *RandomCrop) Check() error {
	if c.Padding < 1 || c.Padding > mostShift {
		return fmt.Errorf("plan: padding of RandomCrop must be from 1 to %d pixels, but is %d",
			mostShift, c.Padding)
	}
	return nil
}

// Varies is true.
func (c *RandomCrop) Varies() bool { return true }

func (c *RandomCrop) part(_ uint64, width, height int, f Fit) (image.Rectangle, bool) {
	return f.Crop(width, height), true
}

// shift is how far the part lies from the middle, in pixels of the target.
func (c *RandomCrop) shift(seed uint64) image.Point {
	var r rand.PCG
	r.Seed(seed, uint64(forCrop))
	y, x := below(&r, 2*c.Padding+1), below(&r, 2*c.Padding+1)
	return image.Pt(x-c.Padding, y-c.Padding)
}

// RandomResizedCrop shows a random part of an image, of random area and shape,
// stretched to the target: the "Inception crop" of Szegedy et al., "Going deeper with
// convolutions", 2015, by torchvision's algorithm.
type RandomResizedCrop struct {
	// Scale bounds the part's share of the area, Ratio its width over its height.
	Scale [2]float64 `json:"scale"`
	Ratio [2]float64 `json:"ratio"`
}

// Check says what is wrong with the bounds.
func (c *RandomResizedCrop) Check() error {
	if s := c.Scale; !(s[0] > 0 && s[0] <= s[1] && s[1] <= 1) {
		return fmt.Errorf("plan: scale of RandomResizedCrop must be (low, high) with 0 < low <= "+
			"high <= 1, but is (%v, %v)", s[0], s[1])
	}
	if r := c.Ratio; !(r[0] > 0 && r[0] <= r[1] && !math.IsInf(r[1], 1)) {
		return fmt.Errorf("plan: ratio of RandomResizedCrop must be (low, high) with 0 < low <= "+
			"high, but is (%v, %v)", r[0], r[1])
	}
	return nil
}

// Varies is true.
func (c *RandomResizedCrop) Varies() bool { return true }

func (c *RandomResizedCrop) part(seed uint64, width, height int, _ Fit) (image.Rectangle, bool) {
	return c.draw(seed, width, height), false
}

// draw makes ten attempts: area uniform in Scale, shape log-uniform in Ratio, place
// uniform. If none fits, it takes the largest centered part whose shape is within
// Ratio.
func (c *RandomResizedCrop) draw(seed uint64, width, height int) image.Rectangle {
	var r rand.PCG // on the stack, as a rand.Rand is not
	r.Seed(seed, uint64(forCrop))
	area := float64(float64(width) * float64(height))
	for range 10 {
		a, ratio := float64(area*between(&r, c.Scale)), logBetween(&r, c.Ratio)
		w, h := int(math.RoundToEven(math.Sqrt(a*ratio))), int(math.RoundToEven(math.Sqrt(a/ratio)))
		if 0 < w && w <= width && 0 < h && h <= height {
			y, x := below(&r, height-h+1), below(&r, width-w+1)
			return image.Rect(x, y, x+w, y+h)
		}
	}
	w, h := width, height
	switch shape := float64(width) / float64(height); {
	case shape < c.Ratio[0]:
		h = min(height, max(1, int(math.RoundToEven(float64(width)/c.Ratio[0]))))
	case shape > c.Ratio[1]:
		w = min(width, max(1, int(math.RoundToEven(float64(height)*c.Ratio[1]))))
	}
	x, y := (width-w)/2, (height-h)/2
	return image.Rect(x, y, x+w, y+h)
}
