package imageop

import "mixfolder/core/raster"

// Contrast (factor) blends the image with its mean luma: 0 is flat. As Pillow's
// ImageEnhance.Contrast.
var Contrast = register(Kind{
	name:    "contrast",
	params:  []string{"factor"},
	ofImage: true,
	lut: func(_ *Engine, p *raster.Image, o *Op, t *tables) {
		// int(ImageStat.Stat(image.convert("L")).mean[0] + 0.5)
		mean := int(float64(lumaSum(p))/float64(p.Width*p.Height) + 0.5)
		t.all(func(v int) byte { return blend(mean, v, float32(o.Args[0])) })
	},
})
