package rng

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func order(epoch uint64, n int) Permutation {
	r := Key(8, epoch, 0).Stream("order")
	return r.Permutation(n)
}

func TestEachElementOnce(t *testing.T) {
	sizes := []int{1000, 4096, 4097, 65_537}
	for n := 1; n <= 130; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		for epoch := range uint64(3) {
			p := order(epoch, n)
			seen, all := make([]bool, n), make([]int, n)
			p.Fill(all[n/3:], n/3)
			p.Fill(all[:n/3], 0)
			for i := range n {
				x := p.At(i)
				if seen[x] || p.Index(x) != i || all[i] != x {
					t.Fatalf("n %d: element %d of index %d", n, x, i)
				}
				seen[x] = true
			}
		}
	}
}

// TestOrdersAreEquallyLikely: all orders of up to 5 elements, chi-square at 0.1 %.
func TestOrdersAreEquallyLikely(t *testing.T) {
	kinds := 1
	for n := 2; n <= 5; n++ {
		kinds *= n
		counts := map[[5]int]float64{}
		const draws = 36_000
		for epoch := range uint64(draws) {
			p := order(epoch, n)
			var o [5]int
			for i := range n {
				o[i] = p.At(i)
			}
			counts[o]++
		}
		want, chi := draws/float64(kinds), 0.0
		for _, c := range counts {
			chi += (c - want) * (c - want) / want
		}
		if critical := chiSquare(kinds - 1); len(counts) != kinds || chi > critical {
			t.Errorf("n %d: %d orders, chi-square %.1f, critical %.1f", n, len(counts), chi, critical)
		}
	}
}

func chiSquare(freedom int) float64 {
	return distuv.ChiSquared{K: float64(freedom)}.Quantile(0.999)
}

// TestOrdersLookRandom compares numbers of long orders with those of random ones: where
// elements are, how far neighbors move apart, fixed points, inversions, and what two
// epochs have in common. Each at 0.1 %.
func TestOrdersLookRandom(t *testing.T) {
	const n, epochs, bins = 997, 400, 25
	var places, distances [bins][bins]float64
	fixed, common, inversions := 0.0, 0.0, 0.0
	last := make([]int, n)
	for epoch := range uint64(epochs) {
		p := order(epoch, n)
		all := make([]int, n)
		for i := range n {
			all[i] = p.At(i)
			places[i*bins/n][all[i]*bins/n]++
			if all[i] == i {
				fixed++
			}
			if epoch > 0 && all[i] == last[i] {
				common++
			}
			if i > 0 {
				distances[i*bins/n][((all[i]-all[i-1]+n)%n-1)*bins/(n-1)]++
			}
			for _, before := range all[:i] {
				if before > all[i] {
					inversions++
				}
			}
		}
		last = all
	}
	if chi, critical := independence(places[:]), chiSquare((bins-1)*(bins-1)); chi > critical {
		t.Errorf("places: chi-square %.1f, critical %.1f", chi, critical)
	}
	if chi, critical := independence(distances[:]), chiSquare((bins-1)*bins); chi > critical {
		t.Errorf("distances of neighbors: chi-square %.1f, critical %.1f", chi, critical)
	}
	normal(t, "fixed points", fixed, epochs, epochs)
	normal(t, "elements at the place of the last epoch", common, epochs-1, epochs-1)
	normal(t, "inversions", inversions, epochs*n*(n-1)/4, epochs*n*(n-1)*(2*n+5)/72)
}

// independence is chi-square of counts against those expected if rows and columns are
// independent.
func independence(counts [][25]float64) float64 {
	var columns [25]float64
	total := 0.0
	for _, row := range counts {
		for k, c := range row {
			columns[k] += c
			total += c
		}
	}
	chi := 0.0
	for _, row := range counts {
		sum := 0.0
		for _, c := range row {
			sum += c
		}
		for k, c := range row {
			want := sum * columns[k] / total
			chi += (c - want) * (c - want) / want
		}
	}
	return chi
}

func normal(t *testing.T, what string, got, mean, variance float64) {
	t.Helper()
	if z := (got - mean) / math.Sqrt(variance); math.Abs(z) > 3.29 {
		t.Errorf("%s: %v, want %v: %.2f standard deviations", what, got, mean, z)
	}
}

// TestTheLongestOrder: any element of 2^32 can be asked for, at once, and both ways.
func TestTheLongestOrder(t *testing.T) {
	const n, draws, bins = 1 << 32, 20_000, 50
	p := order(1, n)
	seen, counts := make([]int, draws), [bins]float64{}
	for i := range seen {
		seen[i] = p.At(i)
		counts[seen[i]/(n/bins+1)]++
		if p.Index(seen[i]) != i {
			t.Fatalf("element %d of index %d", seen[i], i)
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != draws {
		t.Error("an element came twice")
	}
	chi := 0.0
	for _, c := range counts {
		chi += (c - draws/bins) * (c - draws/bins) / (draws / bins)
	}
	if critical := chiSquare(bins - 1); chi > critical {
		t.Errorf("chi-square %.1f, critical %.1f", chi, critical)
	}
}

func BenchmarkPermutation(b *testing.B) {
	p := order(1, 1_000_000_000)
	b.Run("At", func(b *testing.B) {
		for i := range b.N {
			p.At(i)
		}
	})
	b.Run("Fill", func(b *testing.B) {
		var elements [32]int
		for i := 0; i < b.N; i += len(elements) {
			p.Fill(elements[:], i)
		}
	})
}
