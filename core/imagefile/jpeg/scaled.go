package jpeg

// #cgo noescape jpeg_shrunk_default
// #cgo nocallback jpeg_shrunk_default
// #cgo noescape jpeg_shrunk_avx2
// #cgo nocallback jpeg_shrunk_avx2
// #include "idct_scaled.h"
import "C"

import (
	"fmt"
	"image"
	"unsafe"

	"mixfolder/core/simd"
)

// DecodeShrunk is Decode of the image that libjpeg gives with scale_num / scale_denom =
// 1/shrink: shrink is 1, 2, 4 or 8, and the image has ceil(width/shrink) x
// ceil(height/shrink) samples, of which region is a part. Each block is transformed to
// fewer samples, from its low frequencies. Files for which Shrinks is false are
// ErrUnsupported.
func (d *Decoder) DecodeScaled(data []byte, shrink int, region image.Rectangle) (Planes, error) {
	if shrink != 1 && shrink != 2 && shrink != 4 && shrink != 8 {
		return Planes{}, fmt.Errorf("jpeg: shrink %d is none of 1, 2, 4, 8", shrink)
	}
	s := d.state()
	s.keepTruncated = d.KeepTruncated
	return s.decodeImage(data, shrink, region, nil)
}

// Shrinks tells by a file's headers whether DecodeShrunk reads it: damage is still
// possible then, but not ErrUnsupported. It reads sequential files in one scan, gray or
// with luma and two chromas in the usual samplings.
func (d *Decoder) CanScale(data []byte) bool {
	s := d.state()
	return s.hdr.parse(data) == nil && s.canScale()
}

// shrinks is Shrinks for the file whose header was read.
func (s *state) canScale() bool { return !s.hdr.buffered && s.hdr.nComps < 4 }

// samplesOf gives the samples of a component's block, where a sample of the full image
// has h x v of luma. Chroma that is halved in both directions is scaled by half as much
// as luma, so that it needs no upsampling (jpeg_calc_output_dimensions of jdmaster.c).
// At 1/8 other chroma is repeated: libjpeg's "fancy" upsampling begins at two samples a
// block (jdsample.c).
func scaledBlockSize(h, v, shrink int) image.Point {
	n := 8 / shrink
	switch {
	case shrink == 1:
		return image.Pt(8, 8)
	case h == 2 && v == 2:
		return image.Pt(2*n, 2*n)
	case shrink == 8:
		return image.Pt(h, v)
	}
	return image.Pt(n, n)
}

// transformRuns transforms what the region needs of a chunk of n MCUs. It tells whether
// that was all, and all of s.coefs that the next chunk reads is zero again.
func (s *state) transformChunk(runs []run, n int) (wiped bool) {
	if s.layout.shrink == 1 {
		transform(s.layout.coefs, &s.dequant, s.planes, runs, true)
		pairs := 0
		for _, p := range s.layout.comps[:s.layout.nComps] {
			pairs += p.v * ceil(n*p.h, 2)
		}
		for i := range runs {
			pairs -= int(runs[i].n)
		}
		return pairs == 0
	}
	for i := range runs {
		if b := s.layout.comps[runs[i].quant].blockSize; b.X == 8 {
			transform(s.layout.coefs, &s.dequant, s.planes, runs[i:i+1], false)
		} else {
			transformScaled(s.layout.coefs, &s.dequant, s.planes, &runs[i], b)
		}
	}
	return false
}

// shrunk runs the kernel for a run of blocks of fewer samples than 8 x 8. It checks all
// that the kernel relies on.
func transformScaled(coefs []int16, quant *[4][pairCoefs]int16, planes []byte, r *run, block image.Point) {
	switch block {
	case image.Pt(4, 4), image.Pt(2, 2), image.Pt(1, 1), image.Pt(2, 1), image.Pt(1, 2):
	default:
		panic("jpeg: no such block")
	}
	width, height := C.int64_t(block.X), C.int64_t(block.Y)
	last := r.dst + (height-1)*r.stride + 2*width*C.int64_t(r.n)
	if r.n < 1 || r.pair < 0 || int(r.pair+r.n)*pairCoefs > len(coefs) || r.quant < 0 ||
		r.quant > 3 ||
		r.dst < 0 || r.stride < 0 || int(last) > len(planes) {
		panic("jpeg: a run is out of its buffers")
	}
	c, q := (*C.int16_t)(unsafe.SliceData(coefs)), (*C.int16_t)(&quant[0][0])
	p := (*C.uint8_t)(unsafe.SliceData(planes))
	if simd.AVX2 {
		C.jpeg_shrunk_avx2(c, q, p, r, C.int32_t(width), C.int32_t(height))
	} else {
		C.jpeg_shrunk_default(c, q, p, r, C.int32_t(width), C.int32_t(height))
	}
}
