package imagefile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"

	"golang.org/x/image/tiff/lzw"

	"mixfolder/core/raster"
)

// Decode writes the pixels of region. It reads the strips or tiles that touch it.
func (d *tiffCodec) Decode(dst raster.Image, region image.Rectangle, _ int) error {
	h, f := d.header, d.frame
	f.setPalette(d)
	if f.lsbFirst {
		f.body = bytes.Clone(f.body)
		for i, b := range f.body {
			f.body[i] = bits.Reverse8(b)
		}
	}
	for j := region.Min.Y / f.chunkHeight; j*f.chunkHeight < region.Max.Y; j++ {
		for i := region.Min.X / f.chunkWidth; i*f.chunkWidth < region.Max.X; i++ {
			x, y := i*f.chunkWidth, j*f.chunkHeight
			chunk := image.Rect(x, y, x+f.chunkWidth, min(y+f.chunkHeight, h.height))
			seen := chunk.Intersect(region)
			part, inside := dst.Crop(seen.Sub(region.Min)), seen.Sub(chunk.Min)
			var err error
			if n := j*f.chunksAcross + i; f.compression == tiffJPEG {
				err = f.decodeJPEG(d, n, part, inside)
			} else {
				err = f.decodeChunk(d, n, chunk.Dy(), part, inside)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// setPalette sets d.palette for images with one sample per pixel.
func (f *tiffFrame) setPalette(d *tiffCodec) {
	switch {
	case f.photometric == tiffPalette && d.options.Indices:
		d.grayPalette(8)
	case f.photometric == tiffPalette:
		colors := f.numbers(tagColorMap)
		n := 1 << f.bits
		for i := range n {
			d.palette[i] = 0xff << 24
			for c := range 3 {
				d.palette[i] |= colors.atOr(c*n+i, 0) >> 8 & 0xff << (8 * c)
			}
		}
	case f.photometric == tiffBlackIsZero:
		d.grayPalette(min(f.bits, 8))
	case f.photometric == tiffWhiteIsZero:
		d.grayPalette(min(f.bits, 8))
		white := d.palette[255] & 0xffffff
		for i := range d.palette {
			d.palette[i] ^= white
		}
	}
}

// decodeChunk writes the pixels of region of chunk n, which has this many rows.
func (f *tiffFrame) decodeChunk(d *tiffCodec, n, rows int, dst raster.Image,
	region image.Rectangle) error {
	stride := f.rowBytes()
	plane := stride * rows
	buf := raster.Grow(&d.indices, plane*f.planes())
	for p := range f.planes() {
		samples := buf[p*plane : (p+1)*plane]
		got, err := f.decompress(d, n+p*f.chunksAcross*f.chunksDown, samples)
		if err != nil && !d.tolerates(err) {
			return err
		}
		clear(samples[got/stride*stride:]) // complete rows, as Pillow does
		if f.differenced {
			for row := samples; len(row) > 0; row = row[stride:] {
				f.undoPredictor(row[:stride])
			}
		}
	}
	step := f.samples / f.planes()
	first, count := region.Min.X*step, dst.Width*step
	for y := range dst.Height {
		row := buf[(region.Min.Y+y)*stride:]
		for p := range f.planes() {
			if samples := row[p*plane:][:stride]; f.bits == 16 {
				d.narrow16(samples[first:first+count], samples[2*first:],
					f.order == binary.LittleEndian)
			} else if f.bits > 8 {
				d.narrow(samples[first:first+count], samples, first, f.bits)
			}
		}
		rgba := d.rgbaRow(dst, y)
		f.convert(d, rgba, row, plane, region.Min.X)
		d.writeRow(dst, y, rgba)
	}
	return nil
}

// decompress decompresses a strip or tile of a plane to dst and returns the number of
// bytes.
func (f *tiffFrame) decompress(d *tiffCodec, n int, dst []byte) (int, error) {
	data := f.chunkData(n)
	var r io.Reader
	switch f.compression {
	case tiffRaw:
		r = bytes.NewReader(data)
	case tiffPackBits:
		return unpackBits(dst, data)
	case tiffLZW:
		if len(data) >= 2 && data[0] == 0 && data[1]&1 != 0 {
			return 0, unsupported("LZW compression from before TIFF 6.0 is not supported")
		}
		z := lzw.NewReader(bytes.NewReader(data), lzw.MSB, 8)
		defer z.Close()
		r = z
	case tiffDeflate, tiffOldDeflate:
		z, err := d.inflate(bytes.NewReader(data))
		if err != nil {
			return 0, err
		}
		r = z
	case tiffFaxRLE:
		return d.fax.read(dst, data, faxRLE, f.chunkWidth)
	case tiffFax3:
		if f.numberOr(tagT4Options, 0)&1 != 0 {
			return d.fax.read(dst, data, faxMixed, f.chunkWidth)
		}
		return d.fax.read(dst, data, fax1D, f.chunkWidth)
	case tiffFax4:
		return d.fax.read(dst, data, fax2D, f.chunkWidth)
	}
	return recoverDecoder(func() (int, error) { return io.ReadFull(r, dst) })
}

// chunkData returns the compressed bytes of a chunk. They extend to the end of the file
// if the byte count is 0 or not needed.
func (f *tiffFrame) chunkData(n int) []byte {
	size := uint64(len(f.body))
	at, count := min(uint64(f.offsets.atOr(n, 0)), size), uint64(f.counts.atOr(n, 0))
	switch {
	case at == 0: // the offset of the file's header: this chunk was omitted
		return nil
	case count == 0, f.compression == tiffRaw:
		count = size
	}
	return f.body[at:min(at+count, size)]
}

// unpackBits is TIFF 6.0 section 9. It returns the number of bytes written to dst.
func unpackBits(dst, src []byte) (int, error) {
	at := 0
	for at < len(dst) {
		if len(src) < 2 {
			return at, ErrTruncated
		}
		n := int(int8(src[0]))
		src = src[1:]
		switch {
		case n >= 0: // n+1 literal bytes
			k := copy(dst[at:], src[:min(n+1, len(src))])
			at, src = at+k, src[min(n+1, len(src)):]
		case n > -128: // one byte 1-n times
			end := min(at+1-n, len(dst))
			fill(dst[at:end], src[0])
			at, src = end, src[1:]
		}
	}
	return at, nil
}

// undoPredictor undoes horizontal differencing: TIFF 6.0 section 14.
func (f *tiffFrame) undoPredictor(row []byte) {
	step := f.samples / f.planes()
	if f.bits == 8 {
		for i := step; i < len(row); i++ {
			row[i] += row[i-step]
		}
		return
	}
	for i := 2 * step; i < len(row); i += 2 {
		f.order.PutUint16(row[i:], f.order.Uint16(row[i:])+f.order.Uint16(row[i-2*step:]))
	}
}

// convert writes the pixels of a row from index x on as R, G, B, A. Samples of 8 bits
// or more have a byte each; those of the next plane are plane bytes behind.
func (f *tiffFrame) convert(d *tiffCodec, row, src []byte, plane, x int) {
	if f.samples == 1 {
		d.paletteRow(row, src, min(f.bits, 8), x)
		return
	}
	next, step := 1, f.samples // from a sample to the next, from a pixel to the next
	if f.planar {
		next, step = plane, 1
	}
	colors := tiffColors[f.photometric]
	if colors == 3 && !f.planar && f.alpha == tiffNoAlpha { // nearly all files
		src = src[x*step:]
		for i := range len(row) / 4 {
			p := src[i*step : i*step+3]
			putPixel(row, i, pack(p[0], p[1], p[2], 0xff))
		}
		return
	}
	for i := range len(row) / 4 {
		p := src[(x+i)*step:]
		var v [4]uint8
		for c := range colors {
			v[c] = p[c*next]
		}
		switch {
		case f.photometric == tiffCMYK:
			putPixel(row, i, pack(v[0], v[1], v[2], v[3]))
			continue
		case f.photometric == tiffPalette:
			q := d.palette[v[0]]
			v = [4]uint8{uint8(q), uint8(q >> 8), uint8(q >> 16)}
		case f.photometric == tiffWhiteIsZero:
			v[0] = ^v[0]
			fallthrough
		case colors == 1:
			v[1], v[2] = v[0], v[0]
		}
		if v[3] = 0xff; f.alpha != tiffNoAlpha {
			v[3] = p[colors*next]
		}
		putPixel(row, i, pack(v[0], v[1], v[2], v[3]))
	}
	switch {
	case f.photometric == tiffCMYK:
		cmykRow(row)
	case f.alpha == tiffAssociated:
		divideAlpha(row)
	}
}

// decodeJPEG writes the pixels of region of chunk n, a JPEG stream whose tables are in
// the tag JPEGTables.
func (f *tiffFrame) decodeJPEG(d *tiffCodec, n int, dst raster.Image,
	region image.Rectangle) error {
	stored, ok := bytes.CutPrefix(f.chunkData(n), []byte("\xff\xd8"))
	if !ok {
		return fmt.Errorf("strip or tile %d is not a JPEG stream", n)
	}
	file := []byte("\xff\xd8")
	// Without Adobe's marker, three components would be read as YCbCr.
	if f.photometric == tiffRGB {
		file = append(file, "\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"...)
	}
	tables := bytes.TrimPrefix(f.blob(tagJPEGTables), []byte("\xff\xd8"))
	file = append(file, bytes.TrimSuffix(tables, []byte("\xff\xd9"))...)
	file = append(file, stored...)
	var h header
	if err := d.jpeg.ReadHeader(file, &h); err != nil {
		return err
	}
	if h.width > f.chunkWidth || h.height > f.chunkHeight || !region.In(image.Rect(0, 0, h.width,
		h.height)) {
		return fmt.Errorf("strip or tile %d has %d x %d pixels", n, h.width, h.height)
	}
	return d.jpeg.Decode(dst, region, 1)
}
