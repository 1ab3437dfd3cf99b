package resample

// #cgo noescape resample_mirror
// #cgo nocallback resample_mirror
// #include "kernel.h"
import "C"

// Mirror copies a packed height x width x channels image to dst, flipped as told. dst
// and src must not overlap. It gives what Resize gives for an image of that size.
func Mirror(dst, src []byte, width, height, channels int, horizontal, vertical bool) {
	stride := width * channels
	dst, src = dst[:height*stride], src[:height*stride]
	if horizontal {
		C.resample_mirror((*C.uint8_t)(&dst[0]), (*C.uint8_t)(&src[0]), C.ptrdiff_t(height),
			C.ptrdiff_t(width), C.int(channels), flag(vertical), avx2())
		return
	}
	if !vertical {
		copy(dst, src)
		return
	}
	for y := range height {
		copy(dst[(height-1-y)*stride:][:stride], src[y*stride:])
	}
}
