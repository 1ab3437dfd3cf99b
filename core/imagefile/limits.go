package imagefile

// defaultMaxPixels is Pillow's limit: beyond twice its MAX_IMAGE_PIXELS it raises
// DecompressionBombError.
const defaultMaxPixels = 2 * 89478485

// maxPixels is the limit that the options mean.
func (o *Options) maxPixels() int {
	if o.MaxPixels > 0 {
		return o.MaxPixels
	}
	return defaultMaxPixels
}

// The ratios below bound how many bytes of samples one byte of a file can stand for. A
// header that claims more pixels than the file can hold is refused before memory is
// allocated for them. That of JPEG is jpeg.MaxPixelsPerByte.

// maxDeflate is the ratio of Deflate. A truncated file that is kept may have as many
// bytes missing.
const maxDeflate = 1032

// maxLZW is the ratio of LZW: a string of 4096 bytes in a code of 12 bits.
const maxLZW = 4096 * 8 / 12

// maxRLE is how many pixels a byte of run-length codes may stand for: an end of
// line, two bytes, may leave a row of any width, and a delta, four bytes, 255 of them.
// No file of use comes near.
const maxRLE = 1 << 14

// maxText is how many bytes of a compressed PNG text are read: the orientation stands
// in the first ones.
const maxText = 1 << 16
