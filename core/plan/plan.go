// Package plan draws all the chance of a batch: which images, in which order, how they
// are cropped, flipped and augmented, who is mixed with whom and by how much. A Batch
// is a plain value. It depends on nothing but the Spec, the epoch and the batch's
// number.
package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// Pairing says where the partners come from.
type Pairing string

const (
	// InBatch mixes a batch with itself, shifted cyclically by a random number of
	// places, so that nobody meets itself. Each image is decoded once. A batch of one
	// takes its partner from the data set.
	InBatch Pairing = "batch"
	// FromDataset takes the partners from a second permutation of the subset, in which
	// no image meets itself unless it is the only one. Two images are decoded for each
	// sample.
	FromDataset Pairing = "dataset"
)

// Spec is what a plan is drawn from.
type Spec struct {
	Seed      uint64
	Shuffle   bool
	BatchSize int
	DropLast  bool
	// Alpha is the parameter of Beta(Alpha, Alpha); 0 means that nothing is mixed.
	Alpha   float64
	Pairing Pairing
	// FlipHorizontal and FlipVertical each flip an image with probability 1/2.
	FlipHorizontal, FlipVertical bool
	// Cropping, if set, chooses the part that is shown.
	Cropping Crop
	// Augment is what happens to each image, in this order. A RandomAffine must be the
	// first.
	Augment []Augmentation
	// Fit says how an image of another shape comes to the target's shape.
	Fit Fit
}

// View is how one image is looked at.
type View struct {
	// File is the index in the listing.
	File                         int32
	FlipHorizontal, FlipVertical bool
	// Crop is the seed of the random crop, which depends on the image's size.
	Crop uint64
	// Augment is the seed of the augmentations: Turn and Ops tell what follows from it.
	Augment uint64
}

// Sample is one row of a batch: Lambda * View + (1 - Lambda) * partner.
type Sample struct {
	View
	// Mixed is false where the sample is View alone; then Lambda is 1.
	Mixed bool
	// Lambda has 64 bits because much of Beta(0.1, 0.1) lies nearer to 1 than 32 can
	// tell.
	Lambda float64
	// Row is the row of the batch that is the partner; -1 where the partner is decoded
	// anew, by Partner.
	Row     int
	Partner View
}

// Batch is the plan of one batch.
type Batch struct {
	Epoch   uint64
	Number  int
	Samples []Sample
}

// PartnerOf is the view that row i is mixed with; only for a row that is Mixed.
func (b Batch) PartnerOf(i int) View {
	if row := b.Samples[i].Row; row >= 0 {
		return b.Samples[row].View
	}
	return b.Samples[i].Partner
}

// Planner draws batches. It is safe for concurrent use.
type Planner struct {
	spec  Spec
	files []int32

	mu     sync.Mutex
	orders [4]order // the permutations asked for last
	oldest int
}

type order struct {
	epoch uint64
	p     purpose
	perm  []int32
}

// New makes a planner over the subset files (indices in a listing). The planner keeps
// files, which nobody may change afterwards.
func New(spec Spec, files []int32) (*Planner, error) {
	switch {
	case spec.BatchSize <= 0:
		return nil, fmt.Errorf("plan: batch_size must be 1 or more, but is %d", spec.BatchSize)
	case spec.Alpha != 0 && !(spec.Alpha > 0 && !math.IsInf(spec.Alpha, 1)):
		return nil, fmt.Errorf("plan: alpha of MixUp must be above 0, but is %v: use mix=None to "+
			"mix nothing", spec.Alpha)
	case spec.Pairing != InBatch && spec.Pairing != FromDataset:
		return nil, fmt.Errorf("plan: pairing must be %q or %q, but is %q", InBatch, FromDataset,
			spec.Pairing)
	}
	if err := spec.checkAugment(); err != nil {
		return nil, err
	}
	p := &Planner{spec: spec, files: files}
	if p.Batches() == 0 {
		return nil, fmt.Errorf("plan: %d image(s) make no batch of %d with drop_last=True: use a "+
			"smaller batch_size or drop_last=False",
			len(files), spec.BatchSize)
	}
	return p, nil
}

// Batches is the number of batches in an epoch.
func (p *Planner) Batches() int {
	if p.spec.DropLast {
		return len(p.files) / p.spec.BatchSize
	}
	return (len(p.files) + p.spec.BatchSize - 1) / p.spec.BatchSize
}

// Size is the number of samples in a batch.
func (p *Planner) Size(number int) int {
	return min(p.spec.BatchSize, len(p.files)-number*p.spec.BatchSize)
}

// Batch draws the plan of one batch. number must lie in [0, Batches()).
func (p *Planner) Batch(epoch uint64, number int) Batch {
	n, first := p.Size(number), number*p.spec.BatchSize
	b := Batch{Epoch: epoch, Number: number, Samples: make([]Sample, n)}
	for i := range b.Samples {
		b.Samples[i] = Sample{View: p.view(epoch, first+i, own), Lambda: 1, Row: -1}
	}
	if p.spec.Alpha > 0 {
		p.mix(&b, first)
	}
	return b
}

// draws are the purposes of the draws that make a View.
type draws struct{ order, flip, crop, augment purpose }

var (
	// of the image in a row
	own = draws{forOrder, forFlip, forCrop, forAugment}
	// of a partner in the second permutation
	second = draws{forPartnerOrder, forPartnerFlip, forPartnerCrop, forPartnerAugment}
	// of a partner in the first one, looked at once more
	anew = draws{forOrder, forPartnerFlip, forPartnerCrop, forPartnerAugment}
)

// view is the image at a position of an epoch and its own chance.
func (p *Planner) view(epoch uint64, position int, d draws) View {
	v := View{File: p.files[p.at(epoch, position, d.order)]}
	if p.spec.FlipHorizontal || p.spec.FlipVertical {
		coins := stream(p.spec.Seed, epoch, uint64(position), d.flip).Uint64()
		v.FlipHorizontal = p.spec.FlipHorizontal && coins>>63 == 1
		v.FlipVertical = p.spec.FlipVertical && coins>>62&1 == 1
	}
	if c := p.spec.Cropping; c != nil && c.Varies() {
		v.Crop = stream(p.spec.Seed, epoch, uint64(position), d.crop).Uint64()
	}
	if len(p.spec.Augment) > 0 {
		v.Augment = stream(p.spec.Seed, epoch, uint64(position), d.augment).Uint64()
	}
	return v
}

func (p *Planner) mix(b *Batch, first int) {
	n := len(b.Samples)
	shift := 0
	if n > 1 {
		r := rand.New(stream(p.spec.Seed, b.Epoch, uint64(b.Number), forShift))
		shift = 1 + r.IntN(n-1)
	}
	for i := range b.Samples {
		s := &b.Samples[i]
		s.Mixed = true
		s.Lambda = beta(stream(p.spec.Seed, b.Epoch, uint64(first+i), forLambda), p.spec.Alpha)
		switch {
		case p.spec.Pairing == FromDataset:
			s.Partner = p.view(b.Epoch, first+i, second)
		case n == 1:
			s.Partner = p.view(b.Epoch, p.other(b.Epoch, first+i), anew)
		default:
			s.Row = (i + shift) % n
		}
	}
}

// other is the position of any other image of the subset; the same position where there
// is no other.
func (p *Planner) other(epoch uint64, position int) int {
	n := len(p.files)
	if n == 1 {
		return position
	}
	return (position + 1 + below(stream(p.spec.Seed, epoch, uint64(position), forOther), n-1)) % n
}

// at is the place in files of a position in the epoch, or of its partner.
func (p *Planner) at(epoch uint64, position int, purpose purpose) int32 {
	if purpose == forPartnerOrder {
		position = int(p.order(epoch, forPartnerOrder)[position])
	}
	if !p.spec.Shuffle {
		return int32(position)
	}
	return p.order(epoch, forOrder)[position]
}

func (p *Planner) order(epoch uint64, purpose purpose) []int32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.orders {
		if o := &p.orders[i]; o.perm != nil && o.epoch == epoch && o.p == purpose {
			return o.perm
		}
	}
	perm := make([]int32, len(p.files))
	for i := range perm {
		perm[i] = int32(i)
	}
	r := stream(p.spec.Seed, epoch, 0, purpose)
	if purpose == forPartnerOrder {
		cycle(r, perm)
	} else {
		rand.New(r).Shuffle(len(perm), func(i, j int) { perm[i], perm[j] = perm[j], perm[i] })
	}
	p.orders[p.oldest] = order{epoch, purpose, perm}
	p.oldest = (p.oldest + 1) % len(p.orders)
	return perm
}

// cycle makes 0, 1, 2, ... a random cyclic permutation, in which nothing stays in its
// place and all other places are equally likely: Sattolo, "An algorithm to generate a
// random cyclic permutation", Information Processing Letters 22, 1986.
func cycle(r *rand.PCG, perm []int32) {
	for i := len(perm) - 1; i > 0; i-- {
		j := below(r, i)
		perm[i], perm[j] = perm[j], perm[i]
	}
}
