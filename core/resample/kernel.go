package resample

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape resample_horizontal1
// #cgo nocallback resample_horizontal1
// #cgo noescape resample_horizontal4
// #cgo nocallback resample_horizontal4
// #cgo noescape resample_vertical
// #cgo nocallback resample_vertical
// #cgo noescape resample_float_rows
// #cgo nocallback resample_float_rows
// #cgo noescape resample_float_columns
// #cgo nocallback resample_float_columns
// #cgo noescape resample_nearest
// #cgo nocallback resample_nearest
// #cgo noescape resample_premultiply
// #cgo nocallback resample_premultiply
// #cgo noescape resample_unpremultiply
// #cgo nocallback resample_unpremultiply
// #cgo noescape resample_flip
// #cgo nocallback resample_flip
// #cgo noescape resample_affine
// #cgo nocallback resample_affine
// #include "kernels.h"
import "C"

import (
	"math"
	"unsafe"
)

// maxWork is the maximum number of multiplications in one call of a kernel. A thread in
// C can't be preempted, so a call shouldn't take longer than about a millisecond, the
// time for this many without AVX2.
const maxWork = 1 << 21

// rowsPerCall returns the number of rows for one call of a kernel, with work
// multiplications per row.
func rowsPerCall(work int) int { return max(maxWork/max(work, 1), 2) &^ 1 }

// plane is rows of bytes in memory, stride bytes apart.
type plane struct {
	pix    []byte
	stride int
}

func (p plane) row(y int) *C.uint8_t { return (*C.uint8_t)(&p.pix[y*p.stride]) }

// shape returns the geometry of a call for pixels of as many bytes in src as in dst.
func shape(dst, src plane, width, channels int) C.resample_shape {
	return C.resample_shape{dst_stride: C.int64_t(dst.stride), src_stride: C.int64_t(src.stride),
		width: C.int64_t(width), src_pixel: C.int32_t(channels), channels: C.int32_t(channels)}
}

// filterRows filters rows of src along x into rows of dst, width pixels of channels
// bytes each.
func filterRows(dst, src plane, rows, width, channels int, a *axis) {
	s, w := shape(dst, src, width, channels), a.layout()
	step := rowsPerCall(width * a.taps * channels)
	for y := 0; y < rows; y += step {
		s.rows = C.int64_t(min(step, rows-y))
		if a.key.layout == horizontal1 {
			C.resample_horizontal1(dst.row(y), src.row(y), int32s(a.start), int16s(a.coef), &w, &s)
		} else {
			C.resample_horizontal4(dst.row(y), src.row(y), int32s(a.start), int16s(a.coef), &w, &s)
		}
	}
}

// filterColumns filters src along y into the target rows of dst, of `bytes` bytes each.
func filterColumns(dst, src plane, bytes int, a *axis) {
	s, w := shape(dst, src, bytes, 1), a.layout()
	rows := a.key.target
	step := rowsPerCall(bytes * a.taps)
	for y := 0; y < rows; y += step {
		s.rows = C.int64_t(min(step, rows-y))
		C.resample_vertical(dst.row(y), src.row(0), int32s(a.start[y:]), int32s(a.count[y:]),
			int16s(a.coef[y*a.weights():]), &w, &s)
	}
}

// filterRowsFloat is filterRows into floats, which are 1<<a.precision times too large.
func filterRowsFloat(dst []float32, src plane, rows, width, channels, bytesPerPixel int, a *axis) {
	s, w := shape(plane{}, src, width, channels), a.layout()
	s.src_pixel = C.int32_t(bytesPerPixel)
	step := rowsPerCall(width * a.taps * channels)
	for y := 0; y < rows; y += step {
		s.rows = C.int64_t(min(step, rows-y))
		C.resample_float_rows(float32s(dst[y*width*channels:]), src.row(y), int32s(a.start),
			int16s(a.coef), &w, &s)
	}
}

// filterColumnsFloat is filterColumns for the result of filterRowsFloat with the axis
// h.
func filterColumnsFloat(dst plane, src []float32, values int, h, v *axis) {
	s, w := shape(dst, plane{}, values, 1), v.layout()
	rows := v.key.target
	step := rowsPerCall(values * v.taps)
	unit := C.float(math.Ldexp(1, -h.precision-v.precision))
	for y := 0; y < rows; y += step {
		s.rows = C.int64_t(min(step, rows-y))
		C.resample_float_columns(dst.row(y), float32s(src), int32s(v.start[y:]),
			int32s(v.count[y:]), int16s(v.coef[y*v.weights():]), unit, &w, &s)
	}
}

// copyNearest copies pixels to rows of dst: from the rows of src that vertical names,
// or from its first rows if that is nil.
func copyNearest(dst, src plane, rows, width, channels, bytesPerPixel int, horizontal,
	vertical *axis) {
	s := shape(dst, src, width, channels)
	s.src_pixel = C.int32_t(bytesPerPixel)
	step := rowsPerCall(width * channels)
	column := int32s(horizontal.start)
	if k := &horizontal.key; k.identity() && !k.flip {
		column = nil
	}
	for y := 0; y < rows; y += step {
		from, index := y, (*C.int32_t)(nil)
		if vertical != nil {
			from, index = 0, int32s(vertical.start[y:])
		}
		s.rows = C.int64_t(min(step, rows-y))
		C.resample_nearest(dst.row(y), src.row(from), index, column, &s)
	}
}

// premultiply multiplies the colors of width RGBA pixels by their alpha.
func premultiply(dst, src []byte, width int) {
	C.resample_premultiply((*C.uint8_t)(&dst[0]), (*C.uint8_t)(&src[0]), C.int64_t(width))
}

// unpremultiply undoes premultiply in place.
func unpremultiply(pix []byte, width int) {
	C.resample_unpremultiply((*C.uint8_t)(&pix[0]), C.int64_t(width))
}

// flipRows copies packed rows of width pixels, each left to right; in reverse order if
// vertical.
func flipRows(dst, src []byte, width, height, channels int, vertical bool) {
	stride := width * channels
	packed := plane{stride: stride}
	s := shape(packed, packed, width, channels)
	s.rows = C.int64_t(height)
	first := 0
	if vertical {
		first, s.dst_stride = (height-1)*stride, C.int64_t(-stride)
	}
	C.resample_flip((*C.uint8_t)(&dst[first]), (*C.uint8_t)(&src[0]), &s)
}

// sample fills dst through a map of fixedPoint.
func sample(dst plane, width, height, channels int, src *Source, m [6]int64, spec *SampleOptions) {
	s := shape(dst, planeOf(&src.Image), width, channels)
	s.src_pixel = C.int32_t(src.PixelSize)
	k := C.resample_affine_map{src_width: C.int64_t(src.Width), src_height: C.int64_t(src.Height),
		bilinear: flag(spec.Bilinear), fill: C.int32_t(spec.Fill)}
	for i, v := range m {
		k.m[i] = C.int64_t(v)
	}
	for c, v := range spec.Value {
		k.value[c] = C.uint8_t(v)
	}
	// A pixel outside of the source takes several times as long as one inside.
	step := rowsPerCall(8 * width * channels)
	for y := 0; y < height; y += step {
		n := min(step, height-y)
		s.rows = C.int64_t(n)
		C.resample_affine(dst.row(y), planeOf(&src.Image).row(0), &k, &s)
		k.m[2] += C.int64_t(n) * k.m[1]
		k.m[5] += C.int64_t(n) * k.m[4]
	}
}

// layout returns the layout of the coefficients of a for the kernels.
func (a *axis) layout() C.resample_weights {
	return C.resample_weights{taps: C.int64_t(a.taps), two_part: flag(a.twoPart),
		precision: C.int32_t(a.precision)}
}

func int32s(s []int32) *C.int32_t { return (*C.int32_t)(unsafe.Pointer(&s[0])) }

func float32s(s []float32) *C.float { return (*C.float)(&s[0]) }

func int16s(s []int16) *C.int16_t { return (*C.int16_t)(unsafe.Pointer(&s[0])) }

func flag(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}
