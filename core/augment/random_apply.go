package augment

import (
	"encoding/json"
	"fmt"
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// RandomApply applies one operation with probability Prob: Grayscale, AutoContrast,
// Equalize, Posterize, Solarize or Sharpness (torchvision's RandomGrayscale and so on).
// It is registered under the name of each.
type RandomApply struct {
	Op   imageop.Op
	Prob float64
}

func init() {
	registerRandomApply(imageop.Grayscale, imageop.AutoContrast, imageop.Equalize,
		imageop.Posterize, imageop.Solarize, imageop.Sharpness)
}

// registerRandomApply makes operations available with a probability of their own.
func registerRandomApply(kinds ...*imageop.Kind) {
	for _, k := range kinds {
		register(func() Augmentation { return &RandomApply{Op: imageop.Op{Kind: k}} })
	}
}

// Name returns the name of the operation.
func (c *RandomApply) Name() string { return c.Op.Name() }

// Validate reports invalid parameters.
func (c *RandomApply) Validate() error {
	if err := checkProb(c.Op.Name(), c.Prob); err != nil {
		return err
	}
	if c.Op.Kind == imageop.Sharpness && c.Op.Args[0] < 0 {
		return fmt.Errorf("augment: factor of sharpness must not be below 0, but is %v",
			c.Op.Args[0])
	}
	return c.Op.Check()
}

// Draw appends the operation or nothing.
func (c *RandomApply) Draw(r rng.Stream, _ image.Point, ops []imageop.Op) []imageop.Op {
	if !r.Bernoulli(c.Prob) {
		return ops
	}
	return append(ops, c.Op)
}

// UnmarshalJSON reads the probability and the operation's own parameters.
func (c *RandomApply) UnmarshalJSON(document []byte) error {
	var numbers map[string]float64
	if err := json.Unmarshal(document, &numbers); err != nil {
		return err
	}
	c.Prob = numbers["prob"]
	delete(numbers, "prob")
	for i, name := range c.Op.Kind.Params() {
		c.Op.Args[i] = numbers[name]
		delete(numbers, name)
	}
	for name := range numbers {
		return fmt.Errorf("unknown field %q", name)
	}
	return nil
}
