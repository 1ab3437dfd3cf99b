package jpeg

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape jpeg_idct_default
// #cgo nocallback jpeg_idct_default
// #cgo noescape jpeg_idct_avx2
// #cgo nocallback jpeg_idct_avx2
// #include "idct.h"
import "C"

import (
	"unsafe"

	"mixfolder/core/simd"
)

// pairCoefs is the coefficients of a pair of blocks.
const pairCoefs = C.JPEG_PAIR

// A run is a row of pairs of blocks, side by side, that the kernel transforms.
type run = C.jpeg_run

type (
	cInt32 = C.int32_t
	cInt64 = C.int64_t
)

// place gives where the coefficient of a row and column of the left block of a pair
// stands: see idct.h. The right block's is 8 further on.
func coefIndex(row, column int) int {
	order := [8]int{0, 4, 2, 5, 1, 6, 3, 7} // the place of each among 0, 4, 2, 6, 1, 3, 5, 7
	r, c := order[row], order[column]
	return (r/2*2+c/4)*16 + c%4*2 + r%2
}

// transform runs the kernel. It checks all that the kernel relies on. With wipe, the
// coefficients are zero afterwards.
func transform(coefs []int16, quant *[4][pairCoefs]int16, planes []byte, runs []run, wipe bool) {
	if len(runs) == 0 {
		return
	}
	for _, r := range runs {
		last := r.dst + 7*r.stride + 16*C.int64_t(r.n)
		if r.n < 1 || r.pair < 0 || int(r.pair+r.n)*pairCoefs > len(coefs) || r.quant < 0 ||
			r.quant > 3 ||
			r.dst < 0 || r.stride < 0 || int(last) > len(planes) {
			panic("jpeg: a run is out of its buffers")
		}
	}
	c, q := (*C.int16_t)(unsafe.SliceData(coefs)), (*C.int16_t)(&quant[0][0])
	p, r, n := (*C.uint8_t)(unsafe.SliceData(planes)), unsafe.SliceData(runs), C.int64_t(len(runs))
	w := C.int32_t(0)
	if wipe {
		w = 1
	}
	if simd.AVX2 {
		C.jpeg_idct_avx2(c, q, p, r, n, w)
	} else {
		C.jpeg_idct_default(c, q, p, r, n, w)
	}
}
