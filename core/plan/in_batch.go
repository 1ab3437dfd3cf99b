package plan

import "fmt"

const (
	// InBatch takes the partners from the same batch, each at a random cyclic shift of
	// its own, so that no image is mixed with itself or twice with the same partner,
	// and each is decoded once. A batch with too few rows for that takes its partners
	// from the data set instead.
	InBatch Pairing = "batch"
	// Global takes the partners from the batch of all shards, so that rows are the same
	// for any number of them: a partner in another shard is decoded here as well. Without
	// shards it is InBatch.
	Global Pairing = "global"
	// Reversed pairs row i of n with row n-1-i, and that one with row i, as timm does.
	// The row in the middle of an odd batch has the next one, and the only row of a batch
	// another image of the data set.
	Reversed Pairing = "reversed"
)

func init() {
	pairings[InBatch] = func(*Spec, []int32) (pairing, error) { return inBatch{false}, nil }
	pairings[Global] = func(*Spec, []int32) (pairing, error) { return inBatch{true}, nil }
	pairings[Reversed] = func(s *Spec, _ []int32) (pairing, error) {
		if s.Images > 2 {
			return nil, fmt.Errorf("plan: pairing=%q gives a row one partner, but mix= needs %d: "+
				"use pairing=%q", Reversed, s.Images-1, InBatch)
		}
		return reversed{}, nil
	}
}

type inBatch struct{ ofAll bool }

func (p inBatch) pair(b *Batch, o *order, first int) {
	start, n := first, len(b.Samples)
	if p.ofAll {
		start, n = b.first, b.images
	}
	others := len(b.Samples[0].Partners)
	switch {
	case o.drawn != nil && pairGroups(b, o, first, start, n):
		return
	case o.drawn != nil || n <= others:
		pairWithOthers(b, o, first)
		return
	}
	r := b.Seed.Stream("batch partners")
	drawn := distinct(&r, n, others)
	for slot, shift := range drawn[:others] {
		for i := range b.Samples {
			row := (first + i - start + shift) % n
			b.Samples[i].Partners[slot] = b.partner(o, start+row, first)
		}
	}
}

// partner is the image at a position: of a row, if it is one of the batch's.
func (b *Batch) partner(o *order, position, first int) Partner {
	if row := position - first; row >= 0 && row < len(b.Samples) {
		return Partner{row, b.Samples[row].Image}
	}
	return Partner{-1, Image{o.file(position), o.seed(position)}}
}

// pairWithOthers pairs each row with other images of the epoch, none of them twice if
// there are enough. The only image is its own partner.
func pairWithOthers(b *Batch, o *order, first int) {
	for i := range b.Samples {
		s := &b.Samples[i]
		if o.drawn != nil {
			pairWithAny(s, o)
			continue
		}
		r := s.Seed.Stream("other partners")
		drawn := distinct(&r, len(o.all), len(s.Partners))
		for slot := range s.Partners {
			at := (first + i + drawn[slot]) % len(o.all)
			s.Partners[slot] = decoded(s, slot, o.file(at))
		}
	}
}

type reversed struct{}

func (reversed) pair(b *Batch, o *order, first int) {
	n := len(b.Samples)
	if n == 1 {
		pairWithOthers(b, o, first)
		return
	}
	for i := range b.Samples {
		row := n - 1 - i
		if row == i {
			row++
		}
		if o.drawn != nil && b.Samples[row].File == b.Samples[i].File {
			pairWithAny(&b.Samples[i], o)
			continue
		}
		if row == n-1-i {
			b.Samples[i].Pair = b.Samples[min(i, row)].Seed
		}
		b.Samples[i].Partners[0] = Partner{row, b.Samples[row].Image}
	}
}
