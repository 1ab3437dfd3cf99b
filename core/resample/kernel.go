package resample

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape resample_horizontal1
// #cgo nocallback resample_horizontal1
// #cgo noescape resample_horizontal4
// #cgo nocallback resample_horizontal4
// #cgo noescape resample_vertical
// #cgo nocallback resample_vertical
// #cgo noescape resample_wide_rows
// #cgo nocallback resample_wide_rows
// #cgo noescape resample_wide_columns
// #cgo nocallback resample_wide_columns
// #cgo noescape resample_pick
// #cgo nocallback resample_pick
// #cgo noescape resample_premultiply
// #cgo nocallback resample_premultiply
// #cgo noescape resample_unpremultiply
// #cgo nocallback resample_unpremultiply
// #include "kernel.h"
import "C"

import (
	"math"
	"unsafe"

	"mixfolder/core/simd"
)

// maxWork is how many multiplications of a pixel's byte one call of a kernel may do. A
// thread in C can't be preempted, so a call shouldn't take longer than about a
// millisecond, which is what this many take without AVX2.
const maxWork = 1 << 21

// rowsPerCall is the number of rows that a kernel may do in one call, where a row is
// work multiplications.
func rowsPerCall(work int) int { return max(maxWork/max(work, 1), 2) &^ 1 }

// plane is rows of bytes in memory, stride bytes apart.
type plane struct {
	pix    []byte
	stride int
}

func (p plane) row(y int) *C.uint8_t { return (*C.uint8_t)(&p.pix[y*p.stride]) }

// filterRows filters rows of src along x into rows of dst, width pixels of channels
// bytes each.
func filterRows(dst, src plane, rows, width, channels int, a *axis) {
	most := rowsPerCall(width * a.taps * channels)
	for y := 0; y < rows; y += most {
		n := min(most, rows-y)
		if a.key.role == horizontal1 {
			C.resample_horizontal1(dst.row(y), C.ptrdiff_t(dst.stride), src.row(y),
				C.ptrdiff_t(src.stride), C.ptrdiff_t(n),
				C.ptrdiff_t(width), int32s(a.start), int16s(a.coef), C.ptrdiff_t(a.taps), split(a), C.int(a.precision), avx2())
			continue
		}
		C.resample_horizontal4(dst.row(y), C.ptrdiff_t(dst.stride), src.row(y),
			C.ptrdiff_t(src.stride), C.ptrdiff_t(n),
			C.ptrdiff_t(width), int32s(a.start), int16s(a.coef), C.ptrdiff_t(a.taps), split(a), C.int(a.precision), C.int(channels), avx2())
	}
}

// filterColumns filters src along y into the target rows of dst, of `bytes` bytes each.
func filterColumns(dst, src plane, bytes int, a *axis) {
	rows := a.key.target
	most := rowsPerCall(bytes * a.taps)
	for y := 0; y < rows; y += most {
		n := min(most, rows-y)
		C.resample_vertical(dst.row(y), C.ptrdiff_t(dst.stride), src.row(0),
			C.ptrdiff_t(src.stride), C.ptrdiff_t(n), C.ptrdiff_t(bytes),
			int32s(a.start[y:]), int32s(a.count[y:]), int16s(a.coef[y*a.weights():]), C.ptrdiff_t(a.taps), split(a), C.int(a.precision), avx2())
	}
}

// filterRowsWide is filterRows into floats, which are 1<<a.precision times too large.
func filterRowsWide(dst []float32, src plane, rows, width, channels, bytesPerPixel int, a *axis) {
	most := rowsPerCall(width * a.taps * channels)
	for y := 0; y < rows; y += most {
		C.resample_wide_rows(float32s(dst[y*width*channels:]), src.row(y), C.ptrdiff_t(src.stride),
			C.ptrdiff_t(min(most, rows-y)),
			C.ptrdiff_t(width), int32s(a.start), int16s(a.coef), C.ptrdiff_t(a.taps), split(a), C.int(channels), C.int(bytesPerPixel), avx2())
	}
}

// filterColumnsWide is filterColumns of what filterRowsWide made with the axis h.
func filterColumnsWide(dst plane, src []float32, values int, h, v *axis) {
	rows := v.key.target
	most := rowsPerCall(values * v.taps)
	unit := math.Ldexp(1, -h.precision-v.precision)
	for y := 0; y < rows; y += most {
		C.resample_wide_columns(dst.row(y), C.ptrdiff_t(dst.stride), float32s(src),
			C.ptrdiff_t(min(most, rows-y)), C.ptrdiff_t(values),
			int32s(v.start[y:]), int32s(v.count[y:]), int16s(v.coef[y*v.weights():]), C.ptrdiff_t(v.taps), split(v), C.float(unit), avx2())
	}
}

// pickPixels copies pixels to rows of dst: from the rows of src that vertical names, or
// from its first rows where that is nil.
func pickPixels(dst, src plane, rows, width, channels, bytesPerPixel int, horizontal,
	vertical *axis) {
	most := rowsPerCall(width * channels)
	column := int32s(horizontal.start)
	if k := &horizontal.key; k.same() && !k.flip {
		column = nil
	}
	for y := 0; y < rows; y += most {
		from, index := y, (*C.int32_t)(nil)
		if vertical != nil {
			from, index = 0, int32s(vertical.start[y:])
		}
		C.resample_pick(dst.row(y), C.ptrdiff_t(dst.stride), src.row(from), C.ptrdiff_t(src.stride),
			C.ptrdiff_t(min(most, rows-y)),
			C.ptrdiff_t(width), index, column, C.int(channels), C.int(bytesPerPixel), avx2())
	}
}

// premultiply multiplies the colors of width RGBA pixels by their alpha.
func premultiply(dst, src []byte, width int) {
	C.resample_premultiply((*C.uint8_t)(&dst[0]), (*C.uint8_t)(&src[0]), C.ptrdiff_t(width), avx2())
}

// unpremultiply undoes premultiply in place.
func unpremultiply(pix []byte, width int) {
	C.resample_unpremultiply((*C.uint8_t)(&pix[0]), C.ptrdiff_t(width), avx2())
}

func int32s(s []int32) *C.int32_t { return (*C.int32_t)(unsafe.Pointer(&s[0])) }

func float32s(s []float32) *C.float { return (*C.float)(&s[0]) }

func int16s(s []int16) *C.int16_t { return (*C.int16_t)(unsafe.Pointer(&s[0])) }

func split(a *axis) C.int { return flag(a.split) }

func avx2() C.int { return flag(simd.AVX2) }

func flag(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
