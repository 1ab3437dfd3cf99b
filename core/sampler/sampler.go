// Package sampler decides which images an epoch has, and how often, where that is not
// each of them once. There is one kind per file, which registers itself by name.
package sampler

import (
	"fmt"

	"mixfolder/core/plan"
	"mixfolder/core/registry"
)

// Subset is what a sampler chooses from.
type Subset struct {
	Images int
	// Classes has the index of each image's class; nil if the labels are no classes.
	Classes []int32
}

// Kind holds the parameters of a sampler.
type Kind interface {
	// Validate reports what is wrong with the parameters.
	Validate() error
	// New makes the sampler of a subset.
	New(s Subset) (plan.Sampler, error)
}

// Weighted is a sampler whose images have weights.
type Weighted interface {
	plan.Sampler
	// WithWeights is the same sampler with other weights, one per image. It keeps none of
	// them.
	WithWeights(weights []float32) (Weighted, error)
}

var kinds = registry.New[Kind]("sampler")

// Parse reads the JSON document of a sampler, such as {"balanced": {"samples": null}}.
func Parse(document []byte) (Kind, error) { return kinds.Parse(document) }

// maxSamples bounds an epoch, so that positions fit everywhere.
const maxSamples = 1<<31 - 1

// length is the parameter that all kinds have.
type length struct {
	// Samples is the number of samples in an epoch; nil for the number of images.
	Samples *int `json:"samples"`
}

// Validate reports a number of samples that cannot be.
func (l *length) Validate() error {
	if l.Samples != nil && (*l.Samples < 1 || *l.Samples > maxSamples) {
		return fmt.Errorf("sampler: num_samples must be from 1 to %d, or None for as many as "+
			"there are images, but is %d", maxSamples, *l.Samples)
	}
	return nil
}

func (l *length) of(s Subset) int {
	if l.Samples == nil {
		return s.Images
	}
	return *l.Samples
}
