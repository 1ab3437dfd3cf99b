package pipeline

import (
	"image"
	"testing"

	"mixfolder/core/augment"
	"mixfolder/core/rng"
)

func TestShrinkOf(t *testing.T) {
	wide := augment.Aspect{Height: 100, Width: 200}
	for _, test := range []struct {
		aspect        augment.Aspect
		width, height int
		want          int
	}{
		{wide, 400, 199, 1}, {wide, 399, 200, 1}, {wide, 400, 200, 2}, {wide, 799, 9999, 2}, {wide,
			800, 400, 4}, {wide, 1599, 800, 4},
		{wide, 1600, 800, 8}, {wide, 9999, 9999, 8}, {wide, 3, 5, 1},
		{augment.Aspect{Height: 100, Width: 200, Pad: true}, 200, 200, 2}, // shown on 100 x 100
	} {
		g := augment.Geometry{Aspect: test.aspect}
		region := g.Draw(rng.Seed{}, image.Pt(test.width, test.height))
		s := Config{Shrink: true}
		if got := s.shrinkOf(&region); got != test.want {
			t.Errorf("%d x %d to %+v: %d, want %d", test.width, test.height, test.aspect, got,
				test.want)
		}
		s.Shrink = false
		if got := s.shrinkOf(&region); got != 1 {
			t.Errorf("shrunk by %d without being asked", got)
		}
	}
}
