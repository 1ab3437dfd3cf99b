package augment

import (
	"image"
	"testing"

	"mixfolder/core/rng"
)

// Expected values computed by hand. 0.875 of what Resize(256) and CenterCrop(224) leave
// of 500 x 400 is 350 x 350.
func TestCenterCrop(t *testing.T) {
	for _, c := range []struct {
		fraction      float64
		target        Aspect
		width, height int
		want          image.Rectangle
	}{
		{0.875, Aspect{Height: 224, Width: 224}, 500, 400, image.Rect(75, 25, 425, 375)},
		{1, Aspect{Height: 100, Width: 200}, 300, 300, image.Rect(0, 75, 300, 225)},
		{0.5, Aspect{Height: 100, Width: 200}, 300, 300, image.Rect(75, 112, 225, 187)},
		{0.01, Aspect{Height: 9, Width: 9}, 3, 2, image.Rect(1, 0, 2, 1)},
	} {
		g := Geometry{Crop: &CenterCrop{c.fraction}, Aspect: c.target}
		g.Pad = true // has no effect
		got := g.Draw(rng.Key(1, 0, 0), image.Pt(c.width, c.height))
		if got.Region != c.want {
			t.Errorf("%v of %d x %d: %v, want %v", c.fraction, c.width, c.height, got.Region,
				c.want)
		}
		if got.Target != image.Rect(0, 0, c.target.Width, c.target.Height) || g.Random() {
			t.Errorf("target %v", got.Target)
		}
	}
}
