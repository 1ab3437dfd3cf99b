package imageop

import "mixfolder/core/raster"

// AutoContrast stretches each channel to 0..255. As Pillow's ImageOps.autocontrast
// without a cutoff.
var AutoContrast = register(Kind{
	name:    "auto_contrast",
	ofImage: true,
	lut: func(_ *Engine, p *raster.Image, _ *Op, t *tables) {
		low, high := extremes(p)
		for c := range t {
			stretch(&t[c], int(low[c]), int(high[c]))
		}
	},
})

// stretch maps low to 0 and high to 255.
func stretch(t *[256]byte, low, high int) {
	scale, offset := 1.0, 0.0
	if low < high {
		scale = 255 / float64(high-low)
		offset = float64(-float64(low) * scale)
	}
	for v := range t {
		t[v] = byte(min(max(float64(float64(v)*scale)+offset, 0), 255))
	}
}
