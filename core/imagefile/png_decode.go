package imagefile

import (
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"io"

	"mixfolder/core/raster"
)

// Decode writes the pixels of region. It reads all rows, so that damage anywhere is
// found for any region.
func (d *pngCodec) Decode(dst raster.Image, region image.Rectangle, _ int) error {
	h, f := d.header, d.frame
	f.setPalette(d)
	r, err := d.inflate(&pngData{rest: f.data, lenient: d.options.KeepTruncated})
	if err != nil {
		return err
	}
	if f.interlaced {
		return f.decodeInterlaced(d, r, h, dst, region)
	}
	return f.decodeRows(d, r, h, dst, region)
}

// An inflater reads zlib's format. The zero value is ready; it keeps its memory.
type inflater struct{ zlib io.ReadCloser }

func (d *inflater) inflate(r io.Reader) (io.Reader, error) {
	if d.zlib == nil {
		z, err := zlib.NewReader(r)
		if err != nil {
			return nil, err
		}
		d.zlib = z
		return z, nil
	}
	return d.zlib, d.zlib.(zlib.Resetter).Reset(r, nil)
}

// setPalette sets d.palette for the color types that need it.
func (f *pngFrame) setPalette(d *pngCodec) {
	switch {
	case f.color == pngPalette:
		d.paletteOf(f.palette, 3, 0, 1, 2)
		for i, a := range f.trns[:min(len(f.trns), 256)] {
			d.palette[i] = d.palette[i]&0xffffff | uint32(a)<<24
		}
	case f.color == pngGray:
		d.grayPalette(min(int(f.depth), 8))
		if f.trns != nil && f.depth <= 8 {
			if v := binary.BigEndian.Uint16(f.trns); v < 1<<f.depth {
				d.palette[v] &= 0xffffff
			}
		}
	}
}

// decodeRows decodes a non-interlaced image row by row.
func (f *pngFrame) decodeRows(d *pngCodec, r io.Reader, h *header, dst raster.Image,
	region image.Rectangle) error {
	n := f.rowBytes(h.width)
	both := raster.Grow(&d.indices, 2*(n+1))
	current, previous := both[:n+1], both[n+1:]
	clear(previous)
	var err error
	for y := range h.height {
		if err == nil {
			err = f.readRow(r, current, previous[1:])
			if err != nil && !d.tolerates(err) {
				return err
			}
		}
		if err != nil {
			clear(current)
		}
		if y >= region.Min.Y && y < region.Max.Y {
			rgba := d.rgbaRow(dst, y-region.Min.Y)
			f.convert(d, rgba, current[1:], region.Min.X)
			d.writeRow(dst, y-region.Min.Y, rgba)
		}
		current, previous = previous, current
	}
	if err != nil {
		return nil
	}
	return checkEnd(r)
}

// tolerates reports whether err only means that the file is truncated and that the rows
// read so far are to be kept.
func (d *workspace) tolerates(err error) bool {
	return d.options.KeepTruncated && (err == io.EOF || err == io.ErrUnexpectedEOF || errors.Is(err,
		ErrTruncated))
}

// checkEnd makes zlib verify its checksum. A missing checksum and trailing data are
// ignored.
func checkEnd(r io.Reader) error {
	if _, err := r.Read(make([]byte, 1)); errors.Is(err, zlib.ErrChecksum) {
		return err
	}
	return nil
}

// decodeInterlaced decodes an interlaced image, which must be read completely before
// its first row is known.
func (f *pngFrame) decodeInterlaced(d *pngCodec, r io.Reader, h *header, dst raster.Image,
	region image.Rectangle) error {
	n := f.rowBytes(h.width)
	memory := raster.Grow(&d.indices, n*h.height+2*(n+1))
	clear(memory)
	all, row := memory[:n*h.height], memory[n*h.height:]
	err := f.readPasses(r, h, all, row)
	if err != nil && !d.tolerates(err) {
		return err
	}
	for y := range dst.Height {
		rgba := d.rgbaRow(dst, y)
		f.convert(d, rgba, all[(region.Min.Y+y)*n:][:n], region.Min.X)
		d.writeRow(dst, y, rgba)
	}
	if err != nil {
		return nil
	}
	return checkEnd(r)
}

// readPasses writes the samples of an image to all. row is memory for two rows.
func (f *pngFrame) readPasses(r io.Reader, h *header, all, row []byte) error {
	stride := f.rowBytes(h.width)
	for _, p := range [...]struct{ x, y, dx, dy int }{
		{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1,
			1, 2},
	} {
		width := ceil(max(h.width-p.x, 0), p.dx)
		if width == 0 {
			continue
		}
		n := f.rowBytes(width)
		current, previous := row[:n+1], row[n+1:2*(n+1)]
		clear(previous)
		for y := p.y; y < h.height; y += p.dy {
			if err := f.readRow(r, current, previous[1:]); err != nil {
				return err
			}
			f.scatter(all[y*stride:][:stride], current[1:], p.x, p.dx, width)
			current, previous = previous, current
		}
	}
	return nil
}

// scatter writes the pixels of src to indices first, first+step, ... of dst, which must
// be zero.
func (f *pngFrame) scatter(dst, src []byte, first, step, width int) {
	if f.bits < 8 {
		mask := byte(1<<f.bits - 1)
		for i := range width {
			from, to := i*f.bits, (first+i*step)*f.bits
			v := src[from>>3] >> (8 - f.bits - from&7) & mask
			dst[to>>3] |= v << (8 - f.bits - to&7)
		}
		return
	}
	size := f.bits / 8
	for i := range width {
		copy(dst[(first+i*step)*size:][:size], src[i*size:])
	}
}

// readRow reads a row and its filter type, and undoes the filter: PNG (third edition)
// section 9.2.
func (f *pngFrame) readRow(r io.Reader, row, up []byte) error {
	if _, err := io.ReadFull(r, row); err != nil {
		return err
	}
	filter, cur, size := row[0], row[1:], (f.bits+7)/8
	up = up[:len(cur)]
	switch filter {
	case 0:
	case 1:
		for i := size; i < len(cur); i++ {
			cur[i] += cur[i-size]
		}
	case 2:
		for i, v := range up {
			cur[i] += v
		}
	case 3:
		for i := range min(size, len(cur)) {
			cur[i] += up[i] / 2
		}
		for i := size; i < len(cur); i++ {
			cur[i] += uint8((int(cur[i-size]) + int(up[i])) / 2)
		}
	case 4:
		for c := range min(size, len(cur)) {
			paeth(cur, up, c, size)
		}
	default:
		return fmt.Errorf("a row has the unknown filter type %d", filter)
	}
	return nil
}

// paeth undoes the Paeth filter for bytes c, c+size, ... of a row.
func paeth(cur, up []byte, c, size int) {
	left, corner := 0, 0
	for i := c; i < len(cur); i += size {
		above := int(up[i])
		pa, pb := above-corner, left-corner
		pc := pa + pb
		pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
		switch {
		case pa <= pb && pa <= pc:
		case pb <= pc:
			left = above
		default:
			left = corner
		}
		left = (left + int(cur[i])) & 0xff
		cur[i] = byte(left)
		corner = above
	}
}

// convert writes the pixels of a row from index x on as R, G, B, A.
func (f *pngFrame) convert(d *pngCodec, row, src []byte, x int) {
	if f.depth <= 8 && (f.color == pngGray || f.color == pngPalette) {
		d.paletteRow(row, src, f.bits, x)
		return
	}
	n, size := len(row)/4, f.bits/8
	channels := f.bits / int(f.depth)
	src = src[x*size:][:n*size]
	samples := src
	if f.depth == 16 {
		samples = raster.Grow(&d.narrowed, n*channels)
		d.narrow16(samples, src, false)
		if f.color == pngGray && f.trns == nil {
			d.paletteRow(row, samples, 8, 0)
			return
		}
	}
	for i := range n {
		p := samples[i*channels:][:channels]
		a := uint8(0xff)
		switch f.color {
		case pngGray, pngRGB:
			if f.trns != nil && f.transparent(src[i*size:][:size]) {
				a = 0
			}
		default:
			a = p[channels-1]
		}
		r, g, b := p[0], p[0], p[0]
		if channels >= 3 {
			g, b = p[1], p[2]
		}
		putPixel(row, i, pack(r, g, b, a))
	}
}

// transparent reports whether a gray or RGB pixel is the transparent color, which has
// 16 bits per sample at any depth.
func (f *pngFrame) transparent(p []byte) bool {
	if f.depth == 16 {
		return string(p) == string(f.trns[:len(p)])
	}
	for i, v := range p {
		if f.trns[2*i] != 0 || f.trns[2*i+1] != v {
			return false
		}
	}
	return true
}

// pngData reads the data of consecutive IDAT chunks. Their checksums must be correct,
// unless lenient is set.
type pngData struct {
	block, rest []byte
	lenient     bool
}

// next advances to the next chunk that has data.
func (b *pngData) next() error {
	for len(b.block) == 0 {
		if len(b.rest) < 8 || string(b.rest[4:8]) != "IDAT" {
			return io.EOF
		}
		n := uint64(binary.BigEndian.Uint32(b.rest))
		if n+12 > uint64(len(b.rest)) { // the file ends in it
			b.block, b.rest = b.rest[8:min(8+n, uint64(len(b.rest)))], nil
			if len(b.block) == 0 {
				return io.EOF
			}
			return nil
		}
		sum := binary.BigEndian.Uint32(b.rest[8+n:])
		if !b.lenient && crc32.ChecksumIEEE(b.rest[4:8+n]) != sum {
			return errPNGChecksum("IDAT")
		}
		b.block, b.rest = b.rest[8:8+n], b.rest[12+n:]
	}
	return nil
}

// ReadByte implements io.ByteReader for compress/flate.
func (b *pngData) ReadByte() (byte, error) {
	if len(b.block) == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	c := b.block[0]
	b.block = b.block[1:]
	return c, nil
}

func (b *pngData) Read(p []byte) (int, error) {
	if len(b.block) == 0 {
		if err := b.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, b.block)
	b.block = b.block[n:]
	return n, nil
}
