package imageop

import "mixfolder/core/resample"

// Affine (a, b, c, d, e, f) makes pixel (x, y) from the source's point (a*u+b*v+c,
// d*u+e*v+f), where (u, v) = (x+0.5, y+0.5) and the first pixel's center is at 0.5:
// from the nearest pixel or, with Bilinear, between four. Points outside of the image
// show Fill. As Pillow's Image.transform with AFFINE, within the bounds of
// resample.Resampler.Warp.
var Affine = register(Kind{
	name:   "affine",
	params: []string{"a", "b", "c", "d", "e", "f"},
	shown: func(o *Op, f func(name string, value any)) {
		f("bilinear", o.Bilinear)
		f("fill", colorOf(o.Fill, 4))
	},
	apply: func(e *Engine, p *Image, o *Op) error {
		e.before = grown(e.before, len(p.Pix)+resample.Slack)
		copy(e.before, p.Pix)
		src := resample.Source{Pix: e.before[:len(p.Pix)], Stride: p.stride(), Width: p.Width,
			Height: p.Height, BytesPerPixel: p.Channels}
		return e.warper.Warp(p.Pix, p.stride(), p.Width, p.Height, p.Channels, src, o.Args,
			resample.WarpSpec{Bilinear: o.Bilinear, Value: o.Fill})
	},
})
