// Package imagefile turns the bytes of one image file into the pixels of the region
// that is wanted.
//
// JPEG, PNG, GIF (first frame), BMP, WebP (first frame) and TIFF are told apart by
// their first bytes, never by a name. The pixels are those of Pillow's
// ImageOps.exif_transpose(Image.open(file)).convert(mode): upright by EXIF, alpha
// dropped by convert unless a background is given. Pixels equal Pillow's to the bit,
// those of JPEG where its coefficients are such as encoders make. The differences that
// are meant: samples of more than 8 bits become 8 by their high bits, where Pillow
// clips gray; and where Pillow goes against a format (the transparent level of a PNG of
// 2 or 4 bits, a GIF frame whose own palette is a ramp of gray beside a global one,
// uncompressed TIFF of 8 bits that is to be turned on its side, literal pixels beyond a
// row of RLE4) or cannot read it (run lengths of BMP that end early; TIFF with planes
// of 16 bits, gray with associated alpha, or 10 to 14 bits), the format is followed.
//
// Everything that reads the file is Go. The C kernels compute on buffers whose sizes Go
// has checked.
package imagefile

import (
	"compress/lzw"
	"errors"
	"fmt"
	"image"
	"io"
	"math/bits"

	"mixfolder/core/imagefile/jpeg"
	"mixfolder/core/raster"
)

// Mode is what a pixel is. The values are the channels of the finished batch.
type Mode int

const (
	Gray Mode = 1 // luma of ITU-R 601-2, rounded
	RGB  Mode = 3
	RGBA Mode = 4 // alpha not premultiplied
)

// pixelSize is the bytes per decoded pixel.
func (m Mode) pixelSize() int {
	if m == Gray {
		return 1
	}
	return 4
}

// An Image is a decoded region. A pixel takes 1 byte for Gray and 4 bytes R, G, B, A
// otherwise (A is 255 for RGB), so that SIMD kernels load whole pixels. Behind the last
// pixel are 64 bytes more, readable and of no meaning.
type Image struct {
	raster.Image
	// Shown is the part of the pixels that was asked for. The zero value stands for all
	// of them; only of a shrunk image is it another.
	Shown raster.Rect
	// Bits is how many low bits hold all samples of 16 bits that were decoded, 1 or
	// more; 0 of files with other samples.
	Bits int
}

// Part is the pixels of r, without copying them.
func (p Image) Part(r image.Rectangle) Image {
	p.Image = p.Crop(r)
	return p
}

const (
	maxKept   = 1 << 26      // bytes of a piece of scratch memory above which Trim drops it
	maxPixels = 2 * 89478485 // Pillow's: twice MAX_IMAGE_PIXELS is its error DecompressionBombError
)

// Options say what a Decoder makes of every file. Mode must be set; all else may be zero.
type Options struct {
	Mode       Mode
	IgnoreEXIF bool // images are as stored: no turn by EXIF or XMP
	// R, G, B that alpha is blended with: every pixel becomes opaque; nil: the color
	// stays as it is beside its alpha
	Background *[3]uint8
	// what is there of a file that ends before its image does, or of damaged JPEG data,
	// as with Pillow's LOAD_TRUNCATED_IMAGES
	KeepTruncated bool
	MaxPixels     int // more are an error; 0: 178956970, Pillow's limit
	// 8 to 16: how many low bits of samples of more than 8 count; 0: all that they have
	BitDepth int
}

// maxPixels is the limit that the options mean.
func (o *Options) maxPixels() int {
	if o.MaxPixels > 0 {
		return o.MaxPixels
	}
	return maxPixels
}

var (
	// ErrTruncated is wrapped where a file ends before its image does.
	ErrTruncated = errors.New("the file ends before its image does (truncated)")
	// ErrTooLarge is wrapped where a header asks for more than Options.MaxPixels pixels.
	ErrTooLarge = errors.New("too large")
	// ErrFormat is wrapped where the bytes are in none of the formats.
	ErrFormat = errors.New("not an image this package reads (JPEG, PNG, GIF, BMP, WebP, TIFF)")
)

// A Decoder decodes one file at a time. It owns all scratch memory and reuses it. Not
// safe for concurrent use: one a worker.
type Decoder struct {
	// Whole decodes all of a file, whatever region is wanted, so that damage anywhere
	// in it is an error. Of a file without damage the pixels are the same. It may be
	// set before each Decode.
	Whole bool

	options  Options
	pix      []byte // the stored region
	turned   []byte // the same, upright, where that differs
	scratch  []byte // rows of the kernels and of the conversion
	indices  []byte // samples as stored, where a decoder must have them all
	narrowed []byte // samples of 16 bits as bytes
	used     uint16 // the bits that are set in samples of 16 bits
	palette  [256]uint32
	zlib     io.ReadCloser // of PNG and TIFF; nil before the first
	lzw      lzw.Reader    // of GIF
	fax      fax           // of TIFF
	header   header

	jpeg jpeg.Decoder
}

// NewDecoder returns a Decoder without memory; it grows with the images.
func NewDecoder(o Options) *Decoder { return &Decoder{options: o} }

// A Region says which part of the upright image of width x height is wanted. The part
// must lie within the image and not be empty. shrink, which is 1, 2, 4 or 8, allows to
// make the image 1/shrink of its size: see Decode. An error ends the decoding.
type Region func(width, height int) (r image.Rectangle, shrink int, err error)

// Decode gives the pixels of a region of the upright image, or all of them where region
// is nil. region is called once, before memory for any pixel is allocated; Memory tells
// how much it will be. Its error is returned as it is. The result is the Decoder's
// memory, valid until the next call.
//
// With a shrink above 1, a sequential JPEG file is made 1/shrink of its size, as
// Pillow's Image.draft makes it. The result has all pixels of 1/shrink that touch the
// region, as stored: of a whole image ceil(width/shrink) x ceil(height/shrink), of a
// part from floor(left/shrink) to ceil(right/shrink). So it may have up to shrink-1
// pixels of the file more at each edge: its Shown tells. Other files are given in full:
// the result's size tells.
func (d *Decoder) Decode(data []byte, region Region) (Image, error) {
	if m := d.options.Mode; m != Gray && m != RGB && m != RGBA {
		return Image{}, fmt.Errorf("imagefile: mode %d is none of 1 (gray), 3 (RGB), 4 (RGBA)", m)
	}
	if err := readHeader(data, int64(len(data)), &d.header, &d.options); err != nil {
		return Image{}, err
	}
	width, height := d.header.uprightSize()
	want, shrink := image.Rect(0, 0, width, height), 1
	if region != nil {
		var err error
		if want, shrink, err = region(width, height); err != nil {
			return Image{}, err
		}
	}
	return d.decode(data, want, shrink)
}

// Memory is about the most bytes that decoding takes for the image whose region is
// being asked for, all of it being wanted: its own planes or samples, and the pixels.
// It is for the Region that Decode calls.
func (d *Decoder) Memory() int64 {
	h := &d.header
	perPixel := h.working + 4
	if h.orientation != upright {
		perPixel += 4
	}
	return int64(h.width) * int64(h.height) * int64(perPixel)
}

// Trim drops scratch memory that a huge image has left behind. The last result is no
// longer valid.
func (d *Decoder) Trim() {
	for _, b := range []*[]byte{&d.pix, &d.turned, &d.scratch, &d.indices, &d.narrowed} {
		if cap(*b) > maxKept {
			*b = nil
		}
	}
	if d.header.width*d.header.height > maxKept/3 {
		d.jpeg = jpeg.Decoder{}
	}
}

// decode gives the pixels of a region of the file whose header was read.
func (d *Decoder) decode(data []byte, want image.Rectangle, shrink int) (Image, error) {
	h, mode := &d.header, d.options.Mode
	width, height := h.uprightSize()
	if want.Empty() || !want.In(image.Rect(0, 0, width, height)) {
		return Image{}, fmt.Errorf("imagefile: region %v is empty or not within the image of %d "+
			"x %d", want, width, height)
	}
	stored := h.orientation.stored(want, width, height)
	var shown raster.Rect
	if shrink > 1 && h.format.shrinks != nil && h.format.shrinks(d, data) {
		h.shrink = shrink
		exact := stored
		stored = image.Rect(stored.Min.X/shrink, stored.Min.Y/shrink, ceil(stored.Max.X, shrink),
			ceil(stored.Max.Y, shrink))
		shown = h.orientation.shown(exact, stored, shrink)
	}
	decoded := stored
	if d.Whole {
		decoded = image.Rect(0, 0, ceil(h.width, h.shrink), ceil(h.height, h.shrink))
	}
	dst := blank(&d.pix, decoded.Dx(), decoded.Dy(), mode)
	d.used = 0
	if err := h.format.decode(d, data, h, dst, decoded); err != nil {
		return Image{}, h.format.wrap(err)
	}
	dst = dst.Crop(stored.Sub(decoded.Min))
	used := 0
	if h.deep {
		used = max(bits.Len16(d.used), 1)
	}
	if h.orientation == upright {
		return Image{dst, shown, used}, nil
	}
	width, height = dst.Width, dst.Height
	if h.orientation.swaps() {
		width, height = height, width
	}
	out := blank(&d.turned, width, height, mode)
	h.orientation.apply(out, dst)
	return Image{out, shown, used}, nil
}

// blank gives an image of arbitrary content in *buf.
func blank(buf *[]byte, width, height int, mode Mode) raster.Image {
	size := mode.pixelSize()
	return raster.Image{Pix: raster.Grow(buf, width*height*size+raster.Slack), Stride: width * size,
		Width: width, Height: height, Channels: int(mode), PixelSize: size}
}

// ceil is a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }

// Info is what the headers of a file say.
type Info struct {
	Format string // as Sniff
	// Pillow's Image.mode: "1", "L", "P", "RGB", "RGBA", "CMYK", "LA", "I;16", ...
	Mode          string
	Width, Height int // upright
}

// Inspect reads the headers of a file. Of the options, IgnoreEXIF and MaxPixels count.
// It fails where Decode does before it asks for the region.
func Inspect(data []byte, o Options) (Info, error) {
	return inspect(data, int64(len(data)), o)
}

// inspect is Inspect for the first bytes of a file of size bytes.
func inspect(data []byte, size int64, o Options) (Info, error) {
	var h header
	if err := readHeader(data, size, &h, &o); err != nil {
		return Info{}, err
	}
	width, height := h.uprightSize()
	return Info{Format: h.format.sniffed, Mode: h.mode, Width: width, Height: height}, nil
}
