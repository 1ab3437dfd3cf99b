package plan

import (
	"errors"
	"fmt"

	"mixfolder/core/imageop"
)

// Augmentation is one item of the list that every image goes through: a kind of change
// with the bounds that its strength is drawn from. It is *RandomAffine, *ColorJitter,
// *ChannelShift, *Sometimes, *GaussianBlur, *RandomErasing, *RandAugment or
// *TrivialAugmentWide.
type Augmentation interface {
	// Check says what is wrong with the parameters.
	Check() error
	kind() kind
	// ops appends what an image of width x height pixels gets by this seed.
	ops(seed uint64, ops []imageop.Op, width, height int) []imageop.Op
}

// kind tells the streams of different augmentations apart. The numbers are part of what
// a seed means: never change one.
type kind uint64

const (
	kindRandomAffine kind = iota + 1
	kindColorJitter
	kindChannelShift
	kindGrayscale
	kindAutoContrast
	kindEqualize
	kindPosterize
	kindSolarize
	kindSharpness
	kindGaussianBlur
	kindRandomErasing
	kindRandAugment
	kindTrivialAugmentWide
)

// itemSeed is the seed of the n-th item of a kind for an image: neither other kinds nor
// the order of the list matter.
func itemSeed(seed uint64, k kind, n int) uint64 { return mix64(seed ^ mix64(uint64(k)<<32|uint64(n))) }

// Ops appends what a view's image gets after its geometry (Turn), in order.
func (s *Spec) Ops(ops []imageop.Op, v View) []imageop.Op {
	for i, item := range s.Augment {
		n := 0
		for _, before := range s.Augment[:i] {
			if before.kind() == item.kind() {
				n++
			}
		}
		ops = item.ops(itemSeed(v.Augment, item.kind(), n), ops, s.Fit.Width, s.Fit.Height)
	}
	return ops
}

// checkAugment says what is wrong with the list.
func (s *Spec) checkAugment() error {
	for i, item := range s.Augment {
		if item == nil {
			return fmt.Errorf("plan: augmentation %d is nil", i)
		}
		if err := item.Check(); err != nil {
			return err
		}
		if item.kind() == kindRandomAffine && i > 0 {
			return errors.New("plan: RandomAffine must be the first augmentation, once: it is " +
				"part of the map by which an image is sampled")
		}
	}
	return nil
}
