package augment

import "mixfolder/core/rng"

// Flip says which mirror images there are, each with probability 1/2.
type Flip struct{ Horizontal, Vertical bool }

// Draw decides about the image of this seed. Either coin is tossed whether it counts or
// not.
func (f Flip) Draw(seed rng.Seed) (horizontal, vertical bool) {
	r := seed.Stream("flip")
	coins := r.Uint64()
	return f.Horizontal && coins>>63 == 1, f.Vertical && coins>>62&1 == 1
}
