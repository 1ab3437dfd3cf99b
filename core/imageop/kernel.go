package imageop

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape imageop_look_up
// #cgo nocallback imageop_look_up
// #cgo noescape imageop_count
// #cgo nocallback imageop_count
// #cgo noescape imageop_extremes
// #cgo nocallback imageop_extremes
// #cgo noescape imageop_luma_sum
// #cgo nocallback imageop_luma_sum
// #cgo noescape imageop_saturate
// #cgo nocallback imageop_saturate
// #cgo noescape imageop_hue
// #cgo nocallback imageop_hue
// #cgo noescape imageop_sharpen
// #cgo nocallback imageop_sharpen
// #cgo noescape imageop_blur
// #cgo nocallback imageop_blur
// #include "kernels.h"
import "C"

import "mixfolder/core/raster"

// maxCallPixels is the maximum number of pixels that one call of a kernel changes: a
// thread in C can't be preempted, and the slowest kernel (hue, without AVX2) takes
// about a millisecond for this many.
const maxCallPixels = 1 << 15

// period is the number of bytes after which packed channels repeat; that many pixels
// are a whole number of periods, too.
const period = C.IMAGEOP_PERIOD

// chunks calls f for maxCallPixels of p at a time, a whole number of periods.
func chunks(p *raster.Image, f func(pix *C.uint8_t, pixels C.int64_t)) {
	const step = maxCallPixels / period * period
	for n := 0; n < p.Width*p.Height; n += step {
		f((*C.uint8_t)(&p.Pix[n*p.Channels]), C.int64_t(min(step, p.Width*p.Height-n)))
	}
}

// lookUp replaces each value of p by that in the tables.
func lookUp(p *raster.Image, t *tables) {
	chunks(p, func(pix *C.uint8_t, pixels C.int64_t) {
		C.imageop_look_up(pix, pixels, C.int(p.Channels), (*C.uint8_t)(&t[0][0]))
	})
}

// count fills h with the number of times that each value occurs in p. Gray images have
// only the first channel.
func count(p *raster.Image, h *histogram) {
	*h = histogram{}
	chunks(p, func(pix *C.uint8_t, pixels C.int64_t) {
		C.imageop_count(pix, pixels, C.int(p.Channels), (*C.uint32_t)(&h[0][0]))
	})
}

// extremes returns the minimum and the maximum of each color; for gray images three
// equal ones.
func extremes(p *raster.Image) (low, high [3]byte) {
	var least, greatest [period]byte
	for i := range least {
		least[i] = 255
	}
	chunks(p, func(pix *C.uint8_t, pixels C.int64_t) {
		C.imageop_extremes(pix, pixels*C.int64_t(p.Channels), (*C.uint8_t)(&least[0]),
			(*C.uint8_t)(&greatest[0]))
	})
	low = [3]byte{255, 255, 255}
	for i := range least {
		for c := range 3 {
			if p.Channels == 1 || i%p.Channels == c {
				low[c], high[c] = min(low[c], least[i]), max(high[c], greatest[i])
			}
		}
	}
	return low, high
}

// lumaSum returns the sum of the pixels' luma, as in Pillow's mode L.
func lumaSum(p *raster.Image) (sum uint64) {
	chunks(p, func(pix *C.uint8_t, pixels C.int64_t) {
		sum += uint64(C.imageop_luma_sum(pix, pixels, C.int(p.Channels)))
	})
	return sum
}

// saturate blends the pixels of p, 3 or 4 channels, with their luma.
func saturate(p *raster.Image, factor float32) {
	chunks(p, func(pix *C.uint8_t, pixels C.int64_t) {
		C.imageop_saturate(pix, pixels, C.int(p.Channels), C.float(factor))
	})
}

// rotateHue rotates the hues of p, 3 or 4 channels, by shift 255ths of a circle.
func rotateHue(p *raster.Image, shift uint8) {
	chunks(p, func(pix *C.uint8_t, pixels C.int64_t) {
		C.imageop_hue(pix, pixels, C.int(p.Channels), C.int(shift))
	})
}

// maxTaps is maxCallPixels for kernels that read neighbors, in bytes times the
// neighbors that they add up.
const maxTaps = 1 << 20

// sharpenRows sharpens rows first to last-1 of p; before is the original image.
func sharpenRows(p *raster.Image, before []byte, first, last int, factor float32) {
	stride := p.Stride
	step := max(maxTaps/(9*stride), 1)
	for y := first; y < last; y += step {
		C.imageop_sharpen((*C.uint8_t)(&p.Pix[y*stride]), (*C.uint8_t)(&before[y*stride]),
			C.int64_t(min(step, last-y)), C.int64_t(p.Width), C.int(p.Channels), C.float(factor))
	}
}

// blurRows blurs padded, which has b.radius more rows above and below, into p.
func blurRows(p *raster.Image, padded []byte, b *blur) {
	s := C.imageop_blur_shape{width: C.int64_t(p.Width), channels: C.int32_t(p.Channels),
		radius: C.int32_t(b.radius), precision: C.int32_t(b.precision)}
	step := max(maxTaps/(2*(b.radius+1)*p.Stride), 1)
	for y := 0; y < p.Height; y += step {
		s.rows = C.int64_t(min(step, p.Height-y))
		C.imageop_blur((*C.uint8_t)(&p.Pix[y*p.Stride]),
			(*C.uint8_t)(&padded[(y+b.radius)*p.Stride]), (*C.int16_t)(&b.weights[0]),
			(*C.int32_t)(&b.mirror[0]), (*C.int16_t)(&b.line[0]), &s)
	}
}
