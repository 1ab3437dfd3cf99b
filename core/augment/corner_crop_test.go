package augment

import (
	"image"
	"testing"

	"mixfolder/core/rng"
)

// Expected values as in TestCenterCrop: 350 x 350 of 500 x 400.
func TestCornerCrop(t *testing.T) {
	for corner, want := range map[string]image.Rectangle{
		"top_left":     image.Rect(0, 0, 350, 350),
		"top_right":    image.Rect(150, 0, 500, 350),
		"bottom_left":  image.Rect(0, 50, 350, 400),
		"bottom_right": image.Rect(150, 50, 500, 400),
	} {
		c := &CornerCrop{0.875, corner}
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		g := Geometry{Crop: c, Aspect: Aspect{Height: 224, Width: 224, Pad: true}}
		got := g.Draw(rng.Key(1, 0, 0), image.Pt(500, 400))
		if got.Region != want || got.Target != image.Rect(0, 0, 224, 224) || g.Random() {
			t.Errorf("%s: got %v in %v", corner, got.Region, got.Target)
		}
	}
	for _, c := range []CornerCrop{{0, "top_left"}, {1.5, "top_left"}, {0.5, "left"}} {
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
