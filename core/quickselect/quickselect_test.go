package quickselect

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSelect against sorting, with equal values.
func TestSelect(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		values := make([]int, n+1)
		for i := range values {
			values[i] = r.IntN(1 + n/2)
		}
		sorted := slices.Sorted(slices.Values(values))
		for k := range values {
			got := slices.Clone(values)
			Select(got, k, func(v int) float64 { return float64(v) })
			if got[k] != sorted[k] || slices.Max(got[:k+1]) > got[k] || slices.Min(got[k:]) < got[k] ||
				!slices.Equal(slices.Sorted(slices.Values(got)), sorted) {
				t.Fatalf("index %d of %v: %v", k, values, got)
			}
		}
	}
}
