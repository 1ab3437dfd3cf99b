package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mixfolder/core/rng"
)

// Pairing controls where the partners of a row come from. There is one pairing per
// name, which its file registers.
type Pairing string

// Labels are what some pairings compare: the labels of all files of the listing, which
// must not be changed afterwards.
type Labels struct {
	Class  []int32   // each file's class; nil if files have none
	Values []float32 // Width numbers per file; nil if files have none
	Width  int
}

// pairing chooses the partners of a batch's rows, which are at the positions of an epoch
// from first on. It is never changed, so any number of goroutines may use it at once.
type pairing interface {
	pair(b *Batch, o *order, first int)
}

// pairings make a pairing for the files of a subset. They refuse what they cannot pair,
// with the remedy.
var pairings = map[Pairing]func(s *Spec, files []int32) (pairing, error){}

// newPairing returns nil if nothing is mixed.
func newPairing(s *Spec, files []int32) (pairing, error) {
	factory, ok := pairings[s.Pairing]
	if !ok {
		names := slices.Sorted(maps.Keys(pairings))
		quoted := make([]string, len(names))
		for i, name := range names {
			quoted[i] = fmt.Sprintf("%q", name)
		}
		return nil, fmt.Errorf("plan: pairing must be one of %s, but is %q",
			strings.Join(quoted, ", "), s.Pairing)
	}
	if s.Images == 1 {
		return nil, nil
	}
	return factory(s, files)
}

// decoded returns a partner that is decoded for s alone.
func decoded(s *Sample, slot int, file int32) Partner {
	return Partner{-1, Image{file, s.Seed.Derive("partner", slot)}}
}

// shifts are what has been drawn for the slots of a row.
type shifts [MaxImages - 1]int

// distinct draws count different shifts from 1 to n-1. If there are too few, some are
// repeated; the only shift for n = 1 is 0.
func distinct(r *rng.Stream, n, count int) (s shifts) {
	for k := 0; k < count; {
		shift := 0
		if n > 1 {
			shift = 1 + r.IntN(n-1)
		}
		if k >= n-1 || !slices.Contains(s[:k], shift) {
			s[k] = shift
			k++
		}
	}
	return s
}
