package augment

import (
	"testing"

	"mixfolder/core/rng"
)

// TestFlip: each of the four with a probability of 1/4, at 4 standard deviations.
func TestFlip(t *testing.T) {
	counts := map[Flip]int{}
	for i := range uint64(4000) {
		h, v := Flip{true, true}.Draw(rng.Key(i, 0, 0))
		counts[Flip{h, v}]++
		if h1, v1 := (Flip{Horizontal: true}).Draw(rng.Key(i, 0, 0)); h1 != h || v1 {
			t.Fatal("a vertical flip changes the horizontal one")
		}
		if h1, v1 := (Flip{}).Draw(rng.Key(i, 0, 0)); h1 || v1 {
			t.Fatal("flips without being asked to")
		}
	}
	for f, n := range counts {
		if n < 890 || n > 1110 {
			t.Errorf("%+v: %d of 4000", f, n)
		}
	}
}
