package plan

import (
	"image"
	"math"
	"reflect"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
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
	p, err := New(s, files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryImageOnceAPass(t *testing.T) {
	for _, n := range []int{1, 2, 7, 8, 9, 15, 16, 17} {
		for _, shuffle := range []bool{false, true} {
			p := planner(t, Spec{Seed: 3, Shuffle: shuffle, BatchSize: 8, Alpha: 0.2}, n)
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
	p := planner(t, Spec{Seed: 1, Shuffle: true, BatchSize: 6, Alpha: 1}, 60)
	shifts := map[int]bool{}
	for epoch := range uint64(8) {
		for n := range p.Batches() {
			b := p.Batch(epoch, n)
			shift := b.Samples[0].Row
			shifts[shift] = true
			for i, s := range b.Samples {
				if s.Row != (i+shift)%6 || s.Row == i || !s.Mixed {
					t.Fatalf("row %d has partner %d, shift %d", i, s.Row, shift)
				}
			}
		}
	}
	if len(shifts) != 5 {
		t.Errorf("of the shifts 1..5 only %v were drawn", shifts)
	}
}

func TestABatchOfOneTakesAnotherImage(t *testing.T) {
	p := planner(t, Spec{Seed: 1, Shuffle: true, BatchSize: 4, Alpha: 1}, 9)
	for epoch := range uint64(50) {
		s := p.Batch(epoch, 2).Samples[0]
		if s.Row != -1 || s.Partner.File == s.File || s.Partner.File < 1000 {
			t.Fatalf("epoch %d: %+v", epoch, s)
		}
	}
	alone := planner(t, Spec{BatchSize: 4, Alpha: 1}, 1).Batch(0, 0).Samples[0]
	if alone.Partner.File != alone.File {
		t.Errorf("the only image is mixed with %d", alone.Partner.File)
	}
}

// TestPartnersFromTheDatasetAreAnyOtherImage asks for each image how often each other
// one is its partner: chi-square, at 0.1 %.
func TestPartnersFromTheDatasetAreAnyOtherImage(t *testing.T) {
	const n, passes = 7, 6000
	for _, shuffle := range []bool{false, true} {
		p := planner(t, Spec{Seed: 1, Shuffle: shuffle, BatchSize: 4, Alpha: 1,
			Pairing: FromDataset}, n)
		var counts [n][n]float64
		for epoch := range uint64(passes) {
			for b := range p.Batches() {
				for _, s := range p.Batch(epoch, b).Samples {
					if s.Row != -1 {
						t.Fatalf("partner is row %d", s.Row)
					}
					counts[s.File-1000][s.Partner.File-1000]++
				}
			}
		}
		chi := 0.0
		for i := range counts {
			for j, count := range counts[i] {
				if i == j && count > 0 {
					t.Fatalf("image %d is its own partner %v times", i, count)
				} else if i != j {
					const want = passes / (n - 1.)
					chi += (count - want) * (count - want) / want
				}
			}
		}
		if most := (distuv.ChiSquared{K: n * (n - 2)}).Quantile(0.999); chi > most {
			t.Errorf("shuffle %v: chi-square %.1f, at most %.1f", shuffle, chi, most)
		}
	}
	alone := planner(t, Spec{BatchSize: 4, Alpha: 1, Pairing: FromDataset}, 1).Batch(0,
		0).Samples[0]
	if alone.Partner.File != alone.File {
		t.Errorf("the only image is mixed with %d", alone.Partner.File)
	}
}

func TestEachImageIsAPartnerOnceAPass(t *testing.T) {
	p := planner(t, Spec{Seed: 1, Shuffle: true, BatchSize: 8, Alpha: 1, Pairing: FromDataset}, 399)
	partners := map[int32]bool{}
	for n := range p.Batches() {
		for _, s := range p.Batch(3, n).Samples {
			partners[s.Partner.File] = true
		}
	}
	if len(partners) != 399 {
		t.Errorf("%d of 399 images are a partner", len(partners))
	}
}

// TestLambda is a Kolmogorov-Smirnov test, at 1 %, against gonum's distribution
// function of Beta(alpha, alpha), whose values the Python tests compare with SciPy's.
// Draws so near to 1 that float64 can hardly tell them apart are left out.
func TestLambda(t *testing.T) {
	const n = 100_000
	for _, alpha := range []float64{0.01, 0.1, 0.2, 1, 4, 1000} {
		l := make([]float64, n)
		for i := range l {
			l[i] = beta(stream(7, 0, uint64(i), forLambda), alpha)
		}
		slices.Sort(l)
		want, d := distuv.Beta{Alpha: alpha, Beta: alpha}, 0.0
		for i, v := range l {
			if v > 1-1e-9 {
				break
			}
			c := want.CDF(v)
			d = max(d, float64(i+1)/n-c, c-float64(i)/n)
		}
		if critical := 1.63 / math.Sqrt(n); d > critical {
			t.Errorf("alpha %v: distance %.5f, critical %.5f", alpha, d, critical)
		}
	}
}

func TestLambdaOfAnyAlphaIsAWeight(t *testing.T) {
	for _, alpha := range []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-9, 1e-4, 0.01, 1, 1e4,
		1e17, 1e300, math.MaxFloat64} {
		ones := 0
		for i := range uint64(4000) {
			l := beta(stream(1, 0, i, forLambda), alpha)
			if !(l >= 0 && l <= 1) {
				t.Fatalf("alpha %v: lambda %v", alpha, l)
			}
			if l > 0.5 {
				ones++
			}
			if alpha <= 1e-9 && l != 0 && l != 1 || alpha >= 1e17 && math.Abs(l-0.5) > 1e-8 {
				t.Fatalf("alpha %v: lambda %v", alpha, l)
			}
		}
		if alpha < 1e17 && (ones < 1800 || ones > 2200) {
			t.Errorf("alpha %v: %d of 4000 are above 1/2", alpha, ones)
		}
	}
}

func TestStreamsDoNotShiftEachOther(t *testing.T) {
	plain := planner(t, Spec{Seed: 9, Shuffle: true, BatchSize: 8, Alpha: 0.4}, 40)
	flipped := planner(t, Spec{Seed: 9, Shuffle: true, BatchSize: 8, Alpha: 0.4,
		FlipHorizontal: true, FlipVertical: true}, 40)
	flips := map[[2]bool]int{}
	for n := range plain.Batches() {
		a, b := plain.Batch(2, n), flipped.Batch(2, n)
		for i := range b.Samples {
			s := &b.Samples[i]
			flips[[2]bool{s.FlipHorizontal, s.FlipVertical}]++
			s.FlipHorizontal, s.FlipVertical = false, false
		}
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("flips change the other draws: %v, %v", a, b)
		}
	}
	if len(flips) != 4 {
		t.Errorf("flips %v", flips)
	}
}

func TestPlansAreReplayable(t *testing.T) {
	s := Spec{Seed: 9, Shuffle: true, BatchSize: 8, Alpha: 0.4, FlipHorizontal: true}
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
		t.Error("seeds or passes do not differ")
	}
}

func TestNewRefuses(t *testing.T) {
	for _, s := range []Spec{
		{BatchSize: 0, Pairing: InBatch}, {BatchSize: 1, Pairing: "pairs"}, {BatchSize: 1,
			Pairing: InBatch, Alpha: -1},
		{BatchSize: 1, Pairing: InBatch, Alpha: math.NaN()}, {BatchSize: 1, Pairing: InBatch,
			Alpha: math.Inf(1)},
		{BatchSize: 9, Pairing: InBatch, DropLast: true},
	} {
		if _, err := New(s, make([]int32, 8)); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
}

// Expected values: keras.utils.image_utils.smart_resize's box, and
// tf.image.resize_with_pad, worked out by hand from their sources.
func TestFit(t *testing.T) {
	crop := Fit{Height: 100, Width: 200, CropToAspect: true}
	pad := Fit{Height: 100, Width: 200, PadToAspect: true}
	for _, c := range []struct {
		got, want image.Rectangle
	}{
		{crop.Crop(300, 300), image.Rect(0, 75, 300, 225)},
		{crop.Crop(301, 100), image.Rect(50, 0, 250, 100)},
		{crop.Crop(1, 999), image.Rect(0, 499, 1, 500)},
		{pad.Crop(300, 300), image.Rect(0, 0, 300, 300)},
		{pad.Place(300, 300), image.Rect(50, 0, 150, 100)},
		{pad.Place(400, 100), image.Rect(0, 25, 200, 75)},
		{pad.Place(999, 1), image.Rect(0, 49, 200, 50)},
		{Fit{Height: 3, Width: 4}.Place(7, 9), image.Rect(0, 0, 4, 3)},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}
