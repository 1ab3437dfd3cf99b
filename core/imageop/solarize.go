package imageop

import "mixfolder/core/raster"

// Solarize (threshold) inverts values from the threshold on. As Pillow's
// ImageOps.solarize.
var Solarize = register(Kind{
	name:   "solarize",
	params: []string{"threshold"},
	lut: func(_ *Engine, _ *raster.Image, o *Op, t *tables) {
		t.all(func(v int) byte {
			if float64(v) >= o.Args[0] {
				return byte(255 - v)
			}
			return byte(v)
		})
	},
})
