// Package plan decides what the batches of an epoch are made of: the file of each row,
// the files that it is mixed with, and a seed for every image, from which all other
// random choices about it follow. A plan is a plain value that depends only on the
// Spec, the epoch and the index of the batch.
package plan

import (
	"fmt"
	"slices"

	"mixfolder/core/rng"
)

// MaxImages is the largest number of images that a row can be made of.
const MaxImages = 4

// Pairing controls where the partners of a row come from.
type Pairing string

const (
	// InBatch takes the partners from the same batch, each at a random cyclic shift of
	// its own, so that no image is mixed with itself or twice with the same partner,
	// and each is decoded once. A batch with too few rows for that takes its partners
	// from the data set instead.
	InBatch Pairing = "batch"
	// FromDataset takes the partners from a cyclic permutation of the subset, the next
	// ones after the image: none is the image itself, or another one twice, unless the
	// subset is too small. A row decodes all of its images.
	FromDataset Pairing = "dataset"
)

// Spec determines all plans.
type Spec struct {
	Seed      uint64
	Shuffle   bool
	BatchSize int
	DropLast  bool
	// Images is the number of images that a row is made of, including its own: 1 if
	// nothing is mixed, MaxImages at most.
	Images  int
	Pairing Pairing
}

// Image is one use of a file. Seed is the root of all random choices about that use.
type Image struct {
	File int32 // index in the listing
	Seed rng.Seed
}

// Sample is one row of a batch: its own image, and those that it is mixed with.
type Sample struct {
	Image
	Partners []Partner // Spec.Images - 1 of them
}

// Partner is an image that a row is mixed with.
type Partner struct {
	// Row is the row of the batch that the image belongs to, or -1 if it is decoded for
	// this partner alone.
	Row int
	Image
}

// Batch is the plan of one batch.
type Batch struct {
	Epoch   uint64
	Seed    rng.Seed // of what all samples share
	Samples []Sample
}

// Planner makes plans. It is never changed, so any number of goroutines may use it at
// once. It takes no memory of its own: any batch of any epoch is planned by itself.
type Planner struct {
	spec  Spec
	files []int32
}

// New makes a planner over a subset of files, given as indices in a listing. The
// planner keeps the slice, which must not be changed afterwards.
func New(spec Spec, files []int32) (*Planner, error) {
	switch {
	case spec.BatchSize <= 0:
		return nil, fmt.Errorf("plan: batch_size must be 1 or more, but is %d", spec.BatchSize)
	case spec.Images < 1 || spec.Images > MaxImages:
		return nil, fmt.Errorf("plan: a row is made of 1 to %d images, not of %d", MaxImages,
			spec.Images)
	case spec.Pairing != InBatch && spec.Pairing != FromDataset:
		return nil, fmt.Errorf("plan: pairing must be %q or %q, but is %q", InBatch, FromDataset,
			spec.Pairing)
	}
	p := &Planner{spec: spec, files: files}
	if p.Batches() == 0 {
		return nil, fmt.Errorf("plan: %d image(s) make no batch of %d with drop_last=True: use a "+
			"smaller batch_size or drop_last=False", len(files), spec.BatchSize)
	}
	return p, nil
}

// Batches returns the number of batches in an epoch.
func (p *Planner) Batches() int {
	if p.spec.DropLast {
		return len(p.files) / p.spec.BatchSize
	}
	return (len(p.files) + p.spec.BatchSize - 1) / p.spec.BatchSize
}

// Size returns the number of samples in a batch.
func (p *Planner) Size(number int) int {
	return min(p.spec.BatchSize, len(p.files)-number*p.spec.BatchSize)
}

// Batch returns the plan of one batch. number must be in [0, Batches()).
func (p *Planner) Batch(epoch uint64, number int) Batch {
	n, first, others := p.Size(number), number*p.spec.BatchSize, p.spec.Images-1
	b := Batch{Epoch: epoch, Samples: make([]Sample, n),
		Seed: rng.Key(p.spec.Seed, epoch, uint64(number))}
	slots := make([]Partner, n*others)
	order := p.order(epoch)
	for i, file := range order.files(first, n) {
		b.Samples[i] = Sample{
			Image:    Image{file, rng.Key(p.spec.Seed, epoch, uint64(first+i))},
			Partners: slots[i*others:][:others:others],
		}
	}
	switch {
	case others == 0:
	case p.spec.Pairing == FromDataset:
		pairByPermutation(&b, &order, first, p.cycle(epoch))
	case n > others:
		p.pairRows(&b)
	default:
		pairWithOthers(&b, &order, first)
	}
	return b
}

// pairRows pairs the rows of a batch with each other.
func (p *Planner) pairRows(b *Batch) {
	r := b.Seed.Stream("batch partners")
	n := len(b.Samples)
	for slot, shift := range distinct(&r, n, p.spec.Images-1) {
		for i := range b.Samples {
			row := (i + shift) % n
			b.Samples[i].Partners[slot] = Partner{row, b.Samples[row].Image}
		}
	}
}

// pairWithOthers pairs each row with other images of the subset, none of them twice if
// the subset is large enough. The only image of a subset is its own partner.
func pairWithOthers(b *Batch, o *order, first int) {
	for i := range b.Samples {
		s := &b.Samples[i]
		r := s.Seed.Stream("other partners")
		for slot, shift := range distinct(&r, len(o.all), len(s.Partners)) {
			s.Partners[slot] = decoded(s, slot, o.file((first+i+shift)%len(o.all)))
		}
	}
}

// pairByPermutation pairs the images of the subset by a cyclic permutation: the partners
// of an image are the next ones in the cycle. If there are too few, some are repeated;
// the only image of a subset is its own partner.
func pairByPermutation(b *Batch, o *order, first int, cycle rng.Permutation) {
	n := len(o.all)
	for i := range b.Samples {
		s, at := &b.Samples[i], cycle.Index(first+i)
		for slot := range s.Partners {
			shift := 1 + slot%max(n-1, 1)
			s.Partners[slot] = decoded(s, slot, o.file(cycle.At((at+shift)%n)))
		}
	}
}

// decoded returns a partner that is decoded for s alone.
func decoded(s *Sample, slot int, file int32) Partner {
	return Partner{-1, Image{file, s.Seed.Derive("partner", slot)}}
}

// distinct draws count different shifts from 1 to n-1. If there are too few, some are
// repeated; the only shift for n = 1 is 0.
func distinct(r *rng.Stream, n, count int) []int {
	shifts := make([]int, 0, MaxImages-1)
	for len(shifts) < count {
		shift := 0
		if n > 1 {
			shift = 1 + r.IntN(n-1)
		}
		if len(shifts) >= n-1 || !slices.Contains(shifts, shift) {
			shifts = append(shifts, shift)
		}
	}
	return shifts
}

// order is the order of the files in an epoch.
type order struct {
	all         []int32 // files of the subset
	shuffle     bool
	permutation rng.Permutation // of the indices in all, if they are shuffled
}

func (p *Planner) order(epoch uint64) order {
	o := order{all: p.files, shuffle: p.spec.Shuffle}
	if o.shuffle {
		r := rng.Key(p.spec.Seed, epoch, 0).Stream("order")
		o.permutation = r.Permutation(len(p.files))
	}
	return o
}

// cycle is a random cyclic order of the positions of an epoch.
func (p *Planner) cycle(epoch uint64) rng.Permutation {
	r := rng.Key(p.spec.Seed, epoch, 0).Stream("partner order")
	return r.Permutation(len(p.files))
}

// file returns the file at a position.
func (o *order) file(position int) int32 {
	if o.shuffle {
		position = o.permutation.At(position)
	}
	return o.all[position]
}

// files returns n files, from a position on.
func (o *order) files(first, n int) []int32 {
	if !o.shuffle {
		return o.all[first:][:n]
	}
	positions, files := make([]int, n), make([]int32, n)
	o.permutation.Fill(positions, first)
	for i, position := range positions {
		files[i] = o.all[position]
	}
	return files
}
