package imageop

import (
	"math"

	"mixfolder/core/raster"
)

// ChannelShift (red, green, blue) adds to each channel, and clips to the image's
// original range of values. Equal amounts are Keras' apply_channel_shift, rounded (ties
// to even). Gray images use the first.
var ChannelShift = register(Kind{
	name:    "channel_shift",
	params:  []string{"red", "green", "blue"},
	ofImage: true,
	lut: func(_ *Engine, p *raster.Image, o *Op, t *tables) {
		low, high := extremes(p)
		least := float64(min(low[0], low[1], low[2]))
		greatest := float64(max(high[0], high[1], high[2]))
		for c := range t {
			for v := range 256 {
				t[c][v] = byte(math.RoundToEven(min(max(float64(v)+o.Args[c], least), greatest)))
			}
		}
	},
})
