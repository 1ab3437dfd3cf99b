package jpeg

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape jpeg_idct
// #cgo nocallback jpeg_idct
// #cgo noescape jpeg_idct_scaled
// #cgo nocallback jpeg_idct_scaled
// #include "kernels.h"
import "C"

import (
	"image"
	"unsafe"
)

// pairCoefs is the number of coefficients of a pair of blocks.
const pairCoefs = C.JPEG_PAIR

// A run is a row of neighboring pairs of blocks, which a kernel transforms.
type run = C.jpeg_run

type (
	cInt32 = C.int32_t
	cInt64 = C.int64_t
)

// coefIndex returns where the coefficient of a row and column of a pair's left block
// is: see kernels.h. That of the right block is 8 further on.
func coefIndex(row, column int) int {
	order := [8]int{0, 4, 2, 5, 1, 6, 3, 7} // the position of each in 0, 4, 2, 6, 1, 3, 5, 7
	r, c := order[row], order[column]
	return (r/2*2+c/4)*16 + c%4*2 + r%2
}

// transformChunk transforms the blocks of a chunk of n MCUs that the region needs.
// cleared reports whether these were all, so that the coefficients that the next chunk
// uses are zero again.
func (s *state) transformChunk(runs []run, n int) (cleared bool) {
	l := &s.layout
	if l.shrink == 1 {
		transform(l.coefs, &s.dequant, s.planes, runs, true)
		pairs := 0
		for _, c := range l.comps[:l.nComps] {
			pairs += c.v * ceil(n*c.h, 2)
		}
		for i := range runs {
			pairs -= int(runs[i].n)
		}
		return pairs == 0
	}
	for i := range runs {
		if size := l.comps[runs[i].quant].blockSize; size.X == 8 {
			transform(l.coefs, &s.dequant, s.planes, runs[i:i+1], false)
		} else {
			transformScaled(l.coefs, &s.dequant, s.planes, &runs[i], size)
		}
	}
	return false
}

// transform runs the kernel for blocks of 8 x 8 samples. It checks everything that the
// kernel relies on. With clear, the coefficients are zero afterwards.
func transform(coefs []int16, dequant *[4][pairCoefs]int16, planes []byte, runs []run, clear bool) {
	if len(runs) == 0 {
		return
	}
	for i := range runs {
		checkRun(coefs, planes, &runs[i], image.Pt(8, 8))
	}
	c, q := (*C.int16_t)(unsafe.SliceData(coefs)), (*C.int16_t)(&dequant[0][0])
	p, flag := (*C.uint8_t)(unsafe.SliceData(planes)), C.int32_t(0)
	if clear {
		flag = 1
	}
	C.jpeg_idct(c, q, p, unsafe.SliceData(runs), C.int64_t(len(runs)), flag)
}

// transformScaled runs the kernel for a run of blocks of fewer samples. It checks
// everything that the kernel relies on.
func transformScaled(coefs []int16, dequant *[4][pairCoefs]int16, planes []byte, r *run,
	size image.Point) {
	switch size {
	case image.Pt(4, 4), image.Pt(2, 2), image.Pt(1, 1), image.Pt(2, 1), image.Pt(1, 2):
	default:
		panic("jpeg: no such block")
	}
	checkRun(coefs, planes, r, size)
	c, q := (*C.int16_t)(unsafe.SliceData(coefs)), (*C.int16_t)(&dequant[0][0])
	p := (*C.uint8_t)(unsafe.SliceData(planes))
	C.jpeg_idct_scaled(c, q, p, r, C.int32_t(size.X), C.int32_t(size.Y))
}

// checkRun panics if a run of blocks of size samples is not within its buffers.
func checkRun(coefs []int16, planes []byte, r *run, size image.Point) {
	last := r.dst + cInt64(size.Y-1)*r.stride + cInt64(2*size.X)*cInt64(r.n)
	if r.n < 1 || r.pair < 0 || int(r.pair+r.n)*pairCoefs > len(coefs) || r.quant < 0 ||
		r.quant > 3 || r.dst < 0 || r.stride < 0 || int(last) > len(planes) {
		panic("jpeg: a run is out of its buffers")
	}
}
