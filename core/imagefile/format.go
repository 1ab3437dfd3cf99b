package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"strings"

	"mixfolder/core/raster"
)

// A header is what is known of an image before its pixels.
type header struct {
	format        *format
	width, height int // as stored
	orientation   orientation
	mode          string // Pillow's Image.mode of the file
	packed        int64  // bytes that the stored pixels take before compression, and
	ratio         int64  // how many of them a byte of the file may stand for
	working       int    // bytes a stored pixel that decode allocates, at most, besides its result
	deep          bool   // samples have 16 bits
	shrink        int    // what decode is to make is 1/shrink of that size
	frame         any    // what the format wants to remember from its header to its decoder
}

// uprightSize is the size after the turn.
func (h *header) uprightSize() (width, height int) {
	if h.orientation.swaps() {
		return h.height, h.width
	}
	return h.width, h.height
}

// A format reads one kind of file. header fills all of h but format and shrink; decode
// writes the pixels of the stored region to dst, whose size is the region's. Both
// return errors without a prefix. shrinks tells whether decode can shrink a file; nil
// never does.
type format struct {
	sniffed string // what Sniff calls it
	name    string // what errors call it
	decoder string // what decodes it
	header  func(data []byte, h *header) error
	decode  func(d *Decoder, data []byte, h *header, dst raster.Image, region image.Rectangle) error
	shrinks func(d *Decoder, data []byte) bool
}

// wrap makes an error of the format presentable. The decoders of the standard library
// say that a file is truncated in two ways.
func (f *format) wrap(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = ErrTruncated
	}
	return fmt.Errorf("imagefile: %s: %w", f.name, err)
}

var formats = []*format{
	{"jpeg", "JPEG", "mixfolder", jpegHeader, decodeJPEG, shrinksJPEG},
	{"png", "PNG", "mixfolder", pngHeader, decodePNG, nil},
	{"gif", "GIF", "compress/lzw", gifHeader, decodeGIF, nil},
	{"bmp", "BMP", "mixfolder", bmpHeader, decodeBMP, nil},
	{"webp", "WebP", "golang.org/x/image/webp", webpHeader, decodeWebP, nil},
	{"tiff", "TIFF", "mixfolder, golang.org/x/image/tiff/lzw", tiffHeader, decodeTIFF, nil},
}

// Decoders tells for each format, by the names of Sniff, which package decodes it.
func Decoders() map[string]string {
	m := map[string]string{}
	for _, f := range formats {
		m[f.sniffed] = f.decoder
	}
	return m
}

// Sniff names the format by the first bytes of a file: "jpeg", "png", "gif", "bmp",
// "webp", "tiff", or "" for none of them. 16 bytes are enough.
func Sniff(head []byte) string {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\xff\xd8\xff"):
		return "jpeg"
	case has("\x89PNG\r\n\x1a\n"):
		return "png"
	case has("GIF87a"), has("GIF89a"):
		return "gif"
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return "webp"
	case has("II*\x00"), has("MM\x00*"), has("II\x00*"), has("MM*\x00"):
		return "tiff"
	case has("BM") && len(head) >= 16 && head[15] == 0:
		// Two letters are little to go by: the low half of the header's size must be
		// one that exists, too.
		switch head[14] {
		case 12, 40, 52, 56, 64, 108, 124:
			return "bmp"
		}
	}
	return ""
}

// mostDeflate is how many bytes Deflate makes of one at best. A truncated file that is
// kept may have as many missing.
const maxDeflate = 1032

// readHeader finds the format of a file of size bytes, of which data are the first, and
// fills h.
func readHeader(data []byte, size int64, h *header, o *Options) error {
	name := Sniff(data[:min(len(data), 16)])
	for _, f := range formats {
		if f.sniffed != name {
			continue
		}
		*h = header{format: f, orientation: upright, shrink: 1}
		if err := f.header(data, h); err != nil {
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
		// So many pixels in so few bytes are an attack on the memory, or the file is
		// cut off.
		ratio := h.ratio
		if o.KeepTruncated {
			ratio = max(ratio, maxDeflate)
		}
		if h.packed > ratio*size {
			return f.wrap(ErrTruncated)
		}
		if o.IgnoreEXIF {
			h.orientation = upright
		}
		return nil
	}
	return unknown(data)
}

// foreign calls a decoder that is not ours. Its panic becomes an error: a hostile file
// must not be worse than a bad one. Its errors lose their prefix, as they get ours.
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
