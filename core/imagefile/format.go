package imagefile

import (
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"strings"

	"mixfolder/core/raster"
)

// A format is one kind of image file. Its own source file registers it, and no other
// file names it.
type format struct {
	name       string // of Header.Format, such as "png"
	title      string // of errors, such as "PNG"
	decoder    string // the module that decodes it, for Decoders
	extensions []string
	match      func(head []byte) bool // by the first 16 bytes of a file, or fewer
	late       bool                   // data for ReadHeader may follow the pixels
	new        func(w *workspace) Codec
}

// A Codec reads files of one format, one after the other, and keeps its state and
// memory from file to file. Its errors have no prefix.
type Codec interface {
	// ReadHeader fills all of h except its format. data and h belong to the caller and
	// remain valid until Decode.
	ReadHeader(data []byte, h *header) error
	// Decode writes the pixels of the stored region to dst, which has its size, of the
	// file whose header was read last. shrink is 1, or 2, 4 or 8 if the header allows
	// it: then the region is one of the image made 1/shrink of its size.
	Decode(dst raster.Image, region image.Rectangle, shrink int) error
}

// A header describes an image before its pixels are decoded.
type header struct {
	format        *format
	width, height int // as stored
	orientation   orientation
	mode          string // Pillow's Image.mode of the file
	packed        int64  // bytes of the stored pixels before compression, and
	ratio         int64  // how many of them a byte of the file may stand for
	working       int    // bytes per stored pixel that Decode allocates, at most, besides dst
	deep          bool   // samples have 16 bits
	canShrink     bool   // Decode can make the image smaller
}

// uprightSize is the size after the orientation is applied.
func (h *header) uprightSize() (width, height int) {
	if h.orientation.swaps() {
		return h.height, h.width
	}
	return h.width, h.height
}

// memory returns an upper bound of the bytes that decoding the full image needs: the
// codec's own planes or samples, and the pixels.
func (h *header) memory() int64 {
	perPixel := h.working + 4
	if h.orientation != upright {
		perPixel += 4
	}
	return int64(h.width) * int64(h.height) * int64(perPixel)
}

// formats are sorted by name, whatever the order of initialization.
var formats []*format

func register(f format) {
	at, _ := slices.BinarySearchFunc(formats, f.name, func(g *format, name string) int {
		return strings.Compare(g.name, name)
	})
	formats = slices.Insert(formats, at, &f)
}

// wrap formats an error of the format for users. The decoders of the standard library
// report a truncated file in two ways.
func (f *format) wrap(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = ErrTruncated
	}
	return fmt.Errorf("imagefile: %s: %w", f.title, err)
}

// Names returns the names of the formats as in errors and documents: "BMP", "GIF" and
// so on.
func Names() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.title)
	}
	return names
}

// Extensions returns the extensions of all formats, in lower case with their dots.
func Extensions() []string {
	var all []string
	for _, f := range formats {
		all = append(all, f.extensions...)
	}
	return all
}

// Decoders returns for each format, by its Header.Format, which module decodes it.
func Decoders() map[string]string {
	m := map[string]string{}
	for _, f := range formats {
		m[f.name] = f.decoder
	}
	return m
}

// Sniff returns the format of a file, as in Header.Format, by its first 16 bytes or
// more; "" for one that cannot be decoded.
func Sniff(head []byte) string {
	if f := formatOf(head); f != nil {
		return f.name
	}
	return ""
}

// formatOf returns the format of a file, or nil.
func formatOf(data []byte) *format {
	head := data[:min(len(data), 16)]
	for _, f := range formats {
		if f.match(head) {
			return f
		}
	}
	return nil
}

// readHeader has codec read the header of a file of size bytes, of which data are the
// first, into h.
func readHeader(codec Codec, f *format, data []byte, size int64, h *header, o *Options) error {
	*h = header{format: f, orientation: upright}
	if err := codec.ReadHeader(data, h); err != nil {
		return f.wrap(err)
	}
	if h.width <= 0 || h.height <= 0 {
		return f.wrap(fmt.Errorf("the size %d x %d has no pixels", h.width, h.height))
	}
	if limit := o.maxPixels(); h.width > limit/h.height {
		err := fmt.Errorf("the size %d x %d is %w: the limit is %d pixels", h.width, h.height,
			ErrTooLarge, limit)
		return f.wrap(&remediedError{err, "raise max_pixels where such images are wanted, or " +
			"remove the file"})
	}
	// The file is too short for its number of pixels: a decompression bomb, or
	// truncated.
	ratio := h.ratio
	if o.KeepTruncated {
		ratio = max(ratio, maxDeflateRatio)
	}
	if h.packed > ratio*size {
		return f.wrap(ErrTruncated)
	}
	if o.IgnoreEXIF {
		h.orientation = upright
	}
	return nil
}

// recoverDecoder calls a decoder of another module. A panic becomes an error: a hostile
// file must not be worse than a bad one. The prefix of its errors is replaced by that
// of this package.
func recoverDecoder[T any](decode func() (T, error)) (result T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the decoder panicked: %v", r)
		}
	}()
	result, err = decode()
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return result, err
	}
	if prefix, text, ok := strings.Cut(err.Error(), ": "); ok && !strings.Contains(prefix, " ") {
		err = errors.New(text)
	}
	return result, err
}
