package augment

import (
	"fmt"
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// RandAugment applies NumOps random operations of one strength: Cubuk et al.,
// "RandAugment: Practical automated data augmentation with a reduced search space",
// 2019.
type RandAugment struct {
	NumOps    int `json:"num_ops"`
	Magnitude int `json:"magnitude"` // 0 to bins-1
}

func init() { register(func() Augmentation { return new(RandAugment) }) }

// Name returns the registered name.
func (c *RandAugment) Name() string { return "rand_augment" }

// Validate reports invalid parameters.
func (c *RandAugment) Validate() error {
	const maxOps = 100
	switch {
	case c.NumOps < 1 || c.NumOps > maxOps:
		return fmt.Errorf("augment: num_ops of RandAugment must be from 1 to %d, but is %d", maxOps,
			c.NumOps)
	case c.Magnitude < 0 || c.Magnitude >= bins:
		return fmt.Errorf("augment: magnitude of RandAugment must be from 0 to %d, but is %d",
			bins-1, c.Magnitude)
	}
	return nil
}

// Draw appends NumOps operations.
func (c *RandAugment) Draw(r rng.Stream, size image.Point, ops []imageop.Op) []imageop.Op {
	for range c.NumOps {
		drawn, negative := &choices[r.IntN(len(choices))], r.Bernoulli(0.5)
		ops = append(ops, drawn.at(false, c.Magnitude, negative, size))
	}
	return ops
}
