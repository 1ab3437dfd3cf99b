package imagefile

import (
	"encoding/binary"
	"image"

	"mixfolder/core/raster"
)

// A bmpFrame is a BMP file after ReadHeader. x/image/bmp is not used because it lacks
// most variants.
type bmpFrame struct {
	bits      int    // per pixel: 1, 4 or 8 of an index, 16, 24 or 32 of color
	rle       int    // 0, or the bits of an index that is run-length encoded: 4 or 8
	topDown   bool   // the first row is the top one
	palette   []byte // the palette: B, G, R and, if size is 4, an unused byte
	entrySize int
	colors    int64 // entries that the palette should have
	layout    bmpLayout
	data      []byte // the pixels and what follows
}

// A bmpLayout describes where the colors of a pixel are. In 16-bit pixels, green has 5
// or 6 bits. In larger ones, r, g, b and a are byte indices; a is -1 without alpha.
type bmpLayout struct {
	green6     bool
	r, g, b, a int8
}

// bmpLayouts are the masks of R, G, B, A that Pillow supports, by bits per pixel. 32
// bits without masks are B, G, R, A.
var bmpLayouts = map[int]map[[4]uint32]bmpLayout{
	16: {{0x7c00, 0x3e0, 0x1f}: {a: -1}, {0xf800, 0x7e0, 0x1f}: {a: -1, green6: true}},
	24: {{0xff0000, 0xff00, 0xff}: {r: 2, g: 1, b: 0, a: -1}},
	32: {
		{0xff0000, 0xff00, 0xff}:             {r: 2, g: 1, b: 0, a: -1},
		{0xff000000, 0xff0000, 0xff00}:       {r: 3, g: 2, b: 1, a: -1},
		{0xff000000, 0xff00, 0xff}:           {r: 3, g: 1, b: 0, a: -1},
		{0xff000000, 0xff0000, 0xff00, 0xff}: {r: 3, g: 2, b: 1, a: 0},
		{0xff, 0xff00, 0xff0000, 0xff000000}: {r: 0, g: 1, b: 2, a: 3},
		{0xff0000, 0xff00, 0xff, 0xff000000}: {r: 2, g: 1, b: 0, a: 3},
		{0xff000000, 0xff00, 0xff, 0xff0000}: {r: 3, g: 1, b: 0, a: 2},
		{}:                                   {r: 2, g: 1, b: 0, a: 3},
	},
}

const (
	bmpFile = 14 // bytes before the header that starts with its own size

	bmpRaw       = 0
	bmpRLE8      = 1
	bmpRLE4      = 2
	bmpBitFields = 3
)

func init() {
	register(format{name: "bmp", title: "BMP", decoder: "mixfolder", extensions: []string{".bmp",
		".dib"},
		match: matchBMP, new: func(w *workspace) Codec { return &bmpCodec{workspace: w} }})
}

// matchBMP also checks the low half of the header size, as two letters alone are a weak
// signature.
func matchBMP(head []byte) bool {
	if len(head) < 16 || string(head[:2]) != "BM" || head[15] != 0 {
		return false
	}
	switch head[14] {
	case 12, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

type bmpCodec struct {
	*workspace
	header *header
	frame  *bmpFrame
}

// ReadHeader reads the headers of the file, the masks and the palette.
func (d *bmpCodec) ReadHeader(data []byte, h *header) error {
	if len(data) < bmpFile+12 {
		return ErrTruncated
	}
	// matchBMP has checked it
	size := int(binary.LittleEndian.Uint16(data[bmpFile:]))
	if len(data) < bmpFile+size {
		return ErrTruncated
	}
	head := data[bmpFile : bmpFile+size]
	f := &bmpFrame{entrySize: 4}
	compression := uint32(bmpRaw)
	if size == 12 { // of OS/2 1.x: 16-bit width and height
		f.entrySize = 3
		h.width = int(binary.LittleEndian.Uint16(head[4:]))
		h.height = int(binary.LittleEndian.Uint16(head[6:]))
		f.bits = int(binary.LittleEndian.Uint16(head[10:]))
	} else {
		h.width = int(int32(binary.LittleEndian.Uint32(head[4:])))
		h.height = int(int32(binary.LittleEndian.Uint32(head[8:])))
		f.topDown, h.height = h.height < 0, max(h.height, -h.height)
		f.bits = int(binary.LittleEndian.Uint16(head[14:]))
		compression = binary.LittleEndian.Uint32(head[16:])
		f.colors = int64(binary.LittleEndian.Uint32(head[32:]))
	}
	d.header, d.frame, h.mode = h, f, "RGB"
	at := int64(bmpFile + size) // offset of the pixels, unless the file specifies it
	var err error
	if f.bits <= 8 {
		at, err = f.readPalette(data, at, compression, h)
	} else {
		at, err = f.readMasks(data, head, compression, h)
	}
	if said := int64(binary.LittleEndian.Uint32(data[10:])); said > int64(bmpFile+size) ||
		said > 0 && f.bits > 8 {
		at = said
	}
	f.data = data[min(at, int64(len(data))):]
	return err
}

// readPalette reads the palette at offset from, and returns the offset after it.
func (f *bmpFrame) readPalette(data []byte, from int64, compression uint32,
	h *header) (int64, error) {
	switch {
	case f.bits != 1 && f.bits != 4 && f.bits != 8:
		return 0, unsupported("%d bits per pixel are not supported", f.bits)
	case compression == bmpRLE8, compression == bmpRLE4:
		f.rle = 8 / int(compression)
		h.packed, h.ratio, h.working = int64(h.width)*int64(h.height), maxRLERatio, 1
	case compression == bmpRaw:
		h.packed, h.ratio = int64(f.stride(h.width))*int64(h.height-1)+1, 1
	default:
		return 0, unsupported("compression %d of indices is not supported", compression)
	}
	if f.colors == 0 {
		f.colors = 1 << f.bits
	}
	end := from + int64(f.entrySize)*f.colors
	f.palette = data[from:min(end, int64(len(data)))]
	switch h.mode = "P"; {
	case f.bilevel():
		h.mode = "1"
	case f.grayRamp():
		h.mode = "L"
	}
	return end, nil
}

// readMasks determines the layout of the colors, and returns the offset after the header
// and its masks.
func (f *bmpFrame) readMasks(data, head []byte, compression uint32, h *header) (int64, error) {
	masks := [4]uint32{0xff0000, 0xff00, 0xff}
	if f.bits == 16 {
		masks = [4]uint32{0x7c00, 0x3e0, 0x1f}
	}
	end, count := bmpFile+len(head), 3
	switch {
	case compression == bmpBitFields:
		if len(head) == 40 { // the masks follow
			end += 12
		} else if len(head) >= 56 && f.bits == 32 {
			count = 4
		}
		if len(data) < bmpFile+40+4*count {
			return 0, ErrTruncated
		}
		masks = [4]uint32{}
		for i := range count {
			masks[i] = binary.LittleEndian.Uint32(data[bmpFile+40+4*i:])
		}
	case compression != bmpRaw:
		return 0, unsupported("compression %d is not supported", compression)
	}
	layouts, ok := bmpLayouts[f.bits]
	if !ok {
		return 0, unsupported("%d bits per pixel are not supported", f.bits)
	}
	if f.layout, ok = layouts[masks]; !ok {
		return 0, unsupported("the masks %x of %d bits are not supported", masks, f.bits)
	}
	if f.layout.a >= 0 {
		h.mode = "RGBA"
	}
	h.packed, h.ratio = int64(f.stride(h.width))*int64(h.height-1)+1, 1
	return int64(end), nil
}

// stride returns the bytes per row: its bits, rounded up to 32-bit words.
func (f *bmpFrame) stride(width int) int { return (width*f.bits + 31) / 32 * 4 }

// bilevel reports whether the palette is black, then white.
func (f *bmpFrame) bilevel() bool {
	return f.colors == 2 && len(f.palette) == 2*f.entrySize &&
		string(f.palette[:3]) == "\x00\x00\x00" &&
		string(f.palette[f.entrySize:f.entrySize+3]) == "\xff\xff\xff"
}

// grayRamp reports whether each entry is the gray level of its index. Pillow opens such
// files as gray, so indices beyond the palette are gray levels, too.
func (f *bmpFrame) grayRamp() bool {
	if f.colors > 256 || int64(len(f.palette)) != f.colors*int64(f.entrySize) {
		return false
	}
	for i := range int(f.colors) {
		if e := f.palette[i*f.entrySize:]; int(e[0]) != i || int(e[1]) != i || int(e[2]) != i {
			return false
		}
	}
	return true
}

// Decode writes the pixels of region.
func (d *bmpCodec) Decode(dst raster.Image, region image.Rectangle, _ int) error {
	h, f := d.header, d.frame
	data, bits := f.data, f.bits
	// the last row may lack its padding
	stride, row := f.stride(h.width), ceil(h.width*bits, 8)
	var short error
	if bits <= 8 {
		if d.paletteOf(f.palette, f.entrySize, 2, 1, 0); h.mode == "L" {
			d.grayPalette(8)
		}
	}
	if f.rle != 0 {
		data, short = f.decodeRLE(raster.Grow(&d.indices, h.width*h.height), h.width, h.height)
		stride, row, bits = h.width, h.width, 8
	} else if len(data) < stride*(h.height-1)+row {
		short = ErrTruncated
	}
	if short != nil && !d.options.KeepTruncated {
		return short
	}
	var zeros []byte // stands for a missing row, as in Pillow
	if short != nil {
		zeros = make([]byte, stride)
	}
	for y := range dst.Height {
		at := region.Min.Y + y
		if !f.topDown {
			at = h.height - 1 - at
		}
		rgba := d.rgbaRow(dst, y)
		src := data[min(at*stride, len(data)):]
		if len(src) < row {
			src = zeros
		}
		if bits <= 8 {
			d.paletteRow(rgba, src, bits, region.Min.X)
		} else {
			f.layout.row(rgba, src[region.Min.X*bits/8:], bits)
		}
		d.writeRow(dst, y, rgba)
	}
	return nil
}

// row writes pixels R, G, B, A until row is full.
func (l *bmpLayout) row(row, src []byte, bits int) {
	n := len(row) / 4
	if bits == 16 {
		for i := range n {
			v := uint32(binary.LittleEndian.Uint16(src[2*i:]))
			r, g, b := v>>10&31*255/31, v>>5&31*255/31, v&31*255/31
			if l.green6 {
				r, g = v>>11&31*255/31, v>>5&63*255/63
			}
			putPixel(row, i, r|g<<8|b<<16|0xff<<24)
		}
		return
	}
	size := bits / 8
	for i := range n {
		p := src[i*size:][:size]
		a := uint8(0xff)
		if l.a >= 0 {
			a = p[l.a]
		}
		putPixel(row, i, pack(p[l.r], p[l.g], p[l.b], a))
	}
}
