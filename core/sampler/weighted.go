package sampler

import (
	"errors"
	"fmt"
	"sort"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
)

func init() { kinds.Register("weighted", func() Kind { return new(weighted) }) }

// weighted draws images by their weights, which are all equal at first.
type weighted struct {
	length
	Replacement bool `json:"replacement"`
}

func (w *weighted) Validate() error {
	if !w.Replacement && w.Samples == nil {
		return errors.New("sampler: WeightedSampler with replacement=False needs num_samples, less " +
			"than the number of images: otherwise each image comes once, whatever its weight")
	}
	return w.length.Validate()
}

func (w *weighted) New(s Subset) (plan.Sampler, error) {
	equal := make([]float32, s.Images)
	for i := range equal {
		equal[i] = 1
	}
	if w.Replacement {
		return (&withReplacement{samples: w.of(s)}).WithWeights(equal)
	}
	return (&withoutReplacement{samples: w.of(s)}).WithWeights(equal)
}

// check counts the images with a weight above 0, of which there must be some. Each weight
// is finite and not negative.
func check(weights []float32) (positive int, err error) {
	for i, w := range weights {
		if !(w >= 0 && w-w == 0) {
			return 0, fmt.Errorf("sampler: the weight of image %d must be 0 or more, but is %v", i, w)
		}
		if w > 0 {
			positive++
		}
	}
	if positive == 0 {
		return 0, errors.New("sampler: all images have the weight 0: give one at least a weight " +
			"above 0")
	}
	return positive, nil
}

// withReplacement draws each sample by itself: image i with probability w_i / sum of w.
type withReplacement struct {
	samples int
	sums    []float64 // of the weights up to each image
}

func (w *withReplacement) WithWeights(weights []float32) (Weighted, error) {
	if _, err := check(weights); err != nil {
		return nil, err
	}
	sums, sum := make([]float64, len(weights)), 0.0
	for i, weight := range weights {
		sum += float64(weight)
		sums[i] = sum
	}
	return &withReplacement{w.samples, sums}, nil
}

func (w *withReplacement) Samples() int { return w.samples }

func (w *withReplacement) Epoch(s rng.Seed) plan.Order { return &independent{w, s} }

type independent struct {
	*withReplacement
	seed rng.Seed
}

func (o *independent) At(position int) int {
	r := o.seed.Derive("weighted", position).Stream("image")
	point := float64(r.Float64() * o.sums[len(o.sums)-1])
	return sort.Search(len(o.sums), func(i int) bool { return o.sums[i] > point })
}
