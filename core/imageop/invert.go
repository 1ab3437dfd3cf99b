package imageop

import "mixfolder/core/raster"

// Invert inverts all values. As Pillow's ImageOps.invert.
var Invert = register(Kind{
	name: "invert",
	lut: func(_ *Engine, _ *raster.Image, _ *Op, t *tables) {
		t.all(func(v int) byte { return byte(255 - v) })
	},
})
