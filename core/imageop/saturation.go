package imageop

import "mixfolder/core/raster"

// Saturation (factor) blends the image with its luma: 0 is gray. As Pillow's
// ImageEnhance.Color. Gray images are unchanged.
var Saturation = register(Kind{
	name:      "saturation",
	params:    []string{"factor"},
	colorOnly: true,
	apply: func(_ *Engine, p *raster.Image, o *Op) error {
		saturate(p, float32(o.Args[0]))
		return nil
	},
})

// Grayscale sets all channels to Pillow's luma (its mode L).
var Grayscale = register(Kind{
	name:      "grayscale",
	colorOnly: true,
	apply: func(_ *Engine, p *raster.Image, _ *Op) error {
		saturate(p, 0)
		return nil
	},
})
