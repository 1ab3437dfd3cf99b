package augment

import (
	"image"
	"math"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// RandomErasing fills a rectangle of random area and shape with Value or, with Noise,
// with random values: Zhong et al., "Random erasing data augmentation", 2017, by
// torchvision's algorithm. If ten attempts yield no rectangle smaller than the image,
// nothing is erased.
type RandomErasing struct {
	Prob float64 `json:"prob"`
	// Scale bounds the rectangle's fraction of the area, Ratio its height over its
	// width.
	Scale [2]float64 `json:"scale"`
	Ratio [2]float64 `json:"ratio"`
	Value [4]byte    `json:"value"`
	Noise bool       `json:"noise"`
}

func init() { register(func() Augmentation { return new(RandomErasing) }) }

// Name returns the registered name.
func (c *RandomErasing) Name() string { return "random_erasing" }

// Validate reports invalid parameters.
func (c *RandomErasing) Validate() error {
	if err := checkProb("RandomErasing", c.Prob); err != nil {
		return err
	}
	if err := checkRange("scale of RandomErasing", c.Scale, 0, 1); err != nil {
		return err
	}
	return checkRange("ratio of RandomErasing", c.Ratio, 1e-6, 1e6)
}

// Draw appends one operation or none.
func (c *RandomErasing) Draw(r rng.Stream, size image.Point, ops []imageop.Op) []imageop.Op {
	if !r.Bernoulli(c.Prob) {
		return ops
	}
	area := float64(float64(size.X) * float64(size.Y))
	for range 10 {
		a, ratio := float64(area*r.Uniform(c.Scale)), r.LogUniform(c.Ratio)
		h, w := int(math.RoundToEven(math.Sqrt(a*ratio))), int(math.RoundToEven(math.Sqrt(a/ratio)))
		if h >= size.Y || w >= size.X {
			continue
		}
		y, x := r.IntN(size.Y-h+1), r.IntN(size.X-w+1)
		o := imageop.Op{Kind: imageop.Erase, Fill: c.Value,
			Args: [6]float64{float64(x), float64(y), float64(w), float64(h)}}
		if c.Noise {
			o.Kind, o.Seed = imageop.EraseNoise, r.Uint64()
		}
		return append(ops, o)
	}
	return ops
}
