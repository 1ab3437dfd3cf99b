package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mixfolder/core/label"
	"mixfolder/core/source"
)

// List is a list of files that the caller has found, in any order.
type List struct {
	// Names are the files' names in the source. None is opened or looked for: a file
	// that is missing is an error when it is read.
	Names []string
	// Classes are the names of classes or tags. A class may have no file.
	Classes []string
	// Labels has each file's index in Classes.
	Labels []int32
	// Values has, instead of Labels, as many numbers for each file. Without either, and
	// without Classes, the list is flat.
	Values []float32
	// Layouts are those of several heads, whose classes, labels and values follow each
	// other; nil for one head.
	Layouts []Layout
}

// Layout is the part of a list that is the labels of one head.
type Layout struct {
	Classes int `json:"classes"` // number of names
	Width   int `json:"width"`   // values per file; 0 if each file has one class
}

// FromList makes a Dataset, which keeps the slices of the list; nobody may change them
// afterwards.
func FromList(src source.Source, l List) (*Dataset, error) {
	heads, err := l.heads()
	if err != nil {
		return nil, err
	}
	for _, names := range [][]string{{src.Path(".")}, l.Classes, l.Names} {
		for _, n := range names {
			if n == "" || strings.Contains(n, "\x00") {
				return nil, fmt.Errorf("dataset: the list has the name %q: a name must not be "+
					"empty or hold a NUL", n)
			}
		}
	}
	return &Dataset{Source: src, Names: l.Names, Table: heads[0], More: heads[1:],
		Flat: l.flat()}, nil
}

// flat reports whether the files have no labels of any kind.
func (l *List) flat() bool { return len(l.Classes)+len(l.Labels)+len(l.Values) == 0 }

// heads checks the labels of all heads.
func (l *List) heads() ([]label.Table, error) {
	if l.Layouts == nil {
		t, err := l.table()
		return []label.Table{t}, err
	}
	rest, files := *l, len(l.Names)
	var tables []label.Table
	for _, p := range l.Layouts {
		part, indices := List{Names: l.Names}, files
		if p.Width > 0 {
			indices = 0
		}
		var ok [3]bool
		part.Classes, rest.Classes, ok[0] = cut(rest.Classes, p.Classes)
		part.Labels, rest.Labels, ok[1] = cut(rest.Labels, indices)
		part.Values, rest.Values, ok[2] = cut(rest.Values, p.Width*files)
		if ok != [3]bool{true, true, true} {
			return nil, errLayout
		}
		t, err := part.table()
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	if !rest.flat() || len(tables) == 0 {
		return nil, errLayout
	}
	return tables, nil
}

var errLayout = errors.New("dataset: the heads of the list do not add up to its classes, " +
	"labels and values")

// cut splits a slice after n elements, if it has so many.
func cut[T any](s []T, n int) (part, rest []T, ok bool) {
	if n < 0 || n > len(s) {
		return nil, nil, false
	}
	return s[:n:n], s[n:], true
}

// table checks the labels of one head.
func (l *List) table() (t label.Table, err error) {
	files := len(l.Names)
	switch {
	case files == 0:
		return t, errors.New("dataset: the list has no files: name one at least")
	case l.flat():
		return label.Table{Classes: []string{""}, Index: make([]int32, files)}, nil
	case len(l.Values) > 0 && (len(l.Labels) > 0 || len(l.Values)%files != 0):
		return t, fmt.Errorf("dataset: the list has %d files, %d values and %d labels: give as "+
			"many values for each file, and no labels", files, len(l.Values), len(l.Labels))
	case len(l.Values) > 0:
		t = label.Table{Classes: l.Classes, Values: l.Values, Width: len(l.Values) / files}
		if i := slices.IndexFunc(l.Values, isNotFinite); i >= 0 {
			return t, fmt.Errorf("dataset: file %q has the label %v: it must be a finite number",
				l.Names[i/t.Width], l.Values[i])
		}
		return t, nil
	case files != len(l.Labels):
		return t, fmt.Errorf("dataset: the list has %d files but %d labels: give one label per "+
			"file", files, len(l.Labels))
	}
	for i, label := range l.Labels {
		if label < 0 || int(label) >= len(l.Classes) {
			return t, fmt.Errorf("dataset: file %q has label %d: it must be one of 0 to %d, "+
				"the indices of the classes", l.Names[i], label, len(l.Classes)-1)
		}
	}
	return label.Table{Classes: l.Classes, Index: l.Labels}, nil
}

// isNotFinite reports NaN and infinities: only their difference to themselves is not 0.
func isNotFinite(v float32) bool { return v-v != 0 }
