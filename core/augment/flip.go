package augment

import "mixfolder/core/rng"

// Flip controls the axes of random flips, each with probability 1/2.
type Flip struct{ Horizontal, Vertical bool }

// Draw draws the flips of the image with this seed. Both axes are drawn in any case, so
// that one does not change the other.
func (f Flip) Draw(seed rng.Seed) (horizontal, vertical bool) {
	r := seed.Stream("flip")
	coins := r.Uint64()
	return f.Horizontal && coins>>63 == 1, f.Vertical && coins>>62&1 == 1
}
