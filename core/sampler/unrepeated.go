package sampler

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"mixfolder/core/exact"
	"mixfolder/core/plan"
	"mixfolder/core/quickselect"
	"mixfolder/core/rng"
)

// withoutReplacement draws different images: one after the other, each with a probability
// proportional to its weight among those that are left, by the exponential keys of
// Efraimidis and Spirakis, "Weighted random sampling with a reservoir", Information
// Processing Letters 97, 2006. Those drawn are then shuffled, as early ones tend to have
// larger weights.
type withoutReplacement struct {
	samples int
	weights []float32

	mu     sync.Mutex
	drawn  [2]draw // the ones used last: batches of the next epoch are prefetched
	oldest int
}

type draw struct {
	seed   rng.Seed
	images []int32 // ascending
}

func (w *withoutReplacement) WithWeights(weights []float32) (Weighted, error) {
	positive, err := check(weights)
	if err != nil {
		return nil, err
	}
	if positive < w.samples {
		return nil, fmt.Errorf("sampler: num_samples=%d, but only %d images have a weight above 0: "+
			"use fewer samples, or replacement=True", w.samples, positive)
	}
	return &withoutReplacement{samples: w.samples, weights: slices.Clone(weights)}, nil
}

func (w *withoutReplacement) Samples() int { return w.samples }

func (w *withoutReplacement) Epoch(s rng.Seed) plan.Order {
	r := s.Stream("order of the drawn")
	return &drawnOrder{w.draw(s), r.Permutation(w.samples)}
}

type drawnOrder struct {
	images []int32
	order  rng.Permutation
}

func (o *drawnOrder) At(position int) int { return int(o.images[o.order.At(position)]) }

// draw returns the images of an epoch.
func (w *withoutReplacement) draw(s rng.Seed) []int32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.drawn {
		if d.images != nil && d.seed == s {
			return d.images
		}
	}
	images := w.smallest(s)
	w.drawn[w.oldest] = draw{s, images}
	w.oldest = (w.oldest + 1) % len(w.drawn)
	return images
}

// smallest returns the images with the smallest keys: image i has an exponential variate
// divided by its weight.
func (w *withoutReplacement) smallest(s rng.Seed) []int32 {
	keys := make([]float64, len(w.weights))
	for i, weight := range w.weights {
		keys[i] = math.Inf(1)
		if weight > 0 {
			bits := rng.Mix64(s[0]^rng.Mix64(s[1]+uint64(i))) >> 11
			keys[i] = -exact.Log((float64(bits)+0.5)/(1<<53)) / float64(weight)
		}
	}
	sorted := slices.Clone(keys)
	quickselect.Select(sorted, w.samples-1, func(key float64) float64 { return key })
	limit := sorted[w.samples-1]
	images := make([]int32, 0, w.samples)
	for i, key := range keys {
		if key <= limit && len(images) < w.samples { // equal keys: the first ones
			images = append(images, int32(i))
		}
	}
	return images
}
