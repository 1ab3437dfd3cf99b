package augment

import (
	"image"
	"math"
	"testing"
)

var inception = &RandomResizedCrop{Scale: pair{0.08, 1}, Ratio: pair{3. / 4, 4. / 3}}

func TestRandomResizedCropStaysInBounds(t *testing.T) {
	var fraction, shape []float64
	for seed := range uint64(5000) {
		s := stream(seed)
		r := inception.region(&s, 500, 400)
		if r.Empty() || !r.In(image.Rect(0, 0, 500, 400)) {
			t.Fatalf("crop %v", r)
		}
		fraction = append(fraction, float64(r.Dx()*r.Dy())/(500*400))
		shape = append(shape, math.Log(float64(r.Dx())/float64(r.Dy())))
	}
	if s := mean(fraction); s < 0.43 || s > 0.52 { // below 0.54, as attempts may not fit
		t.Errorf("mean fraction of the area %.3f", s)
	}
	if s := mean(shape); math.Abs(s) > 0.03 {
		t.Errorf("mean logarithm of the shape %.3f", s)
	}
}

// Expected values: torchvision.transforms.RandomResizedCrop.get_params' central crop,
// by hand.
func TestRandomResizedCropFallsBack(t *testing.T) {
	full := &RandomResizedCrop{Scale: pair{1, 1}, Ratio: pair{3. / 4, 4. / 3}}
	for _, c := range []struct {
		width, height int
		want          image.Rectangle
	}{
		{1000, 30, image.Rect(480, 0, 520, 30)},
		{30, 1000, image.Rect(0, 480, 30, 520)},
		{1, 1, image.Rect(0, 0, 1, 1)},
	} {
		s := stream(7)
		if got := full.region(&s, c.width, c.height); got != c.want {
			t.Errorf("%d x %d: %v, want %v", c.width, c.height, got, c.want)
		}
	}
}

func TestRandomResizedCropValidates(t *testing.T) {
	for _, c := range []RandomResizedCrop{
		{pair{0, 1}, pair{1, 1}}, {pair{0.5, 0.4},
			pair{1, 1}}, {pair{0.5, 1.1}, pair{1, 1}},
		{pair{0.5, 1}, pair{0, 1}}, {pair{0.5, 1},
			pair{2, 1}}, {pair{math.NaN(), 1}, pair{1, 1}},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
