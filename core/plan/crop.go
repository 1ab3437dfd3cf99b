package plan

import (
	"fmt"
	"image"
	"math"
	"math/bits"
	"math/rand/v2"
)

// RandomResizedCrop shows a random part of a picture, of random area and shape, stretched to the target: the "Inception crop" of
// Szegedy et al., "Going deeper with convolutions", 2015, by torchvision's algorithm.
type RandomResizedCrop struct {
	// Scale bounds the part's share of the area, Ratio its width over its height.
	Scale, Ratio [2]float64
}

// Check says what is wrong with the bounds.
func (c *RandomResizedCrop) Check() error {
	if s := c.Scale; !(s[0] > 0 && s[0] <= s[1] && s[1] <= 1) {
		return fmt.Errorf("plan: scale of RandomResizedCrop must be (low, high) with 0 < low <= high <= 1, but is (%v, %v)", s[0], s[1])
	}
	if r := c.Ratio; !(r[0] > 0 && r[0] <= r[1] && !math.IsInf(r[1], 1)) {
		return fmt.Errorf("plan: ratio of RandomResizedCrop must be (low, high) with 0 < low <= high, but is (%v, %v)", r[0], r[1])
	}
	return nil
}

// draw makes ten attempts: area uniform in Scale, shape log-uniform in Ratio, place uniform. If none fits, it takes the largest
// centred part whose shape is within Ratio.
func (c *RandomResizedCrop) draw(seed uint64, width, height int) image.Rectangle {
	var r rand.PCG // on the stack, as a rand.Rand is not
	r.Seed(seed, uint64(forCrop))
	area := float64(width) * float64(height)
	low, high := math.Log(c.Ratio[0]), math.Log(c.Ratio[1])
	for range 10 {
		a := area * (c.Scale[0] + (c.Scale[1]-c.Scale[0])*unit(&r))
		ratio := math.Exp(low + (high-low)*unit(&r))
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

// unit draws from [0, 1).
func unit(r *rand.PCG) float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// below draws from 0..n-1. Its bias, less than n in 2^64, is not to be measured.
func below(r *rand.PCG, n int) int {
	high, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(high)
}
