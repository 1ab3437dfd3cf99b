package augment

import (
	"image"
	"testing"
)

// Expected values: keras.utils.image_utils.smart_resize's box, and
// tf.image.resize_with_pad, worked out from their sources.
func TestAspect(t *testing.T) {
	crop := Aspect{Height: 100, Width: 200, Crop: true}
	pad := Aspect{Height: 100, Width: 200, Pad: true}
	for _, c := range []struct {
		got, want image.Rectangle
	}{
		{crop.Region(image.Pt(300, 300)), image.Rect(0, 75, 300, 225)},
		{crop.Region(image.Pt(301, 100)), image.Rect(50, 0, 250, 100)},
		{crop.Region(image.Pt(1, 999)), image.Rect(0, 499, 1, 500)},
		{pad.Region(image.Pt(300, 300)), image.Rect(0, 0, 300, 300)},
		{pad.Target(image.Pt(300, 300)), image.Rect(50, 0, 150, 100)},
		{pad.Target(image.Pt(400, 100)), image.Rect(0, 25, 200, 75)},
		{pad.Target(image.Pt(999, 1)), image.Rect(0, 49, 200, 50)},
		{Aspect{Height: 3, Width: 4}.Target(image.Pt(7, 9)), image.Rect(0, 0, 4, 3)},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}
