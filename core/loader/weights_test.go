//go:build unix

package loader

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"mixfolder/core/source"
)

// TestAVersionHoldsFromItsEpochOn, until the next one, and the last two are remembered.
func TestAVersionHoldsFromItsEpochOn(t *testing.T) {
	var v versions[string]
	check := func(want ...string) {
		t.Helper()
		for epoch, w := range want {
			if got := v.at(uint64(epoch)); got != w {
				t.Errorf("epoch %d has %q instead of %q", epoch, got, w)
			}
		}
	}
	v.set(0, "a")
	check("a", "a")
	v.set(2, "b")
	check("a", "a", "b", "b")
	v.set(2, "c") // twice in one epoch
	check("a", "a", "c", "c")
	v.set(5, "d")
	check("c", "c", "c", "c", "c", "d", "d")
	v.set(1, "e") // after going back
	check("c", "e", "e", "e", "e", "e")
	v.set(0, "f")
	check("f", "f")
}

func TestSampleWeightsOfABatch(t *testing.T) {
	o := options(2)
	o.SampleWeights = true
	l := open(t, flowers(t, 5), o)
	weights := []float32{1, 2, 4, 8, 16, 32, 64, 128, 256, 512}
	if err := l.SetWeights(LossWeights, 1, weights); err != nil {
		t.Fatal(err)
	}
	for number := range l.Batches(0) {
		for epoch, of := range [][]float32{slices.Repeat([]float32{1}, 10), weights} {
			_, y, err := batch(t, l, uint64(epoch), number)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range explain(t, l, uint64(epoch), number) {
				n := len(y) / 4 / l.phases[0].planner.Size(number) // numbers per row
				values := unsafe.Slice((*float32)(unsafe.Pointer(&y[0])), len(y)/4)
				got := values[(n-1)*(len(values)/n)+i] // after the labels of all rows
				share := row.Blend.Labels[0]
				want := float64(share*float64(of[row.Image])) +
					float64((1-share)*float64(of[row.Partners[0].Image]))
				if math.Abs(float64(got)-want) > 1e-6*want || *row.SampleWeight != got {
					t.Errorf("epoch %d, batch %d, row %d: weight %v, explained as %v, want %v", epoch,
						number, i, got, *row.SampleWeight, want)
				}
			}
		}
	}
}

func TestWeightsThatAreRefused(t *testing.T) {
	root := flowers(t, 2)
	o := options(1)
	plain := open(t, root, o)
	o.SampleWeights = true
	l := open(t, root, o)
	inf := float32(math.Inf(1))
	for want, err := range map[string]error{
		"3 weights, but 4 images": l.SetWeights(LossWeights, 0, make([]float32, 3)),
		"tulip/a.png\" must be":   l.SetWeights(LossWeights, 0, []float32{0, 0, -1, 0}),
		"rose/b.png\" must be":    l.SetWeights(LossWeights, 0, []float32{0, inf, 1, 0}),
		"no weights of kind 9":    l.SetWeights(9, 0, make([]float32, 4)),
		"pass sample_weight=1":    plain.SetWeights(LossWeights, 0, make([]float32, 4)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
	o.Heads = nil
	_, err := Open(source.Dir(root), nil, o, nil)
	if err == nil || !strings.Contains(err.Error(), "label_mode") {
		t.Errorf("weights without labels: %v", err)
	}
}
