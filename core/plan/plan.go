// Package plan decides what the batches of an epoch are made of: the file of each row,
// the files that it is mixed with, and a seed for every image, from which all other
// random choices about it follow. A plan is a plain value that depends only on the
// Spec, the epoch and the index of the batch.
package plan

import (
	"fmt"

	"mixfolder/core/rng"
)

// MaxImages is the largest number of images that a row can be made of.
const MaxImages = 4

// Spec determines all plans.
type Spec struct {
	Seed      uint64
	Shuffle   bool
	BatchSize int
	DropLast  bool
	// Sampler is nil if an epoch has each image once.
	Sampler Sampler
	// Images is the number of images that a row is made of, including its own: 1 if
	// nothing is mixed, MaxImages at most.
	Images  int
	Pairing Pairing
	// Sigma is the parameter of NearbyLabels.
	Sigma float64
	// Labels are needed by the pairings that compare them.
	Labels Labels
	Shard  Shard
}

// Image is one use of a file. Seed is the root of all random choices about that use.
type Image struct {
	File int32 // index in the listing
	Seed rng.Seed
}

// Sample is one row of a batch: its own image, and those that it is mixed with.
type Sample struct {
	Image
	// Pair is the seed of what two rows share that are each other's partner; for other
	// rows it is their own.
	Pair     rng.Seed
	Partners []Partner // Spec.Images - 1 of them
	// Filler: the row repeats an image to fill up the last batch, and is to have no weight.
	Filler bool
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
	Samples []Sample // of one shard
	// first is the position of the first image of all shards, and images their number.
	first, images int
}

// Planner makes plans. It is never changed, so any number of goroutines may use it at
// once. It takes no memory of its own: any batch of any epoch is planned by itself.
type Planner struct {
	spec    Spec
	files   []int32
	samples int     // in an epoch
	pairing pairing // nil if nothing is mixed
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
	}
	p := &Planner{spec: spec, files: files, samples: len(files)}
	if spec.Sampler != nil {
		p.samples = spec.Sampler.Samples()
	}
	if p.Batches() == 0 {
		return nil, fmt.Errorf("plan: %d image(s) make no batch of %d with drop_last=True: use a "+
			"smaller batch_size or drop_last=False", p.samples, spec.BatchSize)
	}
	err := spec.Shard.validate(spec.BatchSize)
	if err != nil {
		return nil, err
	}
	if p.pairing, err = newPairing(&p.spec, files); err != nil {
		return nil, err
	}
	return p, nil
}

// Batches returns the number of batches in an epoch.
func (p *Planner) Batches() int {
	if p.spec.DropLast {
		return p.samples / p.spec.BatchSize
	}
	return (p.samples + p.spec.BatchSize - 1) / p.spec.BatchSize
}

// Size returns the number of samples in a batch, of this shard alone.
func (p *Planner) Size(number int) int {
	if p.spec.Shard.Fills() {
		return p.spec.BatchSize / p.spec.Shard.count()
	}
	return p.images(number)
}

// images is the number of different images in a batch, over all shards.
func (p *Planner) images(number int) int {
	return min(p.spec.BatchSize, p.samples-number*p.spec.BatchSize)
}

// Batch returns the plan of one batch. number must be in [0, Batches()).
func (p *Planner) Batch(epoch uint64, number int) Batch {
	n, others := p.Size(number), p.spec.Images-1
	whole := number * p.spec.BatchSize
	first := whole + p.spec.Shard.Index*n
	order := p.order(epoch)
	b := Batch{Epoch: epoch, Samples: make([]Sample, n), first: whole, images: p.images(number),
		Seed: rng.Key(p.spec.Seed, epoch, uint64(number))}
	slots := make([]Partner, n*others)
	for i, file := range order.files(first, n) {
		seed := order.seed(first + i)
		b.Samples[i] = Sample{Image: Image{file, seed}, Pair: seed,
			Partners: slots[i*others:][:others:others], Filler: first+i >= p.samples}
	}
	if others > 0 {
		p.pairing.pair(&b, &order, first)
	}
	return b
}

// order is the order of the files in an epoch.
type order struct {
	all         []int32 // files of the subset
	samples     int     // in the epoch
	drawn       Order   // by a sampler; nil if there is none
	shuffle     bool
	permutation rng.Permutation // of the indices in all, if they are shuffled
	key, epoch  uint64
}

func (p *Planner) order(epoch uint64) order {
	o := order{all: p.files, samples: p.samples, shuffle: p.spec.Shuffle,
		key: p.spec.Seed, epoch: epoch}
	if s := p.spec.Sampler; s != nil {
		o.drawn = s.Epoch(rng.Key(p.spec.Seed, epoch, 0).Derive("sampler", 0))
	} else if o.shuffle {
		r := rng.Key(p.spec.Seed, epoch, 0).Stream("order")
		o.permutation = r.Permutation(len(p.files))
	}
	return o
}

// seed returns the seed of the image at a position.
func (o *order) seed(position int) rng.Seed { return rng.Key(o.key, o.epoch, uint64(position)) }

// index returns the index in all of the file at a position.
func (o *order) index(position int) int {
	switch {
	case o.drawn != nil:
		return o.drawn.At(position)
	case o.shuffle:
		return o.permutation.At(position)
	}
	return position
}

// file returns the file at a position.
func (o *order) file(position int) int32 { return o.all[o.index(position)] }

// files returns n files, from a position on. The first file follows the last one.
func (o *order) files(first, n int) []int32 {
	if !o.shuffle && o.drawn == nil && first+n <= len(o.all) {
		return o.all[first:][:n]
	}
	indices, files := make([]int, n), make([]int32, n)
	for done := 0; done < n; {
		start := (first + done) % o.samples
		part := indices[done:min(n, done+o.samples-start)]
		o.indices(part, start)
		done += len(part)
	}
	for i, index := range indices {
		files[i] = o.all[index]
	}
	return files
}

// indices writes the indices in all of the files from a position on.
func (o *order) indices(indices []int, first int) {
	if o.drawn == nil && o.shuffle {
		o.permutation.Fill(indices, first)
		return
	}
	for i := range indices {
		indices[i] = o.index(first + i)
	}
}
