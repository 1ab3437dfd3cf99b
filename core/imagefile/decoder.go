// Package imagefile decodes the bytes of one image file to the pixels of a region.
//
// JPEG, PNG, GIF (first frame), BMP, WebP (first frame) and TIFF are recognized by
// their first bytes, never by a name. Each is one record, registered by its own file.
// The pixels are bit-exact with Pillow's
// ImageOps.exif_transpose(Image.open(file)).convert(mode), for JPEG files with
// coefficients as encoders write them: the EXIF orientation is applied, and alpha is
// dropped unless a background is set. There are two intended differences. Samples of
// more than 8 bits are reduced to their high 8 bits, while Pillow clips gray ones. And
// the specification of the format is followed where Pillow violates it (the transparent
// level of a PNG of 2 or 4 bits, a GIF frame whose own palette is a gray ramp next to a
// global one, uncompressed 8-bit TIFF rotated by 90 degrees, literal pixels beyond a
// row of RLE4) or cannot read the file (BMP run lengths that end early; TIFF with
// planes of 16 bits, gray with associated alpha, or 10 to 14 bits).
//
// All code that parses the file is Go. The C kernels compute on buffers whose sizes Go
// has checked.
package imagefile

import (
	"errors"
	"fmt"
	"image"
	"math/bits"

	"mixfolder/core/raster"
)

// Mode is the kind of pixels. Its values are the numbers of channels in the finished
// batch.
type Mode int

const (
	Gray Mode = 1 // luma of ITU-R 601-2, rounded
	RGB  Mode = 3
	RGBA Mode = 4 // alpha not premultiplied
)

// pixelSize returns the bytes per decoded pixel.
func (m Mode) pixelSize() int {
	if m == Gray {
		return 1
	}
	return 4
}

// Options control how a Decoder decodes every file. Mode must be set; everything else
// may be zero.
type Options struct {
	Mode       Mode
	IgnoreEXIF bool // do not apply the orientation of EXIF or XMP
	// R, G, B that alpha is blended with: every pixel becomes opaque; nil: the color
	// stays as it is beside its alpha
	Background *[3]uint8
	// what is there of a file that ends before its image does, or of damaged JPEG data,
	// as with Pillow's LOAD_TRUNCATED_IMAGES
	KeepTruncated bool
	MaxPixels     int // more are an error; 0: 178956970, Pillow's limit
	// 8 to 16: how many low bits of samples of more than 8 count; 0: all that they have
	BitDepth int
	// Indices reads masks, whose values are class indices, as np.asarray(Image.open(file))
	// does: a pixel is its index in the palette, its gray level or, in a bilevel image, 0
	// or 1. It needs Gray. Files of other kinds are refused, and JPEG files, whose values
	// are inexact.
	Indices bool
}

var (
	// ErrTruncated is wrapped where a file ends before its image does.
	ErrTruncated = errors.New("the file ends before its image does (truncated)")
	// ErrTooLarge is wrapped where a header asks for more than Options.MaxPixels
	// pixels.
	ErrTooLarge = errors.New("too large")
	// ErrFormat is wrapped where the bytes are in none of the formats.
	ErrFormat = errors.New("not an image this package reads")
)

// A workspace is shared by the codecs of a Decoder: the options, and memory that is
// reused from file to file.
type workspace struct {
	options  Options
	oriented []byte // the upright pixels, where the stored ones differ
	scratch  []byte // rows of the kernels and of the conversion
	indices  []byte // samples as stored, for codecs that need all of them
	narrowed []byte // samples of 16 bits as bytes
	used     uint16 // the bits that are set in samples of 16 bits
	palette  [256]uint32
}

// A Decoder decodes one file at a time, in two steps: Open and Decode. It owns all
// scratch memory and reuses it. Not safe for concurrent use: one per worker.
type Decoder struct {
	// Whole decodes all of a file, whatever region is wanted, so that damage anywhere
	// in it is an error. The pixels of a file without damage are the same. It may be
	// set before each Decode.
	Whole bool

	workspace
	pix    []byte // the stored region
	codecs map[*format]Codec
	codec  Codec // of the file that is open; nil if none is
	header header
}

// NewDecoder returns a Decoder without memory; it grows with the images.
func NewDecoder(o Options) *Decoder {
	return &Decoder{workspace: workspace{options: o}, codecs: map[*format]Codec{}}
}

// A Header describes a file before its pixels are decoded.
type Header struct {
	Format string // as Sniff names it
	// Pillow's Image.mode: "1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I;16", ...
	Mode          string
	Width, Height int // after the orientation is applied
	// MemoryEstimate is an upper bound of the bytes that decoding all pixels needs.
	MemoryEstimate int64
	CanShrink      bool // Decode can make the image smaller
}

// public returns the exported Header.
func (h *header) public() Header {
	width, height := h.uprightSize()
	return Header{Format: h.format.name, Mode: h.mode, Width: width, Height: height,
		MemoryEstimate: h.memory(), CanShrink: h.canShrink}
}

// Open reads the header of a file, without allocating memory for any pixel. data must
// stay unchanged until after Decode.
func (d *Decoder) Open(data []byte) (Header, error) {
	d.codec = nil
	if m := d.options.Mode; m != Gray && m != RGB && m != RGBA {
		return Header{}, fmt.Errorf("imagefile: mode %d is none of 1 (gray), 3 (RGB), 4 (RGBA)", m)
	}
	f := formatOf(data)
	if f == nil {
		return Header{}, unknown(data)
	}
	codec := d.codecs[f]
	if codec == nil {
		codec = f.new(&d.workspace)
		d.codecs[f] = codec
	}
	if err := readHeader(codec, f, data, int64(len(data)), &d.header, &d.options); err != nil {
		return Header{}, err
	}
	if d.options.Indices {
		if err := d.header.hasIndices(); err != nil {
			return Header{}, f.wrap(err)
		}
	}
	d.codec = codec
	return d.header.public(), nil
}

// Decode returns the pixels of a region of the upright image that was opened. The
// region must lie within the image and not be empty. A pixel has 1 byte for Gray and 4
// bytes R, G, B, A otherwise (A is 255 for RGB), so that kernels load whole pixels;
// raster.Slack bytes follow the last. They are the Decoder's memory, valid until its
// next use.
//
// shrink is 1, 2, 4 or 8. A file whose Header says CanShrink is made 1/shrink of its
// size, as Pillow's Image.draft makes it; others are decoded at their own size. The
// result then has all pixels of 1/shrink that touch the region, as stored: of a full
// image ceil(width/shrink) x ceil(height/shrink), of a part from floor(left/shrink) to
// ceil(right/shrink). So it may have up to shrink-1 pixels of the file more at each
// edge: shown is the part of the result that was asked for, or zero for all of it.
func (d *Decoder) Decode(region image.Rectangle, shrink int) (pix raster.Image,
	shown raster.Rect, err error) {
	if d.codec == nil {
		return pix, shown, errors.New("imagefile: no file is open")
	}
	h, mode := &d.header, d.options.Mode
	width, height := h.uprightSize()
	if region.Empty() || !region.In(image.Rect(0, 0, width, height)) {
		return pix, shown, fmt.Errorf("imagefile: region %v is empty or not within the image of "+
			"%d x %d", region, width, height)
	}
	stored := h.orientation.stored(region, width, height)
	if !h.canShrink {
		shrink = 1
	}
	if shrink > 1 {
		exact := stored
		stored = image.Rect(stored.Min.X/shrink, stored.Min.Y/shrink, ceil(stored.Max.X, shrink),
			ceil(stored.Max.Y, shrink))
		shown = h.orientation.shown(exact, stored, shrink)
	}
	decoded := stored
	if d.Whole {
		decoded = image.Rect(0, 0, ceil(h.width, shrink), ceil(h.height, shrink))
	}
	dst := blank(&d.pix, decoded.Dx(), decoded.Dy(), mode)
	d.used = 0
	if err := d.codec.Decode(dst, decoded, shrink); err != nil {
		return raster.Image{}, raster.Rect{}, h.format.wrap(err)
	}
	dst = dst.Crop(stored.Sub(decoded.Min))
	if h.orientation == upright {
		return dst, shown, nil
	}
	width, height = dst.Width, dst.Height
	if h.orientation.swaps() {
		width, height = height, width
	}
	out := blank(&d.oriented, width, height, mode)
	h.orientation.apply(out, dst)
	return out, shown, nil
}

// SampleBits returns the number of low bits that hold all 16-bit samples read by the
// last Decode, 1 or more; 0 for files with other samples.
func (d *Decoder) SampleBits() int {
	if !d.header.deep {
		return 0
	}
	return max(bits.Len16(d.used), 1)
}

// Trim frees scratch memory that only a huge image needed. The last result becomes
// invalid.
func (d *Decoder) Trim() {
	for _, b := range []*[]byte{&d.pix, &d.oriented, &d.scratch, &d.indices, &d.narrowed} {
		if cap(*b) > raster.LargeScratch {
			*b = nil
		}
	}
	if d.header.width*d.header.height > raster.LargeScratch/3 {
		clear(d.codecs)
		d.codec = nil
	}
}

// blank returns an image of arbitrary content in *buf.
func blank(buf *[]byte, width, height int, mode Mode) raster.Image {
	size := mode.pixelSize()
	return raster.Image{Pix: raster.Grow(buf, width*height*size+raster.Slack), Stride: width * size,
		Width: width, Height: height, Channels: int(mode), PixelSize: size}
}

// ceil returns a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }

// Inspect reads the header of a file. It uses the options IgnoreEXIF and MaxPixels, and
// fails if Open does.
func Inspect(data []byte, o Options) (Header, error) {
	return inspect(data, int64(len(data)), o)
}

// inspect is Inspect for the first bytes of a file of size bytes.
func inspect(data []byte, size int64, o Options) (Header, error) {
	f := formatOf(data)
	if f == nil {
		return Header{}, unknown(data)
	}
	var h header
	codec := f.new(&workspace{options: o})
	if err := readHeader(codec, f, data, size, &h, &o); err != nil {
		return Header{}, err
	}
	return h.public(), nil
}
