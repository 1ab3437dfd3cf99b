package jpeg

// #cgo noescape jpeg_shrunk_default
// #cgo nocallback jpeg_shrunk_default
// #cgo noescape jpeg_shrunk_avx2
// #cgo nocallback jpeg_shrunk_avx2
// #include "idct_scaled.h"
import "C"

import (
	"image"
	"unsafe"

	"mixfolder/core/simd"
)

// transformChunk transforms the blocks of a chunk of n MCUs that the region needs.
// cleared reports whether these were all, so that the coefficients that the next chunk
// uses are zero again.
func (s *state) transformChunk(runs []run, n int) (cleared bool) {
	if s.layout.shrink == 1 {
		transform(s.layout.coefs, &s.dequant, s.planes, runs, true)
		pairs := 0
		for _, c := range s.layout.comps[:s.layout.nComps] {
			pairs += c.v * ceil(n*c.h, 2)
		}
		for i := range runs {
			pairs -= int(runs[i].n)
		}
		return pairs == 0
	}
	for i := range runs {
		if size := s.layout.comps[runs[i].quant].blockSize; size.X == 8 {
			transform(s.layout.coefs, &s.dequant, s.planes, runs[i:i+1], false)
		} else {
			transformScaled(s.layout.coefs, &s.dequant, s.planes, &runs[i], size)
		}
	}
	return false
}

// transformScaled runs the kernel for a run of blocks of fewer samples than 8 x 8. It
// checks everything that the kernel relies on.
func transformScaled(coefs []int16, dequant *[4][pairCoefs]int16, planes []byte, r *run,
	size image.Point) {
	switch size {
	case image.Pt(4, 4), image.Pt(2, 2), image.Pt(1, 1), image.Pt(2, 1), image.Pt(1, 2):
	default:
		panic("jpeg: no such block")
	}
	width, height := C.int64_t(size.X), C.int64_t(size.Y)
	last := r.dst + (height-1)*r.stride + 2*width*C.int64_t(r.n)
	if r.n < 1 || r.pair < 0 || int(r.pair+r.n)*pairCoefs > len(coefs) || r.quant < 0 ||
		r.quant > 3 || r.dst < 0 || r.stride < 0 || int(last) > len(planes) {
		panic("jpeg: a run is out of its buffers")
	}
	c, q := (*C.int16_t)(unsafe.SliceData(coefs)), (*C.int16_t)(&dequant[0][0])
	p := (*C.uint8_t)(unsafe.SliceData(planes))
	if simd.AVX2 {
		C.jpeg_shrunk_avx2(c, q, p, r, C.int32_t(width), C.int32_t(height))
	} else {
		C.jpeg_shrunk_default(c, q, p, r, C.int32_t(width), C.int32_t(height))
	}
}
