// Package registry maps the names that options use to the kinds of a thing: mixing
// policies, crops, augmentations. Each kind registers itself in its own file.
package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Registry maps names to constructors. It is filled by init functions and only read
// afterwards, by any number of goroutines.
type Registry[T interface{ Validate() error }] struct {
	what  string
	blank map[string]func() T
}

// New makes an empty registry. what names the kind of thing in error messages, prefixed
// by the package: "mix: policy".
func New[T interface{ Validate() error }](what string) *Registry[T] {
	return &Registry[T]{what, map[string]func() T{}}
}

// Register adds a kind. blank returns a pointer to zero parameters, for Parse to fill.
// It panics if the name is taken.
func (r *Registry[T]) Register(name string, blank func() T) {
	if _, taken := r.blank[name]; taken {
		panic(fmt.Sprintf("%s: %q is registered twice", r.what, name))
	}
	r.blank[name] = blank
}

// Names returns the registered names in alphabetical order.
func (r *Registry[T]) Names() []string { return slices.Sorted(maps.Keys(r.blank)) }

// Parse reads a JSON object of one name and its parameters, such as
// {"center_crop": {"fraction": 0.875}}, and validates it. Unknown names and parameters
// are errors. There are no defaults: Python's signatures are the only place for them.
func (r *Registry[T]) Parse(document []byte) (T, error) {
	var none T
	var named map[string]json.RawMessage
	if err := json.Unmarshal(document, &named); err != nil || len(named) != 1 {
		return none, fmt.Errorf("%s: must be an object with one name, but is %s", r.what, document)
	}
	for name, parameters := range named {
		blank, ok := r.blank[name]
		if !ok {
			return none, fmt.Errorf("%s: unknown name %q, must be one of %s", r.what, name,
				strings.Join(r.Names(), ", "))
		}
		value := blank()
		d := json.NewDecoder(bytes.NewReader(parameters))
		d.DisallowUnknownFields()
		if err := d.Decode(value); err != nil {
			return none, fmt.Errorf("%s: %s: %w", r.what, name, err)
		}
		if err := value.Validate(); err != nil {
			return none, err
		}
		return value, nil
	}
	return none, nil
}
