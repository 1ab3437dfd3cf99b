package sampler

import (
	"fmt"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
)

func init() { kinds.Register("repeated", func() Kind { return new(repeated) }) }

// repeated shows each image several times in a row, differently cropped and augmented, and
// correspondingly fewer images in an epoch: position p shows image floor(p/Repeats) of a
// random order.
type repeated struct {
	length
	Repeats float64 `json:"repeats"` // 1 or more; 1.5 is once and twice in turn
}

func (p *repeated) Validate() error {
	if !(p.Repeats >= 1 && p.Repeats <= maxSamples) {
		return fmt.Errorf("sampler: repeats of RepeatedAugmentation must be 1 or more, but is %v",
			p.Repeats)
	}
	return p.length.Validate()
}

func (p *repeated) New(s Subset) (plan.Sampler, error) {
	r := &inARow{s.Images, p.of(s), p.Repeats}
	if r.index(r.samples-1) >= s.Images {
		return nil, fmt.Errorf("sampler: num_samples=%d is more than %d images repeated %v times: "+
			"use fewer samples or more repeats", r.samples, s.Images, p.Repeats)
	}
	return r, nil
}

type inARow struct {
	images, samples int
	repeats         float64
}

func (r *inARow) Samples() int { return r.samples }

// index is the index in the order of images that a position shows.
func (r *inARow) index(position int) int { return int(float64(position) / r.repeats) }

func (r *inARow) Epoch(s rng.Seed) plan.Order {
	stream := s.Stream("repeated")
	return &rowOrder{r, stream.Permutation(r.images)}
}

type rowOrder struct {
	*inARow
	order rng.Permutation
}

func (o *rowOrder) At(position int) int { return o.order.At(o.index(position)) }
