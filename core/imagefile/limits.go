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

// The ratios below bound the decoded bytes per byte of a file. A header that claims
// more pixels than the file can hold is rejected before memory is allocated. The ratio
// of JPEG is jpeg.MaxPixelsPerByte.

// maxDeflateRatio is the ratio of Deflate. With KeepTruncated, as many bytes may be
// missing.
const maxDeflateRatio = 1032

// maxLZWRatio is the ratio of LZW: a string of 4096 bytes in a 12-bit code.
const maxLZWRatio = 4096 * 8 / 12

// maxRLERatio bounds the pixels per byte of run-length codes: an end of line (two
// bytes) can skip a row of any width, and a delta (four bytes) 255 rows. No useful file
// comes close.
const maxRLERatio = 1 << 14

// maxTextBytes limits decompressed PNG text; the orientation is near its start.
const maxTextBytes = 1 << 16
