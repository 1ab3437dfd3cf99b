package imageop

import "mixfolder/core/raster"

// Sharpness (factor) blends the image with a smooth one: 0 is smooth, 1 the image, 2
// sharp. As Pillow's ImageEnhance.Sharpness: pixels at the border are unchanged.
var Sharpness = register(Kind{
	name:   "sharpness",
	params: []string{"factor"},
	apply: func(e *Engine, p *raster.Image, o *Op) error {
		if p.Width < 3 || p.Height < 3 {
			return nil // all pixels are at the border
		}
		raster.Grow(&e.before, len(p.Pix))
		copy(e.before, p.Pix)
		sharpenRows(p, e.before, 1, p.Height-1, float32(o.Args[0]))
		return nil
	},
})
