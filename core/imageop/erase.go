package imageop

import (
	"fmt"
	"math"

	"mixfolder/core/raster"
	"mixfolder/core/rng"
)

// Erase (x, y, width, height) fills a rectangle with Fill: Random Erasing (Zhong et al.
// 2017) with a constant.
var Erase = register(Kind{
	name:   "erase",
	params: rectangle,
	check:  checkRectangle,
	shown:  func(o *Op, f func(name string, value any)) { f("fill", colorOf(o.Fill, 3)) },
	apply: func(_ *Engine, p *raster.Image, o *Op) error {
		o.eachRow(p, func(row []byte, _ uint64) { fillRow(row, p.Channels, o.Fill) })
		return nil
	},
})

// EraseNoise (x, y, width, height) fills a rectangle with uniform random values from 0
// to 255, determined by Seed: Random Erasing as in the paper. The noise is indexed by
// the pixels of the rectangle, including those outside of the image.
var EraseNoise = register(Kind{
	name:   "erase_noise",
	params: rectangle,
	check:  checkRectangle,
	shown:  func(o *Op, f func(name string, value any)) { f("seed", o.Seed) },
	apply: func(_ *Engine, p *raster.Image, o *Op) error {
		o.eachRow(p, func(row []byte, first uint64) { noiseRow(row, p.Channels, o.Seed, first) })
		return nil
	},
})

var rectangle = []string{"x", "y", "width", "height"}

func checkRectangle(o *Op) error {
	for i, name := range rectangle {
		if v := o.Args[i]; v != math.Trunc(v) || i >= 2 && v < 0 {
			return fmt.Errorf("imageop: %v of %v is %v, must be a whole number, widths and "+
				"heights not below 0", name, o.Kind, v)
		}
	}
	return nil
}

// eachRow calls f for the part of each row of o's rectangle that is in the image, with
// the index of its first pixel in the rectangle, in row order.
func (o *Op) eachRow(p *raster.Image, f func(row []byte, first uint64)) {
	x, y, width, height := int(o.Args[0]), int(o.Args[1]), int(o.Args[2]), int(o.Args[3])
	left, right := max(x, 0), min(x+width, p.Width)
	top, bottom := max(y, 0), min(y+height, p.Height)
	for v := top; v < bottom && left < right; v++ {
		f(p.Pix[(v*p.Width+left)*p.Channels:(v*p.Width+right)*p.Channels],
			uint64(v-y)*uint64(width)+uint64(left-x))
	}
}

// fillRow sets all pixels to one color.
func fillRow(row []byte, channels int, fill [4]byte) {
	for ; len(row) > 0; row = row[channels:] {
		row[0] = fill[0]
		if channels > 1 {
			row[1], row[2] = fill[1], fill[2]
		}
	}
}

// noiseRow fills pixels with noise: the lowest bytes of number n for the first pixel,
// and so on.
func noiseRow(row []byte, channels int, seed, n uint64) {
	for ; len(row) > 0; row = row[channels:] {
		z := noise(seed, n)
		row[0] = byte(z)
		if channels > 1 {
			row[1], row[2] = byte(z>>8), byte(z>>16)
		}
		n++
	}
}

// noise returns number n of the generator SplitMix64 (Steele, Lea, Flood 2014) with
// this seed.
func noise(seed, n uint64) uint64 { return rng.Mix64(seed + (n+1)*0x9e3779b97f4a7c15) }
