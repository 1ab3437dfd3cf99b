package augment

import (
	"image"
	"math"
	"testing"

	"mixfolder/core/imageop"
)

func TestRandomErasing(t *testing.T) {
	c := &RandomErasing{Prob: 1, Scale: pair{0.02, 0.33}, Ratio: pair{0.3, 3.3},
		Value: [4]byte{1, 2, 3}}
	var fraction, shape []float64
	for _, ops := range draws(c, 4000) {
		if len(ops) != 1 || ops[0].Kind != imageop.Erase || ops[0].Fill != c.Value {
			t.Fatalf("%v", ops)
		}
		a := ops[0].Args
		r := image.Rect(int(a[0]), int(a[1]), int(a[0]+a[2]), int(a[1]+a[3]))
		if r.Empty() || !r.In(image.Rect(0, 0, 60, 40)) || r.Dx() >= 60 || r.Dy() >= 40 {
			t.Fatalf("rectangle %v", r)
		}
		fraction, shape = append(fraction, a[2]*a[3]/2400), append(shape, math.Log(a[3]/a[2]))
	}
	// Rectangles that are too large for the image are drawn again, which takes from the
	// large and the high ones.
	if s := mean(fraction); s < 0.14 || s > 0.175 {
		t.Errorf("mean fraction of the area %.3f", s)
	}
	if s := mean(shape); s < -0.25 || s > 0.03 {
		t.Errorf("mean logarithm of the shape %.3f", s)
	}
	seeds := map[uint64]bool{}
	noisy := *c
	noisy.Noise = true
	plain := draws(c, 100)
	for i, ops := range draws(&noisy, 100) {
		seeds[ops[0].Seed] = true
		if ops[0].Kind != imageop.EraseNoise || ops[0].Args != plain[i][0].Args {
			t.Fatalf("%v, plain %v", ops, plain[i])
		}
	}
	if len(seeds) != 100 {
		t.Errorf("%d seeds of 100", len(seeds))
	}
	if n := len(firstArgs(draws(&RandomErasing{Prob: 1, Scale: pair{1, 1}, Ratio: pair{1, 1}},
		50))); n != 0 {
		t.Errorf("%d rectangles as large as the image", n)
	}
}
