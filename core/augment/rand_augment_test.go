package augment

import (
	"math"
	"testing"

	"mixfolder/core/imageop"
)

// TestRandAugment: every operation is equally likely.
func TestRandAugment(t *testing.T) {
	kinds, same := map[*imageop.Kind]float64{}, 0.0
	for _, ops := range draws(&RandAugment{2, 9}, 14*200) {
		if len(ops) != 2 {
			t.Fatalf("%v", ops)
		}
		for _, o := range ops {
			kinds[o.Kind]++
		}
		if ops[0].Kind == imageop.Equalize && ops[1].Kind == imageop.Equalize {
			same++
		}
	}
	want := map[*imageop.Kind]float64{imageop.Affine: 5}
	for _, k := range []*imageop.Kind{imageop.Identity, imageop.Brightness, imageop.Saturation,
		imageop.Contrast, imageop.Sharpness, imageop.Posterize, imageop.Solarize,
		imageop.AutoContrast, imageop.Equalize} {
		want[k] = 1
	}
	for k, w := range want {
		if math.Abs(kinds[k]-400*w) > 80*math.Sqrt(w) { // 4 standard deviations
			t.Errorf("%v was drawn %v times, want about %v", k, kinds[k], 400*w)
		}
	}
	if same == 0 {
		t.Error("no operation comes twice")
	}
}
