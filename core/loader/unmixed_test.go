//go:build unix

package loader

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"
)

// TestUnmixed mixes images that are delivered unmixed, and gets what the core mixes
// itself.
func TestUnmixed(t *testing.T) {
	root := flowers(t, 5)
	for _, pairing := range []string{"batch", "dataset"} {
		o := options(2)
		o.Pairing, o.Flip = pairing, "both"
		mixed := open(t, root, o)
		o.Unmixed = true
		unmixed := open(t, root, o)
		for n := range mixed.Batches(0) {
			x, y, err := batch(t, mixed, 1, n)
			if err != nil {
				t.Fatal(err)
			}
			both, label, err := batch(t, unmixed, 1, n)
			if err != nil {
				t.Fatal(err)
			}
			rows := explain(t, unmixed, 1, n)
			if len(both) != 2*len(x) || !bytes.Equal(y, label) {
				t.Fatalf("%s, batch %d: %d bytes of images, labels equal: %v", pairing, n,
					len(both), bytes.Equal(y, label))
			}
			values := len(x) / len(rows) / 4
			for i := range len(x) / 4 {
				lam := float32(rows[i/values].Blend.Weight)
				partner := float(both[len(x):], i)
				want := partner + float32(lam*(float(both, i)-partner))
				if got := float(x, i); got != want {
					t.Fatalf("%s, batch %d: value %d is %v, want %v", pairing, n, i, got, want)
				}
			}
		}
	}
}

func TestPreviewIgnoresUnmixed(t *testing.T) {
	root := flowers(t, 2)
	o := options(1)
	want := preview(t, open(t, root, o))
	o.Unmixed = true
	if got := preview(t, open(t, root, o)); !bytes.Equal(got, want) {
		t.Error("another contact sheet")
	}
}

func float(b []byte, i int) float32 {
	return math.Float32frombits(binary.NativeEndian.Uint32(b[4*i:]))
}
