package imageop

import "mixfolder/core/raster"

// Brightness (factor) blends the image with black: 0 is black, 1 the image. As Pillow's
// ImageEnhance.Brightness.
var Brightness = register(Kind{
	name:   "brightness",
	params: []string{"factor"},
	lut: func(_ *Engine, _ *raster.Image, o *Op, t *tables) {
		t.all(func(v int) byte { return blend(0, v, float32(o.Args[0])) })
	},
})
