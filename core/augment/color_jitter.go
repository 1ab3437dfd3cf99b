package augment

import (
	"fmt"
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// ColorJitter changes brightness, contrast, saturation and hue, each by a factor (the
// hue by a fraction of the circle) drawn between bounds, in random order: torchvision's
// class of that name. Bounds of (1, 1), for the hue (0, 0), change nothing.
type ColorJitter struct {
	Brightness [2]float64 `json:"brightness"`
	Contrast   [2]float64 `json:"contrast"`
	Saturation [2]float64 `json:"saturation"`
	Hue        [2]float64 `json:"hue"`
	Prob       float64    `json:"prob"`
}

func init() { register(func() Augmentation { return new(ColorJitter) }) }

// jitter is one of the four changes. It does nothing at the strength neutral.
type jitter struct {
	kind    *imageop.Kind
	bounds  [2]float64
	neutral float64
}

func (c *ColorJitter) parts() [4]jitter {
	return [4]jitter{
		{imageop.Brightness, c.Brightness, 1},
		{imageop.Contrast, c.Contrast, 1},
		{imageop.Saturation, c.Saturation, 1},
		{imageop.Hue, c.Hue, 0},
	}
}

// Name returns the registered name.
func (c *ColorJitter) Name() string { return "color_jitter" }

// Validate reports invalid bounds.
func (c *ColorJitter) Validate() error {
	for _, p := range c.parts() {
		if err := checkOp("ColorJitter", c.Prob, p.kind, p.bounds); err != nil {
			return err
		}
		if p.neutral == 1 && p.bounds[0] < 0 {
			return fmt.Errorf("augment: %v of ColorJitter must not be below 0, but is (%v, %v)",
				p.kind, p.bounds[0], p.bounds[1])
		}
	}
	return nil
}

// Draw appends up to four operations.
func (c *ColorJitter) Draw(r rng.Stream, _ image.Point, ops []imageop.Op) []imageop.Op {
	if !r.Bernoulli(c.Prob) {
		return ops
	}
	order := [4]int32{0, 1, 2, 3}
	r.Shuffle(order[:])
	parts := c.parts()
	var strength [4]float64
	for i, p := range parts {
		strength[i] = r.Uniform(p.bounds)
	}
	for _, i := range order {
		if p := parts[i]; p.bounds != [2]float64{p.neutral, p.neutral} {
			ops = append(ops, op(p.kind, strength[i]))
		}
	}
	return ops
}
