package augment

import (
	"reflect"
	"slices"
	"testing"

	"mixfolder/core/imageop"
)

func TestColorJitter(t *testing.T) {
	jitters := draws(&ColorJitter{pair{0.6, 1.4}, pair{0.5, 1.5}, pair{0, 2},
		pair{-0.1, 0.1}, 1}, 3000)
	strengths, orders := map[*imageop.Kind][]float64{}, map[string]int{}
	for _, ops := range jitters {
		order := ""
		for _, o := range ops {
			strengths[o.Kind] = append(strengths[o.Kind], o.Args[0])
			order += o.Name()
		}
		orders[order]++
	}
	uniform(t, "brightness", strengths[imageop.Brightness], 0.6, 1.4)
	uniform(t, "contrast", strengths[imageop.Contrast], 0.5, 1.5)
	uniform(t, "saturation", strengths[imageop.Saturation], 0, 2)
	uniform(t, "hue", strengths[imageop.Hue], -0.1, 0.1)
	uncorrelated(t, "brightness and contrast", strengths[imageop.Brightness],
		strengths[imageop.Contrast])
	chi := 0.0
	for _, n := range orders {
		chi += (float64(n) - 125) * (float64(n) - 125) / 125
	}
	if len(orders) != 24 || chi > 49.7 { // 0.1 % of 23 degrees of freedom
		t.Errorf("%d orders of 24, chi square %.1f", len(orders), chi)
	}
	// A change that is switched off is left out, and leaves the others alone.
	for i, ops := range draws(&ColorJitter{pair{0.6, 1.4}, pair{1, 1}, pair{0, 2},
		pair{0, 0}, 1}, 50) {
		want := slices.DeleteFunc(slices.Clone(jitters[i]),
			func(o imageop.Op) bool { return o.Kind == imageop.Contrast || o.Kind == imageop.Hue })
		if !reflect.DeepEqual(ops, want) {
			t.Fatalf("%v, want %v", ops, want)
		}
	}
}
