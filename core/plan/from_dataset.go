package plan

import "mixfolder/core/rng"

// FromDataset takes the partners from a cyclic order of the subset, the next ones after
// the image: none is the image itself, or another one twice, unless the subset is too
// small. A row decodes all of its images.
const FromDataset Pairing = "dataset"

func init() {
	pairings[FromDataset] = func(s *Spec, _ []int32) (pairing, error) {
		return fromDataset{s.Seed}, nil
	}
}

type fromDataset struct{ seed uint64 }

// pair takes the next images of the cycle. If there are too few, some are repeated; the
// only image of a subset is its own partner.
func (d fromDataset) pair(b *Batch, o *order, first int) {
	n := o.samples
	r := rng.Key(d.seed, b.Epoch, 0).Stream("partner order")
	cycle := r.Permutation(n)
	for i := range b.Samples {
		s, at := &b.Samples[i], cycle.Index((first+i)%n)
		for slot := range s.Partners {
			if o.drawn != nil {
				s.Partners[slot] = decoded(s, slot, o.different(s, slot, func(k int) int32 {
					return o.file(cycle.At((at + 1 + k) % n))
				}))
				continue
			}
			shift := 1 + slot%max(n-1, 1)
			s.Partners[slot] = decoded(s, slot, o.file(cycle.At((at+shift)%n)))
		}
	}
}
