package plan

import (
	"cmp"
	"slices"

	"mixfolder/core/rng"
)

// Sampler decides which images an epoch has, and how often, where that is not each of
// them once. It is never changed, so any number of goroutines may use it at once.
type Sampler interface {
	// Samples is the number of samples in an epoch, 1 or more.
	Samples() int
	// Epoch is what an epoch with this seed consists of.
	Epoch(s rng.Seed) Order
}

// Order is a sequence of images.
type Order interface {
	// At is the image at a position, as an index in the subset.
	At(position int) int
}

// WithSampler is the same planner with another sampler, which makes as many samples.
func (p *Planner) WithSampler(s Sampler) *Planner {
	other := *p
	other.spec.Sampler = s
	return &other
}

// A sampler may show an image several times in a batch. The pairings then look for
// another image as a partner.

// pairGroups pairs the rows of a batch with n images at the positions from start on, like
// inBatch, but arranged so that those of one file are neighbors, and by shifts that reach
// beyond these. It reports false if there are not enough rows for that.
func pairGroups(b *Batch, o *order, first, start, n int) bool {
	others, files, rows := len(b.Samples[0].Partners), o.files(start, n), make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	key := func(row int) uint64 {
		return rng.Mix64(b.Seed[0] ^ rng.Mix64(b.Seed[1]+uint64(files[row])))
	}
	slices.SortFunc(rows, func(i, j int) int {
		return cmp.Or(cmp.Compare(key(i), key(j)), cmp.Compare(files[i], files[j]),
			cmp.Compare(i, j))
	})
	place := make([]int, n) // of each row
	most, run := 1, 0       // rows of one file
	for k, row := range rows {
		place[row] = k
		if run++; k > 0 && files[row] != files[rows[k-1]] {
			run = 1
		}
		most = max(most, run)
	}
	spare := n - most*(others+1)
	if spare < 0 {
		return false
	}
	r := b.Seed.Stream("groups")
	shifts := make([]int, others)
	for k := range shifts {
		shifts[k] = r.IntN(spare + 1)
	}
	slices.Sort(shifts)
	slots := []int32{0, 1, 2}[:others]
	r.Shuffle(slots)
	for k, slot := range slots {
		shift := most*(k+1) + shifts[k]
		for i := range b.Samples {
			row := rows[(place[(first+i-start)%n]+shift)%n]
			b.Samples[i].Partners[slot] = b.partner(o, start+row, first)
		}
	}
	return true
}

// pairWithAny pairs a row with other images that the sampler draws.
func pairWithAny(s *Sample, o *order) {
	r := s.Seed.Stream("other partners")
	for slot := range s.Partners {
		start := r.IntN(o.samples)
		s.Partners[slot] = decoded(s, slot, o.different(s, slot, func(k int) int32 {
			return o.file((start + k) % o.samples)
		}))
	}
}

// maxTries bounds the search for another image, of which there may be none: a row takes a
// millisecond at most.
const maxTries = 1 << 7

// different returns the first of files that is neither a row's own image nor one of its
// partners before slot. If there is none among the first ones, a partner may come twice,
// and in the end the image is its own partner.
func (o *order) different(s *Sample, slot int, files func(k int) int32) int32 {
	tries, second := min(o.samples, maxTries), s.File
	for k := range tries {
		file := files(k)
		taken := slices.ContainsFunc(s.Partners[:slot], func(p Partner) bool {
			return p.File == file
		})
		if file != s.File && !taken {
			return file
		}
		if file != s.File {
			second = file
		}
	}
	return second
}
