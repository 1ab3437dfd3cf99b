// Package augment makes the random choices about single images: the crop, flips, the
// affine map and other changes. Each transform draws a plain value from a random
// stream, a Transform or a list of imageop.Op; packages resample and imageop apply it,
// and nothing there is random.
//
// A new transform is one file: a type with its parameters as JSON fields, its Validate
// and Draw, and an init function that registers it.
package augment

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/registry"
	"mixfolder/core/rng"
)

// Augmentation is a random change of finished images, such as *ColorJitter.
type Augmentation interface {
	// Name returns the registered name. The random draws depend on it.
	Name() string
	// Validate reports invalid parameters.
	Validate() error
	// Draw appends the operations for an image of this size to ops, without other
	// allocations.
	Draw(r rng.Stream, size image.Point, ops []imageop.Op) []imageop.Op
}

var augmentations = registry.New[Augmentation]("augment: augmentation")

// register adds a kind of augmentation. blank returns a pointer with zero parameters.
func register(blank func() Augmentation) { augmentations.Register(blank().Name(), blank) }

// List is the list of augmentations that are applied to every image, in order. The zero
// value is empty. It is safe for concurrent use.
type List struct{ items []item }

type item struct {
	Augmentation
	name string
	n    int // how many items before it have the same name
}

// NewList makes a list of valid augmentations.
func NewList(augmentations ...Augmentation) List {
	var l List
	seen := map[string]int{}
	for _, a := range augmentations {
		name := a.Name()
		l.items = append(l.items, item{a, name, seen[name]})
		seen[name]++
	}
	return l
}

// ParseList reads the items of a list, such as {"grayscale": {"prob": 0.1}}.
func ParseList(documents []json.RawMessage) (List, error) {
	var parsed []Augmentation
	for i, document := range documents {
		a, err := augmentations.Parse(document)
		if err != nil {
			if _, is := geometrics.Parse(document); is == nil {
				err = errors.New("RandomAffine is no item of augment=[...] but an argument of its " +
					"own: from_directory(..., affine=RandomAffine(...))")
			}
			return List{}, fmt.Errorf("augment[%d]: %w", i, err)
		}
		parsed = append(parsed, a)
	}
	return NewList(parsed...), nil
}

// Len returns the number of augmentations.
func (l *List) Len() int { return len(l.items) }

// Draw appends the operations for the image of this seed and size to ops. The draws of
// an augmentation depend on its name and on how many of that name come before it, so
// that adding or removing others does not change them.
func (l *List) Draw(seed rng.Seed, size image.Point, ops []imageop.Op) []imageop.Op {
	for i := range l.items {
		a := &l.items[i]
		ops = a.Draw(seed.Derive(a.name, a.n).Stream("augment"), size, ops)
	}
	return ops
}
