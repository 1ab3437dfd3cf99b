// Package picture turns the bytes of one image file into the pixels of the region that is wanted.
//
// JPEG, PNG, GIF (first frame), BMP, WebP (first frame) and TIFF are told apart by their first bytes, never by a name. The pixels
// are those of Pillow's ImageOps.exif_transpose(Image.open(file)).convert(mode): upright by EXIF, alpha dropped by convert, not
// blended. Lossless formats equal Pillow to the bit; JPEG differs by the rounding of the inverse cosine transform alone. Samples
// of 16 bits become 8 by their high byte (where Pillow clips 16-bit gray).
//
// Everything that reads the file is Go. The C kernels compute on buffers whose sizes Go has checked.
package picture

import (
	"errors"
	"fmt"
	"image"

	"mixfolder/core/picture/baseline"
)

// Mode is what a pixel is. The values are the channels of the finished batch.
type Mode int

const (
	Gray Mode = 1 // luma of ITU-R 601-2, rounded
	RGB  Mode = 3
	RGBA Mode = 4 // alpha not premultiplied
)

// A Picture is a decoded region. A pixel takes 1 byte for Gray and 4 bytes R, G, B, A otherwise (A is 255 for RGB), so that SIMD
// kernels load whole pixels. Pix has Stride*Height bytes and 64 more, readable and of no meaning.
type Picture struct {
	Pix                   []byte
	Stride, Width, Height int // Stride is in bytes
	Mode                  Mode
}

// BytesPerPixel is 1 for Gray and 4 otherwise.
func (p Picture) BytesPerPixel() int {
	if p.Mode == Gray {
		return 1
	}
	return 4
}

// row is the pixels of row y.
func (p Picture) row(y int) []byte {
	return p.Pix[y*p.Stride : y*p.Stride+p.Width*p.BytesPerPixel()]
}

const (
	slack    = 64      // bytes behind the last pixel
	maxKept  = 1 << 26 // bytes of scratch above which a much smaller need frees it
	maxPixel = 178956970
)

var (
	// ErrTruncated is wrapped where a file ends before its picture does.
	ErrTruncated = errors.New("the file ends before its picture does (truncated)")
	// ErrTooLarge is wrapped where a header asks for more than 178956970 pixels, Pillow's limit too (2 * 89478485).
	ErrTooLarge = fmt.Errorf("more than %d pixels", maxPixel)
	// ErrFormat is wrapped where the bytes are in none of the formats.
	ErrFormat = errors.New("not a picture this package reads (JPEG, PNG, GIF, BMP, WebP, TIFF)")
)

// A Decoder decodes one file at a time. It owns all scratch memory and reuses it. Not safe for concurrent use: one a worker.
type Decoder struct {
	pix     []byte // the stored region
	turned  []byte // the same, upright, where that differs
	scratch []byte // rows of the kernels and of the conversion
	palette [256]uint32
	header  header

	baseline baseline.Decoder
}

// NewDecoder returns a Decoder without memory; it grows with the pictures.
func NewDecoder() *Decoder { return new(Decoder) }

// Decode gives the pixels of region(width, height) of the upright picture, or all of them where region is nil. region is called
// once, with the upright size, before any pixel is decoded; its answer must lie within the picture and not be empty. The result
// is the Decoder's memory, valid until the next call.
func (d *Decoder) Decode(data []byte, mode Mode, region func(width, height int) image.Rectangle) (Picture, error) {
	width, height, err := d.open(data, mode)
	if err != nil {
		return Picture{}, err
	}
	want := image.Rect(0, 0, width, height)
	if region != nil {
		want = region(width, height)
	}
	return d.decode(data, mode, want, 1)
}

// DecodeShrunk is Decode, but of a sequential JPEG file the picture is made 1/shrink of its size, as Pillow's Image.draft makes it: shrink,
// the second answer of region, is 1, 2, 4 or 8. The result has all pixels of 1/shrink that touch the region, as stored: of a whole picture
// ceil(width/shrink) x ceil(height/shrink), of a part from floor(left/shrink) to ceil(right/shrink). So it may show up to shrink-1 pixels
// of the file more at each edge. Other files are given in full: the result's size tells.
func (d *Decoder) DecodeShrunk(data []byte, mode Mode, region func(width, height int) (r image.Rectangle, shrink int)) (Picture, error) {
	width, height, err := d.open(data, mode)
	if err != nil {
		return Picture{}, err
	}
	want, shrink := region(width, height)
	return d.decode(data, mode, want, shrink)
}

// open reads the header. It gives the upright size.
func (d *Decoder) open(data []byte, mode Mode) (width, height int, err error) {
	if mode != Gray && mode != RGB && mode != RGBA {
		return 0, 0, fmt.Errorf("picture: mode %d is none of 1 (gray), 3 (RGB), 4 (RGBA)", mode)
	}
	if err := readHeader(data, &d.header); err != nil {
		return 0, 0, err
	}
	width, height = d.header.uprightSize()
	return width, height, nil
}

// decode gives the pixels of a region of the file whose header was read.
func (d *Decoder) decode(data []byte, mode Mode, want image.Rectangle, shrink int) (Picture, error) {
	h := &d.header
	width, height := h.uprightSize()
	if want.Empty() || !want.In(image.Rect(0, 0, width, height)) {
		return Picture{}, fmt.Errorf("picture: region %v is empty or not within the picture of %d x %d", want, width, height)
	}
	stored := h.turn.stored(want, width, height)
	if shrink > 1 && h.format.shrinks != nil && h.format.shrinks(d, data) {
		h.shrink = shrink
		stored = image.Rect(stored.Min.X/shrink, stored.Min.Y/shrink, ceil(stored.Max.X, shrink), ceil(stored.Max.Y, shrink))
	}
	dst := blank(&d.pix, stored.Dx(), stored.Dy(), mode)
	if err := h.format.decode(d, data, h, dst, stored); err != nil {
		return Picture{}, h.format.wrap(err)
	}
	if h.turn == upright {
		return dst, nil
	}
	width, height = dst.Width, dst.Height
	if h.turn.swaps() {
		width, height = height, width
	}
	out := blank(&d.turned, width, height, mode)
	h.turn.apply(out, dst)
	return out, nil
}

// blank gives a picture of arbitrary content in *buf.
func blank(buf *[]byte, width, height int, mode Mode) Picture {
	p := Picture{Width: width, Height: height, Mode: mode}
	p.Stride = p.Width * p.BytesPerPixel()
	p.Pix = sized(buf, p.Stride*p.Height+slack)
	return p
}

// ceil is a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }

// Size gives the upright width and height. It reads headers only.
func Size(data []byte) (width, height int, err error) {
	var h header
	if err := readHeader(data, &h); err != nil {
		return 0, 0, err
	}
	width, height = h.uprightSize()
	return width, height, nil
}

// sized gives n bytes of *buf, grown where needed. Their content is arbitrary. One huge picture does not hold its memory for ever.
func sized(buf *[]byte, n int) []byte {
	if cap(*buf) < n || cap(*buf) > maxKept && n < cap(*buf)/8 {
		*buf = make([]byte, n)
	}
	return (*buf)[:n]
}
