package plan

import (
	"fmt"
	"math"
	"math/rand/v2"

	"mixfolder/core/imageop"
)

// dice are the draws of an augmentation for one image. They live on the stack, as a
// rand.Rand does not.
type dice struct{ rand.PCG }

func throw(seed uint64) (d dice) {
	d.Seed(seed, uint64(forAugment))
	return d
}

func (d *dice) chance(prob float64) bool             { return unit(&d.PCG) < prob }
func (d *dice) between(bounds [2]float64) float64    { return between(&d.PCG, bounds) }
func (d *dice) logBetween(bounds [2]float64) float64 { return logBetween(&d.PCG, bounds) }
func (d *dice) below(n int) int                      { return below(&d.PCG, n) }

func checkProb(name string, prob float64) error {
	if !(prob >= 0 && prob <= 1) {
		return fmt.Errorf("plan: prob of %s must be from 0 to 1, but is %v", name, prob)
	}
	return nil
}

// checkOp checks a probability, and an operation at both ends of its first argument.
func checkOp(name string, prob float64, k imageop.Kind, bounds [2]float64) error {
	if err := checkProb(name, prob); err != nil {
		return err
	}
	if !(bounds[0] <= bounds[1]) {
		return fmt.Errorf("plan: %v of %s must be (low, high), but is (%v, %v)", k.Arguments()[0],
			name, bounds[0], bounds[1])
	}
	for _, v := range bounds {
		if err := op(k, v).Check(); err != nil {
			return fmt.Errorf("plan: %s: %w", name, err)
		}
	}
	return nil
}

// op is an operation of one argument.
func op(k imageop.Kind, v float64) imageop.Op { return imageop.Op{Kind: k, Args: [6]float64{v}} }

// ColorJitter changes brightness, contrast, saturation and hue, each by a factor (the
// hue by a share of the circle) drawn between bounds, in random order: torchvision's
// class of that name. Bounds of (1, 1), for the hue (0, 0), change nothing.
type ColorJitter struct {
	Brightness [2]float64 `json:"brightness"`
	Contrast   [2]float64 `json:"contrast"`
	Saturation [2]float64 `json:"saturation"`
	Hue        [2]float64 `json:"hue"`
	Prob       float64    `json:"prob"`
}

// parts are the four changes, and the strength that changes nothing.
func (c *ColorJitter) parts() [4]jitter {
	return [4]jitter{{imageop.Brightness, c.Brightness, 1}, {imageop.Contrast, c.Contrast, 1},
		{imageop.Saturation, c.Saturation, 1},
		{imageop.Hue, c.Hue, 0}}
}

type jitter struct {
	kind    imageop.Kind
	bounds  [2]float64
	neutral float64
}

// Check says what is wrong with the bounds.
func (c *ColorJitter) Check() error {
	for _, p := range c.parts() {
		if err := checkOp("ColorJitter", c.Prob, p.kind, p.bounds); err != nil {
			return err
		}
		if p.neutral == 1 && p.bounds[0] < 0 {
			return fmt.Errorf("plan: %v of ColorJitter must not be below 0, but is (%v, %v)",
				p.kind, p.bounds[0], p.bounds[1])
		}
	}
	return nil
}

func (c *ColorJitter) kind() kind { return kindColorJitter }

func (c *ColorJitter) ops(seed uint64, ops []imageop.Op, _, _ int) []imageop.Op {
	d := throw(seed)
	if !d.chance(c.Prob) {
		return ops
	}
	order := [4]int{0, 1, 2, 3}
	for i := 3; i > 0; i-- {
		j := d.below(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	parts := c.parts()
	var strength [4]float64
	for i, p := range parts {
		strength[i] = d.between(p.bounds)
	}
	for _, i := range order {
		if p := parts[i]; p.bounds != [2]float64{p.neutral, p.neutral} {
			ops = append(ops, op(p.kind, strength[i]))
		}
	}
	return ops
}

// ChannelShift adds one amount between -Range and Range, in pixel values, to all
// channels: Keras' channel_shift_range.
type ChannelShift struct {
	Range float64 `json:"range"`
	Prob  float64 `json:"prob"`
}

// Check says what is wrong with the parameters.
func (c *ChannelShift) Check() error {
	if !(c.Range >= 0 && c.Range <= 255) {
		return fmt.Errorf("plan: range of ChannelShift must be from 0 to 255, but is %v", c.Range)
	}
	return checkProb("ChannelShift", c.Prob)
}

func (c *ChannelShift) kind() kind { return kindChannelShift }

func (c *ChannelShift) ops(seed uint64, ops []imageop.Op, _, _ int) []imageop.Op {
	d := throw(seed)
	if !d.chance(c.Prob) {
		return ops
	}
	v := d.between([2]float64{-c.Range, c.Range})
	return append(ops, imageop.Op{Kind: imageop.ChannelShift, Args: [6]float64{v, v, v}})
}

// RandomApply does one operation with probability Prob: Grayscale, AutoContrast,
// Equalize, Posterize, Solarize or Sharpness (torchvision's RandomGrayscale and so on).
type RandomApply struct {
	Op   imageop.Op
	Prob float64
}

var sometimesKinds = map[imageop.Kind]kind{
	imageop.Grayscale: kindGrayscale, imageop.AutoContrast: kindAutoContrast, imageop.Equalize: kindEqualize,
	imageop.Posterize: kindPosterize, imageop.Solarize: kindSolarize, imageop.Sharpness: kindSharpness,
}

// Check says what is wrong with the parameters.
func (c *RandomApply) Check() error {
	if c.kind() == 0 {
		return fmt.Errorf("plan: operation %v has no probability of its own", c.Op.Kind)
	}
	if err := checkProb(c.Op.Name(), c.Prob); err != nil {
		return err
	}
	if c.Op.Kind == imageop.Sharpness && c.Op.Args[0] < 0 {
		return fmt.Errorf("plan: factor of sharpness must not be below 0, but is %v", c.Op.Args[0])
	}
	return c.Op.Check()
}

func (c *RandomApply) kind() kind { return sometimesKinds[c.Op.Kind] }

func (c *RandomApply) ops(seed uint64, ops []imageop.Op, _, _ int) []imageop.Op {
	if d := throw(seed); !d.chance(c.Prob) {
		return ops
	}
	return append(ops, c.Op)
}

// GaussianBlur blurs by a standard deviation drawn between bounds, in pixels.
type GaussianBlur struct {
	Sigma [2]float64 `json:"sigma"`
	Prob  float64    `json:"prob"`
}

// Check says what is wrong with the parameters.
func (c *GaussianBlur) Check() error {
	return checkOp("GaussianBlur", c.Prob, imageop.GaussianBlur, c.Sigma)
}

func (c *GaussianBlur) kind() kind { return kindGaussianBlur }

func (c *GaussianBlur) ops(seed uint64, ops []imageop.Op, _, _ int) []imageop.Op {
	d := throw(seed)
	if !d.chance(c.Prob) {
		return ops
	}
	return append(ops, op(imageop.GaussianBlur, d.between(c.Sigma)))
}

// RandomErasing fills a rectangle of random area and shape with Value or, with Noise,
// with random values: Zhong et al., "Random erasing data augmentation", 2017, by
// torchvision's algorithm. Where ten attempts give no rectangle smaller than the image
// it does nothing.
type RandomErasing struct {
	Prob float64 `json:"prob"`
	// Scale bounds the rectangle's share of the area, Ratio its height over its width.
	Scale [2]float64 `json:"scale"`
	Ratio [2]float64 `json:"ratio"`
	Value [4]byte    `json:"value"`
	Noise bool       `json:"noise"`
}

// Check says what is wrong with the parameters.
func (c *RandomErasing) Check() error {
	if err := checkProb("RandomErasing", c.Prob); err != nil {
		return err
	}
	if err := checkRange("scale of RandomErasing", c.Scale, 0, 1); err != nil {
		return err
	}
	return checkRange("ratio of RandomErasing", c.Ratio, 1e-6, 1e6)
}

func (c *RandomErasing) kind() kind { return kindRandomErasing }

func (c *RandomErasing) ops(seed uint64, ops []imageop.Op, width, height int) []imageop.Op {
	d := throw(seed)
	if !d.chance(c.Prob) {
		return ops
	}
	area := float64(float64(width) * float64(height))
	for range 10 {
		a, ratio := float64(area*d.between(c.Scale)), d.logBetween(c.Ratio)
		h, w := int(math.RoundToEven(math.Sqrt(a*ratio))), int(math.RoundToEven(math.Sqrt(a/ratio)))
		if h >= height || w >= width {
			continue
		}
		y, x := d.below(height-h+1), d.below(width-w+1)
		o := imageop.Op{Kind: imageop.Erase, Args: [6]float64{float64(x), float64(y), float64(w),
			float64(h)}, Fill: c.Value}
		if c.Noise {
			o.Kind, o.Seed = imageop.EraseNoise, d.Uint64()
		}
		return append(ops, o)
	}
	return ops
}

// RandAugment does NumOps random operations of one strength: Cubuk et al.,
// "RandAugment: Practical automated data augmentation with a reduced search space",
// 2019.
type RandAugment struct {
	NumOps    int `json:"num_ops"`
	Magnitude int `json:"magnitude"` // 0 to imageop.Bins-1
}

// Check says what is wrong with the parameters.
func (c *RandAugment) Check() error {
	const most = 100
	switch {
	case c.NumOps < 1 || c.NumOps > most:
		return fmt.Errorf("plan: num_ops of RandAugment must be from 1 to %d, but is %d", most,
			c.NumOps)
	case c.Magnitude < 0 || c.Magnitude >= imageop.Bins:
		return fmt.Errorf("plan: magnitude of RandAugment must be from 0 to %d, but is %d",
			imageop.Bins-1, c.Magnitude)
	}
	return nil
}

func (c *RandAugment) kind() kind { return kindRandAugment }

func (c *RandAugment) ops(seed uint64, ops []imageop.Op, width, height int) []imageop.Op {
	d, table := throw(seed), imageop.RandAugment
	for range c.NumOps {
		i, negative := d.below(table.Len()), d.chance(0.5)
		ops = append(ops, table.Op(i, c.Magnitude, negative, width, height))
	}
	return ops
}

// TrivialAugmentWide does one random operation of any strength: Müller and Hutter,
// "TrivialAugment: Tuning-free yet state-of-the-art data augmentation", 2021.
type TrivialAugmentWide struct{}

// Check finds nothing wrong.
func (c *TrivialAugmentWide) Check() error { return nil }

func (c *TrivialAugmentWide) kind() kind { return kindTrivialAugmentWide }

func (c *TrivialAugmentWide) ops(seed uint64, ops []imageop.Op, width, height int) []imageop.Op {
	d, table := throw(seed), imageop.TrivialAugmentWide
	i, bin, negative := d.below(table.Len()), d.below(imageop.Bins), d.chance(0.5)
	return append(ops, table.Op(i, bin, negative, width, height))
}
