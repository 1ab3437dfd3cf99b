package imageop

import "mixfolder/core/raster"

// Equalize flattens each channel's histogram. As Pillow's ImageOps.equalize.
var Equalize = register(Kind{
	name:    "equalize",
	ofImage: true,
	lut: func(e *Engine, p *raster.Image, _ *Op, t *tables) {
		count(p, &e.counts)
		for c := range t {
			flatten(&t[c], &e.counts[c])
		}
	},
})

// flatten computes the table of a channel with this histogram.
func flatten(t *[256]byte, counts *[256]uint32) {
	sum, last := uint64(0), uint64(0)
	for _, n := range counts {
		if n > 0 {
			sum += uint64(n)
			last = uint64(n)
		}
	}
	step := (sum - last) / 255
	n := step / 2
	for v := range t {
		if step == 0 {
			t[v] = byte(v)
			continue
		}
		t[v] = byte(min(n/step, 255))
		n += uint64(counts[v])
	}
}
