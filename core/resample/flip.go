package resample

// Flip copies a packed height x width x channels image to dst, flipped as requested.
// dst and src must not overlap. The result is that of Resize for an image of this size.
func Flip(dst, src []byte, width, height, channels int, horizontal, vertical bool) {
	stride := width * channels
	dst, src = dst[:height*stride], src[:height*stride]
	if horizontal {
		flipRows(dst, src, width, height, channels, vertical)
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
