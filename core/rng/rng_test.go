package rng

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// The values of a seed must never change: they decide what every user's batches hold.
func TestKnownValues(t *testing.T) {
	s := Key(1, 2, 3)
	r := s.Derive("partner", 1).Stream("flip")
	if got, want := r.Uint64(), uint64(0xaeee56000cdd7b0f); got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
}

// Neighboring seeds, epochs, positions, names and numbers yield unrelated streams: over
// all pairs, the bits of their first numbers agree as often as those of fair coins.
func TestStreamsAreIndependent(t *testing.T) {
	first := func(r Stream) uint64 { return r.Uint64() }
	draws := []func(i uint64) uint64{
		func(i uint64) uint64 { return first(Key(i, 0, 0).Stream("crop")) },
		func(i uint64) uint64 { return first(Key(0, i, 0).Stream("crop")) },
		func(i uint64) uint64 { return first(Key(0, 0, i).Stream("crop")) },
		func(i uint64) uint64 { return first(Key(0, 0, 0).Derive("op", int(i)).Stream("crop")) },
		func(i uint64) uint64 { return first(Key(0, 0, 0).Stream(string(rune('a' + i)))) },
		func(i uint64) uint64 {
			return first(Key(0, 0, 0).Derive(string(rune('a'+i)), 0).Stream("crop"))
		},
	}
	const n, bits = 1000, 64
	var streams [][]float64
	seen := map[uint64]bool{}
	for k, draw := range draws {
		var values []float64
		for i := range uint64(n) {
			v := draw(i)
			if i > 0 && seen[v] {
				t.Errorf("kind %d: %d again", k, i)
			}
			seen[v] = true
			values = append(values, float64(v>>11)/(1<<53))
		}
		streams = append(streams, values)
		neighbors := stat.Correlation(values[1:], values[:n-1], nil)
		mean := stat.Mean(values, nil)
		if math.Abs(neighbors) > 4/math.Sqrt(n) || math.Abs(mean-0.5) > 4*0.29/math.Sqrt(n) {
			t.Errorf("kind %d: correlation %v, mean %v", k, neighbors, mean)
		}
	}
	for i := range streams {
		for j := range i {
			if c := stat.Correlation(streams[i], streams[j], nil); math.Abs(c) > 4/math.Sqrt(n) {
				t.Errorf("kinds %d and %d: correlation %v", i, j, c)
			}
		}
	}
}

func TestDraws(t *testing.T) {
	r := Key(4, 0, 0).Stream("test")
	const n = 100_000
	counts, heads, uniform, log := [7]float64{}, 0., 0., 0.
	for range n {
		counts[r.IntN(7)]++
		if r.Bernoulli(0.3) {
			heads++
		}
		u, l := r.Uniform([2]float64{-1, 3}), r.LogUniform([2]float64{0.5, 2})
		if u < -1 || u >= 3 || l < 0.5 || l > 2 {
			t.Fatalf("%v or %v is out of bounds", u, l)
		}
		uniform, log = uniform+u/n, log+math.Log(l)/n
	}
	for i, c := range counts {
		if math.Abs(c-n/7.) > 4*math.Sqrt(n/7.) {
			t.Errorf("%d came %v times", i, c)
		}
	}
	if math.Abs(heads/n-0.3) > 0.006 || math.Abs(uniform-1) > 0.015 || math.Abs(log) > 0.006 {
		t.Errorf("%v of heads, mean %v, mean logarithm %v", heads/n, uniform, log)
	}
}

// TestShuffle: all orders of four are equally likely.
func TestShuffle(t *testing.T) {
	r := Key(5, 0, 0).Stream("test")
	counts := map[[4]int32]float64{}
	const n = 24_000
	for range n {
		s := [4]int32{0, 1, 2, 3}
		r.Shuffle(s[:])
		counts[s]++
	}
	if len(counts) != 24 {
		t.Errorf("%d orders, want 24", len(counts))
	}
	for p, c := range counts {
		if math.Abs(c-n/24) > 4*math.Sqrt(n/24) {
			t.Errorf("%v came %v times, want %v", p, c, n/24)
		}
	}
}

// TestBeta is a Kolmogorov-Smirnov test, at 1 %, against gonum's distribution function
// of Beta(alpha, alpha), whose values the Python tests compare with SciPy's. Draws so
// near to 1 that float64 hardly distinguishes them are omitted.
func TestBeta(t *testing.T) {
	const n = 100_000
	for _, alpha := range []float64{0.01, 0.1, 0.2, 1, 4, 1000} {
		draws := make([]float64, n)
		for i := range draws {
			r := Key(7, 0, uint64(i)).Stream("mix")
			draws[i] = r.Beta(alpha)
		}
		slices.Sort(draws)
		want, d := distuv.Beta{Alpha: alpha, Beta: alpha}, 0.0
		for i, v := range draws {
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

func TestBetaOfAnyAlphaIsAWeight(t *testing.T) {
	for _, alpha := range []float64{math.SmallestNonzeroFloat64, 1e-300, 1e-9, 1e-4, 0.01, 1, 1e4,
		1e17, 1e300, math.MaxFloat64} {
		ones := 0
		for i := range uint64(4000) {
			r := Key(1, 0, i).Stream("mix")
			l := r.Beta(alpha)
			if !(l >= 0 && l <= 1) {
				t.Fatalf("alpha %v: weight %v", alpha, l)
			}
			if l > 0.5 {
				ones++
			}
			if alpha <= 1e-9 && l != 0 && l != 1 || alpha >= 1e17 && math.Abs(l-0.5) > 1e-8 {
				t.Fatalf("alpha %v: weight %v", alpha, l)
			}
		}
		if alpha < 1e17 && (ones < 1800 || ones > 2200) {
			t.Errorf("alpha %v: %d of 4000 are above 1/2", alpha, ones)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	perm := make([]int32, 9)
	sum := 0.
	if n := testing.AllocsPerRun(100, func() {
		r := Key(1, 2, 3).Derive("partner", 1).Stream("mix")
		sum += r.Beta(0.2) + r.LogUniform([2]float64{1, 2})
		r.Shuffle(perm)
		order := r.Permutation(9)
		sum += float64(order.At(3))
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
