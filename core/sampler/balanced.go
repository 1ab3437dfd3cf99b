package sampler

import (
	"errors"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
)

func init() { kinds.Register("balanced", func() Kind { return new(balanced) }) }

// balanced shows all classes equally often, and within a class all images: in an epoch,
// the numbers of two classes, or of two images of one class, differ by 1 at most. Nothing
// else is fixed: which images of a large class are left out is drawn anew in each epoch,
// and so is the order.
type balanced struct{ length }

func (b *balanced) New(s Subset) (plan.Sampler, error) {
	if s.Classes == nil {
		return nil, errors.New(`sampler: "balanced" needs one class per image, but the labels ` +
			`(those of the first head, if there are several) are tags or numbers, or there are ` +
			`none: use WeightedSampler with a weight per image`)
	}
	images := map[int32][]int32{}
	for i, class := range s.Classes {
		images[class] = append(images[class], int32(i))
	}
	e := &evenly{samples: b.of(s)}
	for class := int32(0); len(e.classes) < len(images); class++ {
		if len(images[class]) > 0 { // a class without images cannot be shown
			e.classes = append(e.classes, images[class])
		}
	}
	return e, nil
}

// evenly deals the samples of an epoch out to the classes in turn, and those of a class
// to its images in turn, then shuffles them.
type evenly struct {
	samples int
	classes [][]int32 // the images of each, at least one
}

func (e *evenly) Samples() int { return e.samples }

func (e *evenly) Epoch(s rng.Seed) plan.Order {
	r := s.Stream("balanced")
	first := r.IntN(len(e.classes))
	return &evenOrder{e, s, first, r.Permutation(e.samples)}
}

type evenOrder struct {
	*evenly
	seed  rng.Seed
	first int // the class that begins, as the first ones may come once more
	deal  rng.Permutation
}

func (o *evenOrder) At(position int) int {
	turn := o.deal.At(position)
	class := (turn + o.first) % len(o.classes)
	images, use := o.classes[class], turn/len(o.classes)
	r := o.seed.Derive("class", class).Derive("round", use/len(images)).Stream("images")
	round := r.Permutation(len(images))
	return int(images[round.At(use%len(images))])
}
