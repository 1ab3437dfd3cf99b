package augment

import (
	"fmt"
	"image"
	"math"

	"mixfolder/core/rng"
)

// RandomResizedCrop shows a random part of an image, of random area and shape,
// stretched to the target: the "Inception crop" of Szegedy et al., "Going deeper with
// convolutions", 2015, by torchvision's algorithm.
type RandomResizedCrop struct {
	// Scale bounds the part's fraction of the area, Ratio its width over its height.
	Scale [2]float64 `json:"scale"`
	Ratio [2]float64 `json:"ratio"`
}

func init() {
	crops.Register("random_resized_crop", func() Crop { return new(RandomResizedCrop) })
}

// Validate reports invalid bounds.
func (c *RandomResizedCrop) Validate() error {
	if s := c.Scale; !(s[0] > 0 && s[0] <= s[1] && s[1] <= 1) {
		return fmt.Errorf("augment: scale of RandomResizedCrop must be (low, high) with 0 < low "+
			"<= high <= 1, but is (%v, %v)", s[0], s[1])
	}
	if r := c.Ratio; !(r[0] > 0 && r[0] <= r[1] && !math.IsInf(r[1], 1)) {
		return fmt.Errorf("augment: ratio of RandomResizedCrop must be (low, high) with 0 < low "+
			"<= high, but is (%v, %v)", r[0], r[1])
	}
	return nil
}

// Random is true.
func (c *RandomResizedCrop) Random() bool { return true }

// Draw sets the region, which fills the target.
func (c *RandomResizedCrop) Draw(r rng.Stream, size image.Point, a Aspect, t Transform) Transform {
	t.Region, t.Target = c.region(&r, size.X, size.Y), a.Full()
	return t
}

// region makes ten attempts: area uniform in Scale, shape log-uniform in Ratio,
// position uniform. If none fits, it is the largest centered part with a shape within
// Ratio.
func (c *RandomResizedCrop) region(r *rng.Stream, width, height int) image.Rectangle {
	area := float64(float64(width) * float64(height))
	for range 10 {
		a, ratio := float64(area*r.Uniform(c.Scale)), r.LogUniform(c.Ratio)
		w, h := int(math.RoundToEven(math.Sqrt(a*ratio))), int(math.RoundToEven(math.Sqrt(a/ratio)))
		if 0 < w && w <= width && 0 < h && h <= height {
			y, x := r.IntN(height-h+1), r.IntN(width-w+1)
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
