package mix

import (
	"math"
	"math/rand/v2"
	"testing"

	"mixfolder/core/simd/simdtest"
)

func TestRamp(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var s ranking
		random := rand.New(rand.NewPCG(6, 0))
		for name, draw := range map[string]func(i int) float32{
			"normal":   func(int) float32 { return float32(random.NormFloat64()) },
			"ties":     func(int) float32 { return float32(random.IntN(5) - 2) },
			"one":      func(int) float32 { return 3 },
			"rising":   func(i int) float32 { return float32(i) },
			"few high": func(i int) float32 { return float32(max(0, i%997-990)) },
			"zeros":    func(i int) float32 { return float32(math.Copysign(0, float64(i%2)-0.5)) },
		} {
			for _, n := range []int{1, 2, 100, 5000} {
				values := make([]float32, n)
				for i := range values {
					values[i] = draw(i)
				}
				ranks := order(values)
				for _, limits := range [][2]int{{0, 0}, {0, n}, {n, n}, {n / 3, n / 3},
					{n / 4, n / 2}, {n - 1, n - 1}, {1, 1}, {0, n / 50}} {
					first, last := limits[0], limits[1]
					got := append([]float32(nil), values...)
					s.ramp(got, first, last)
					for rank, i := range ranks {
						want := 1.0
						if rank >= last {
							want = 0
						} else if rank >= first && last > first+1 {
							want = 1 - float64(rank-first)/float64(last-first-1)
						}
						if last == first+1 && rank == first {
							continue // a ramp has two values at least
						}
						if float64(got[i]) != float64(float32(want)) {
							t.Fatalf("%s, %d values, %v: rank %d is %v, want %v", name, n, limits,
								rank, got[i], want)
						}
					}
				}
			}
		}
	})
}
