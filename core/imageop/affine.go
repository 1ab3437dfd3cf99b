package imageop

import (
	"mixfolder/core/resample"

	"mixfolder/core/raster"
)

// Affine (a, b, c, d, e, f) samples pixel (x, y) at the source's point (a*u+b*v+c,
// d*u+e*v+f), where (u, v) = (x+0.5, y+0.5) and the first pixel's center is at 0.5:
// from the nearest pixel or, with Bilinear, between four. Points outside of the image
// show Fill. As Pillow's Image.transform with AFFINE, within the bounds of
// resample.Resampler.AffineNoAA.
var Affine = register(Kind{
	name:   "affine",
	params: []string{"a", "b", "c", "d", "e", "f"},
	shown: func(o *Op, f func(name string, value any)) {
		f("bilinear", o.Bilinear)
		f("fill", colorOf(o.Fill, 4))
	},
	apply: func(e *Engine, p *raster.Image, o *Op) error {
		src := *p
		src.Pix = raster.Grow(&e.before, len(p.Pix)+raster.Slack)[:len(p.Pix)]
		copy(src.Pix, p.Pix)
		return e.warper.AffineNoAA(*p, resample.Source{Image: src}, o.Args,
			resample.SampleOptions{Bilinear: o.Bilinear, Value: o.Fill})
	},
})
