package plan

import (
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"mixfolder/core/rng"
)

func planner(t *testing.T, s Spec, n int) *Planner {
	t.Helper()
	files := make([]int32, n)
	for i := range files {
		files[i] = int32(1000 + i)
	}
	if s.Pairing == "" {
		s.Pairing = InBatch
	}
	s.Images = max(s.Images, 1)
	p, err := New(s, files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryImageOnceAnEpoch(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 9, 15, 16, 17} {
		for _, shuffle := range []bool{false, true} {
			p := planner(t, Spec{Seed: 3, Shuffle: shuffle, BatchSize: 8, Images: 2}, n)
			var seen []int32
			for b := range p.Batches() {
				for _, s := range p.Batch(5, b).Samples {
					seen = append(seen, s.File)
				}
			}
			slices.Sort(seen)
			if len(seen) != n || seen[0] != 1000 || seen[n-1] != int32(1000+n-1) ||
				len(slices.Compact(seen)) != n {
				t.Errorf("n=%d shuffle=%v: %v", n, shuffle, seen)
			}
		}
	}
}

func TestPartnersInBatchAreAShift(t *testing.T) {
	p := planner(t, Spec{Seed: 1, Shuffle: true, BatchSize: 6, Images: 2}, 60)
	shifts := map[int]bool{}
	for epoch := range uint64(8) {
		for n := range p.Batches() {
			b := p.Batch(epoch, n)
			shift := b.Samples[0].Partners[0].Row
			shifts[shift] = true
			for i, s := range b.Samples {
				p := s.Partners[0]
				if p.Row != (i+shift)%6 || p.Row == i || p.Image != b.Samples[p.Row].Image {
					t.Fatalf("row %d has partner %+v, shift %d", i, p, shift)
				}
			}
		}
	}
	if len(shifts) != 5 {
		t.Errorf("of the shifts 1..5 only %v were drawn", shifts)
	}
}

func TestABatchOfOneTakesAnotherImage(t *testing.T) {
	p := planner(t, Spec{Seed: 1, Shuffle: true, BatchSize: 4, Images: 2}, 9)
	for epoch := range uint64(50) {
		s := p.Batch(epoch, 2).Samples[0]
		p := s.Partners[0]
		if p.Row != -1 || p.File == s.File || p.File < 1000 || p.Seed == s.Seed {
			t.Fatalf("epoch %d: %+v", epoch, s)
		}
	}
	alone := planner(t, Spec{BatchSize: 4, Images: 2}, 1).Batch(0, 0).Samples[0]
	if p := alone.Partners[0]; p.File != alone.File || p.Seed == alone.Seed {
		t.Errorf("the only image is mixed with %+v", p)
	}
}

// TestPartnersFromTheDatasetAreAnyOtherImage asks for each image how often each other
// one is its partner: chi-square, at 0.1 %.
func TestPartnersFromTheDatasetAreAnyOtherImage(t *testing.T) {
	const n, epochs = 7, 6000
	for _, shuffle := range []bool{false, true} {
		p := planner(t, Spec{Seed: 1, Shuffle: shuffle, BatchSize: 4, Images: 2,
			Pairing: FromDataset}, n)
		var counts [n][n]float64
		for epoch := range uint64(epochs) {
			for b := range p.Batches() {
				for _, s := range p.Batch(epoch, b).Samples {
					if s.Partners[0].Row != -1 {
						t.Fatalf("partner is row %d", s.Partners[0].Row)
					}
					counts[s.File-1000][s.Partners[0].File-1000]++
				}
			}
		}
		chi := 0.0
		for i := range counts {
			for j, count := range counts[i] {
				if i == j && count > 0 {
					t.Fatalf("image %d is its own partner %v times", i, count)
				} else if i != j {
					const want = epochs / (n - 1.)
					chi += (count - want) * (count - want) / want
				}
			}
		}
		// In each epoch an image comes once as itself and once as a partner, so of the
		// n*(n-1) counts free are n*(n-1) - (2*n-1), and each varies by less than its
		// mean.
		const free = n*n - 3*n + 1
		chi *= free / (n * (n - 2.))
		if critical := (distuv.ChiSquared{K: free}).Quantile(0.999); chi > critical {
			t.Errorf("shuffle %v: chi-square %.1f, critical %.1f", shuffle, chi, critical)
		}
	}
	only := planner(t, Spec{BatchSize: 4, Images: 2, Pairing: FromDataset}, 1)
	alone := only.Batch(0, 0).Samples[0]
	if p := alone.Partners[0]; p.File != alone.File || p.Seed == alone.Seed {
		t.Errorf("the only image is mixed with %+v", p)
	}
}

func TestEachImageIsAPartnerOnceAnEpoch(t *testing.T) {
	spec := Spec{Seed: 1, Shuffle: true, BatchSize: 8, Images: 2, Pairing: FromDataset}
	p := planner(t, spec, 399)
	partners := map[int32]bool{}
	for n := range p.Batches() {
		for _, s := range p.Batch(3, n).Samples {
			partners[s.Partners[0].File] = true
		}
	}
	if len(partners) != 399 {
		t.Errorf("%d of 399 images are a partner", len(partners))
	}
}

func TestPlansAreReplayable(t *testing.T) {
	s := Spec{Seed: 9, Shuffle: true, BatchSize: 8, Images: 2}
	a, b := planner(t, s, 40), planner(t, s, 40)
	for _, k := range []int{3, 0, 4, 1, 2} { // in another order than they were made
		for epoch := range uint64(7) {
			b.Batch(epoch, k)
		}
		if !reflect.DeepEqual(a.Batch(1, k), b.Batch(1, k)) {
			t.Fatal("a plan depends on the order of asking")
		}
	}
	s.Seed++
	if reflect.DeepEqual(a.Batch(1, 0), planner(t, s, 40).Batch(1, 0)) ||
		reflect.DeepEqual(a.Batch(1, 0).Samples, a.Batch(2, 0).Samples) {
		t.Error("seeds or epochs do not differ")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, s := range []Spec{
		{BatchSize: 0, Images: 1, Pairing: InBatch},
		{BatchSize: 1, Images: 1, Pairing: "pairs"},
		{BatchSize: 1, Images: 0, Pairing: InBatch},
		{BatchSize: 1, Images: MaxImages + 1, Pairing: InBatch},
		{BatchSize: 9, Images: 1, Pairing: InBatch, DropLast: true},
	} {
		if _, err := New(s, make([]int32, 8)); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
}

// TestNothingIsMixed without more than one image.
func TestNothingIsMixed(t *testing.T) {
	for _, s := range planner(t, Spec{BatchSize: 4}, 9).Batch(0, 0).Samples {
		if len(s.Partners) > 0 {
			t.Errorf("%+v", s)
		}
	}
}

// TestSeveralPartners: none of them is the image itself or another partner of it as
// long as there are enough images, and all are possible.
func TestSeveralPartners(t *testing.T) {
	for _, pairing := range []Pairing{InBatch, FromDataset} {
		for _, n := range []int{1, 2, 3, 4, 5, 11} {
			spec := Spec{Seed: 2, Shuffle: true, BatchSize: 4, Images: 4, Pairing: pairing}
			p := planner(t, spec, n)
			pairs := map[[2]int32]bool{}
			for epoch := range uint64(60) {
				for number := range p.Batches() {
					b := p.Batch(epoch, number)
					for i, s := range b.Samples {
						checkPartners(t, b, i, n, pairing)
						for _, partner := range s.Partners {
							pairs[[2]int32{s.File, partner.File}] = true
						}
					}
				}
			}
			if want := max(n*(n-1), 1); len(pairs) != want {
				t.Errorf("%s of %d images: %d pairs, want %d", pairing, n, len(pairs), want)
			}
		}
	}
}

func checkPartners(t *testing.T, b Batch, i, n int, pairing Pairing) {
	t.Helper()
	s := b.Samples[i]
	images := []Image{s.Image}
	files := []int32{s.File}
	for _, p := range s.Partners {
		if n > 1 && p.File == s.File || p.Row >= 0 && p.Image != b.Samples[p.Row].Image {
			t.Fatalf("%s of %d images: %+v", pairing, n, s)
		}
		if inBatch := pairing == InBatch && len(b.Samples) == 4; inBatch != (p.Row >= 0) {
			t.Fatalf("%s of %d images: %+v", pairing, n, s)
		}
		if !slices.Contains(images, p.Image) {
			images = append(images, p.Image)
		}
		if !slices.Contains(files, p.File) {
			files = append(files, p.File)
		}
	}
	if len(images) != 4 || len(files) != min(n, 4) {
		t.Fatalf("%s of %d images: %+v", pairing, n, s)
	}
}

// TestSeedsAreDifferent for every image that is decoded, also for two uses of one file.
func TestSeedsAreDifferent(t *testing.T) {
	for pairing, want := range map[Pairing]int{InBatch: 25 + 1, FromDataset: 50} {
		p := planner(t, Spec{Seed: 4, Shuffle: true, BatchSize: 8, Images: 2, Pairing: pairing}, 25)
		seen := map[rng.Seed]bool{}
		for n := range p.Batches() {
			for _, s := range p.Batch(1, n).Samples {
				seen[s.Seed], seen[s.Partners[0].Seed] = true, true
			}
		}
		if len(seen) != want { // the last batch has one row, whose partner is decoded for it
			t.Errorf("%s: %d seeds, want %d", pairing, len(seen), want)
		}
	}
}

// TestMixingLeavesTheRowsAlone: how many partners there are, and from where, does not
// change the rows' own images.
func TestMixingLeavesTheRowsAlone(t *testing.T) {
	spec := Spec{Seed: 9, Shuffle: true, BatchSize: 8, Images: 1}
	alone := planner(t, spec, 40)
	for _, spec.Images = range []int{2, 4} {
		for _, spec.Pairing = range []Pairing{InBatch, FromDataset} {
			mixed := planner(t, spec, 40)
			for n := range alone.Batches() {
				a, b := alone.Batch(2, n), mixed.Batch(2, n)
				for i := range a.Samples {
					if a.Samples[i].Image != b.Samples[i].Image {
						t.Fatalf("%+v, %+v", a.Samples[i], b.Samples[i])
					}
				}
			}
		}
	}
}

// TestOwnImagesDependOnNothingElse: the images of an epoch, in their order and with their
// seeds, are the same for any batch size and any mixing, so that a schedule of these
// changes neither the order nor the crops of its epochs.
func TestOwnImagesDependOnNothingElse(t *testing.T) {
	own := func(s Spec) (images []Image) {
		s.Seed, s.Shuffle = 3, true
		p := planner(t, s, 60)
		for n := range p.Batches() {
			for _, sample := range p.Batch(7, n).Samples {
				images = append(images, sample.Image)
			}
		}
		return images
	}
	want := own(Spec{BatchSize: 60})
	for _, s := range []Spec{{BatchSize: 1}, {BatchSize: 7}, {BatchSize: 7, Images: 2},
		{BatchSize: 10, Images: 4, Pairing: FromDataset}} {
		if got := own(s); !slices.Equal(got, want) {
			t.Errorf("%+v: %v instead of %v", s, got, want)
		}
	}
}
