package plan

import (
	"errors"
	"fmt"

	"mixfolder/core/rng"
)

// The pairings by class take the partners from the whole subset, and decode them for
// their row alone. Their partners are different images as long as there are enough.
const (
	// SameClass takes any other image of the row's class. The only image of a class is
	// its own partner, decoded by another seed.
	SameClass Pairing = "same_class"
	// OtherClass takes any image of another class.
	OtherClass Pairing = "other_class"
	// Balanced takes an image of any class, its own included, all of them equally likely,
	// and in that class any other image: class-balanced sampling, as in Balanced-MixUp
	// (Galdran, Carneiro and González Ballester, "Balanced-MixUp for Highly Imbalanced
	// Medical Image Classification", 2021). Partners of a row are drawn independently.
	Balanced Pairing = "balanced"
)

func init() {
	pairings[SameClass] = func(s *Spec, files []int32) (pairing, error) {
		c, err := newClasses(s, files)
		return sameClass{c}, err
	}
	pairings[OtherClass] = func(s *Spec, files []int32) (pairing, error) {
		c, err := newClasses(s, files)
		if err == nil && len(c.present) < 2 {
			err = errors.New(`plan: pairing="other_class" needs images of two classes or more: ` +
				`use pairing="batch" or "dataset"`)
		}
		return otherClass{c}, err
	}
	pairings[Balanced] = func(s *Spec, files []int32) (pairing, error) {
		c, err := newClasses(s, files)
		return balanced{c}, err
	}
}

// classes holds the files of a subset by class.
type classes struct {
	of      []int32 // each file of the listing
	files   []int32 // of the subset, sorted by class
	first   []int   // index in files of each class; the last entry is their number
	present []int32 // classes that have files
}

func newClasses(s *Spec, files []int32) (*classes, error) {
	of := s.Labels.Class
	if of == nil {
		return nil, fmt.Errorf("plan: pairing=%q needs one class per file, but the files have "+
			"none: use pairing=\"batch\" or \"dataset\"", s.Pairing)
	}
	c := &classes{of: of, files: make([]int32, len(files))}
	most := int32(0)
	for _, file := range files {
		most = max(most, of[file])
	}
	c.first = make([]int, most+2)
	for _, file := range files {
		c.first[of[file]+1]++
	}
	for class := range most + 1 {
		if c.first[class+1] > 0 {
			c.present = append(c.present, class)
		}
		c.first[class+1] += c.first[class]
	}
	next := append([]int(nil), c.first...)
	for _, file := range files {
		class := of[file]
		c.files[next[class]] = file
		next[class]++
	}
	return c, nil
}

// in returns the files of a class.
func (c *classes) in(class int32) []int32 { return c.files[c.first[class]:c.first[class+1]] }

// other returns the k-th of the files that are not one of them. The last file stands in
// for that one, so k is less than their number - 1.
func other(files []int32, one int32, k int) int32 {
	if file := files[k]; file != one {
		return file
	}
	return files[len(files)-1]
}

type sameClass struct{ *classes }

func (c sameClass) pair(b *Batch, _ *order, _ int) {
	for i := range b.Samples {
		s := &b.Samples[i]
		r, mates := s.Seed.Stream("same class"), c.in(c.of[s.File])
		drawn := distinct(&r, len(mates), len(s.Partners))
		for slot := range s.Partners {
			k := max(drawn[slot]-1, 0)
			s.Partners[slot] = decoded(s, slot, other(mates, s.File, k))
		}
	}
}

type otherClass struct{ *classes }

func (c otherClass) pair(b *Batch, _ *order, _ int) {
	for i := range b.Samples {
		s := &b.Samples[i]
		class := c.of[s.File]
		start, n := c.first[class], len(c.in(class))
		r := s.Seed.Stream("other class")
		drawn := distinct(&r, len(c.files)-n+1, len(s.Partners))
		for slot := range s.Partners {
			k := drawn[slot] - 1
			if k >= start {
				k += n
			}
			s.Partners[slot] = decoded(s, slot, c.files[k])
		}
	}
}

type balanced struct{ *classes }

func (c balanced) pair(b *Batch, _ *order, _ int) {
	for i := range b.Samples {
		s := &b.Samples[i]
		r := s.Seed.Stream("balanced")
		for slot := range s.Partners {
			s.Partners[slot] = decoded(s, slot, c.draw(&r, s.File))
		}
	}
}

// draw draws a class, then another file of it than own, if there is one.
func (c balanced) draw(r *rng.Stream, own int32) int32 {
	class := c.present[r.IntN(len(c.present))]
	files := c.in(class)
	switch {
	case class != c.of[own]:
		return files[r.IntN(len(files))]
	case len(files) == 1:
		return own
	}
	return other(files, own, r.IntN(len(files)-1))
}
