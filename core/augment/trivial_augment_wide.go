package augment

import (
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// TrivialAugmentWide applies one random operation of random strength: Müller and
// Hutter, "TrivialAugment: Tuning-free yet state-of-the-art data augmentation", 2021.
type TrivialAugmentWide struct{}

func init() { register(func() Augmentation { return new(TrivialAugmentWide) }) }

// Name returns the registered name.
func (c *TrivialAugmentWide) Name() string { return "trivial_augment_wide" }

// Validate returns nil: there are no parameters.
func (c *TrivialAugmentWide) Validate() error { return nil }

// Draw appends one operation.
func (c *TrivialAugmentWide) Draw(r rng.Stream, size image.Point,
	ops []imageop.Op) []imageop.Op {
	drawn, bin, negative := &choices[r.IntN(len(choices))], r.IntN(bins), r.Bernoulli(0.5)
	return append(ops, drawn.at(true, bin, negative, size))
}
