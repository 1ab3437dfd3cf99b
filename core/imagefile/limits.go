package imagefile

// defaultMaxPixels is Pillow's limit: beyond twice its MAX_IMAGE_PIXELS it raises
// DecompressionBombError.
const defaultMaxPixels = 2 * 89478485

// maxPixels returns the limit of the options.
func (o *Options) maxPixels() int {
	if o.MaxPixels > 0 {
		return o.MaxPixels
	}
	return defaultMaxPixels
}

// The ratios below bound how many bytes of samples one byte of a file can stand for. A
// header that claims more pixels than the file can hold is rejected before memory is
// allocated for them. That of JPEG is jpeg.MaxPixelsPerByte.

// maxDeflate is the ratio of Deflate. A truncated file that is kept may have as many
// bytes missing.
const maxDeflateRatio = 1032

// maxLZW is the ratio of LZW: a string of 4096 bytes in a code of 12 bits.
const maxLZWRatio = 4096 * 8 / 12

// maxRLE bounds the pixels per byte of run-length codes: an end of line (two bytes) can
// skip a row of any width, and a delta (four bytes) 255 rows. No useful file comes
// close.
const maxRLERatio = 1 << 14

// maxText is the number of bytes that are read of a compressed PNG text; the
// orientation is near its start.
const maxTextBytes = 1 << 16
