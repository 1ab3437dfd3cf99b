package imagefile

// decodeRLE decompresses palette indices to dst, one byte each, bottom row first.
// Skipped pixels are 0. It fails if the data end before the image; an end-of-bitmap
// code is valid anywhere.
func (f *bmpFrame) decodeRLE(dst []byte, width, height int) ([]byte, error) {
	clear(dst)
	b := f.data
	for x, y := 0, 0; y < height; {
		if len(b) < 2 {
			return dst, ErrTruncated
		}
		n, v := int(b[0]), b[1]
		b = b[2:]
		row := dst[y*width+min(x, width) : (y+1)*width]
		switch {
		case n > 0: // n pixels of v, or of its two halves alternately
			for i := range min(n, len(row)) {
				row[i] = f.index(v, i)
			}
			x += n
		case v == 0:
			x, y = 0, y+1
		case v == 1:
			return dst, nil
		case v == 2:
			if len(b) < 2 {
				return dst, ErrTruncated
			}
			x, y = x+int(b[0]), y+int(b[1])
			b = b[2:]
		default: // v literal pixels, padded to 16 bits
			n = (int(v)*f.rle + 15) / 16 * 2
			literal := b[:min(n, len(b))]
			for i := range min(int(v), len(row), len(literal)*8/f.rle) {
				row[i] = f.index(literal[i*f.rle/8], i)
			}
			if len(literal)*8 < int(v)*f.rle {
				return dst, ErrTruncated
			}
			x += int(v)
			b = b[len(literal):]
		}
	}
	return dst, nil
}

// index returns palette index i of a byte: the whole byte in RLE8, alternately the high
// and the low nibble in RLE4.
func (f *bmpFrame) index(v byte, i int) byte {
	switch {
	case f.rle == 8:
		return v
	case i&1 == 0:
		return v >> 4
	}
	return v & 15
}
