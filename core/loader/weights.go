package loader

import (
	"errors"
	"fmt"
	"sync"

	"mixfolder/core/label"
	"mixfolder/core/plan"
	"mixfolder/core/sampler"
)

// WeightKind tells what weights are for. The numbers are part of the C ABI.
type WeightKind int32

// Kinds of weights.
const (
	LossWeights     WeightKind = 1 // of samples, in their array of a batch
	SamplingWeights WeightKind = 2 // of the images, in the draws of a sampler
)

// SetWeights sets the weights of a kind, one per file of the subset, from an epoch on;
// they are copied. Until then all are 1. Batches of earlier epochs keep the weights
// before, but of those only the last ones are remembered. Batches that were submitted
// already do not change. Weights that are negative or not finite are an error, and so are
// those of a kind that no option asks for.
func (l *Loader) SetWeights(kind WeightKind, epoch uint64, weights []float32) error {
	if len(weights) != len(l.members) {
		return fmt.Errorf("loader: there are %d weights, but %d images: give one weight per image",
			len(weights), len(l.members))
	}
	for i, w := range weights {
		if !(w >= 0 && w-w == 0) {
			return fmt.Errorf("loader: the weight of %q must be a number of 0 or more, but is %v",
				l.data.Path(l.members[i]), w)
		}
	}
	switch kind {
	case LossWeights:
		return l.setLossWeights(epoch, weights)
	case SamplingWeights:
		return l.setSamplingWeights(epoch, weights)
	}
	return fmt.Errorf("loader: there are no weights of kind %d", kind)
}

func (l *Loader) setLossWeights(epoch uint64, weights []float32) error {
	if !l.config.sampleWeights {
		return errors.New("loader: batches have no sample weights: pass sample_weight=1 to begin " +
			"with equal ones")
	}
	ofFiles := make(label.Weights, len(l.data.Names))
	for i, file := range l.members {
		ofFiles[file] = weights[i]
	}
	l.lossWeights.set(epoch, ofFiles)
	return nil
}

func (l *Loader) setSamplingWeights(epoch uint64, weights []float32) error {
	weighted, ok := l.samplers.at(epoch).(sampler.Weighted)
	if !ok {
		return errors.New("loader: images are not drawn by weights: pass " +
			"sampler=WeightedSampler()")
	}
	other, err := weighted.WithWeights(weights)
	if err == nil {
		l.samplers.set(epoch, other)
	}
	return err
}

// drawn reports whether images are drawn by weights.
func (l *Loader) drawn() bool {
	_, ok := l.samplers.at(0).(sampler.Weighted)
	return ok
}

// planned returns a function that plans a batch by the weights that are set now. Calling it
// may take long with some pairings and samplers, so a worker does. number must be in
// [0, Batches(epoch)).
func (l *Loader) planned(epoch uint64, number int) func() plan.Batch {
	planner := l.phase(epoch).planner.WithSampler(l.samplers.at(epoch))
	return func() plan.Batch { return planner.Batch(epoch, number) }
}

// versions are the values of a thing that can change from an epoch on. They are safe for
// concurrent use.
type versions[T any] struct {
	mu   sync.Mutex
	list []version[T] // by epoch, ascending; the last ones only
}

type version[T any] struct {
	first uint64 // epoch
	value T
}

// remembered is the number of versions that are kept: one for the current epoch, and one
// for those after it.
const remembered = 2

// set replaces the value from an epoch on.
func (v *versions[T]) set(epoch uint64, value T) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.list) > 1 && v.list[len(v.list)-1].first >= epoch {
		v.list = v.list[:len(v.list)-1]
	}
	switch {
	case epoch == 0:
		v.list = nil
	case len(v.list) == 1:
		v.list[0].first = 0 // it holds in all earlier epochs
	}
	v.list = append(v.list, version[T]{epoch, value})
	v.list = v.list[max(0, len(v.list)-remembered):]
}

// at is the value in an epoch: the oldest one that is remembered, if there are only later
// ones.
func (v *versions[T]) at(epoch uint64) T {
	v.mu.Lock()
	defer v.mu.Unlock()
	k := len(v.list) - 1
	for k > 0 && v.list[k].first > epoch {
		k--
	}
	return v.list[k].value
}
