package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A pngFrame is a PNG file after ReadHeader. image/png is not used: it keeps the full
// image in memory, twice if it is interlaced, returns nothing for a truncated one, and
// rejects data after the pixels.
type pngFrame struct {
	depth, color  byte
	bits          int // per pixel
	interlaced    bool
	palette, trns []byte
	data          []byte // the first chunk IDAT and what follows
}

// Color types of PNG.
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBA      = 6
)

// pngChannels is the number of samples per pixel.
var pngChannels = map[byte]int{pngGray: 1, pngRGB: 3, pngPalette: 1, pngGrayAlpha: 2, pngRGBA: 4}

const pngSignature = 8

func init() {
	register(format{name: "png", title: "PNG", decoder: "mixfolder", extensions: []string{".png"},
		match: func(head []byte) bool { return bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")) },
		late:  true,
		new:   func(w *workspace) Codec { return &pngCodec{workspace: w} }})
}

type pngCodec struct {
	*workspace
	inflater
	header *header
	frame  *pngFrame
}

// ReadHeader reads IHDR, the palette and the transparent color, and walks all chunks
// for EXIF and XMP, which may follow the pixels. Of an animation it reads the default
// image, as Pillow does.
func (d *pngCodec) ReadHeader(data []byte, h *header) error {
	if len(data) < pngSignature+8+13 {
		return ErrTruncated
	}
	f := new(pngFrame)
	var exif, xmp, profile []byte
	for rest := data[pngSignature:]; len(rest) >= 12; {
		kind, body, after, err := pngChunk(rest)
		if f.data == nil {
			if err != nil {
				return err
			}
			if f.bits == 0 && string(kind) == "CgBI" {
				return errCgBI
			}
			if f.bits == 0 && string(kind) != "IHDR" {
				return errors.New("the first chunk is not IHDR")
			}
		} else if err != nil {
			break // the data after the pixels are not needed
		}
		switch string(kind) {
		case "IHDR":
			if err := f.readIHDR(body, h); err != nil {
				return err
			}
		case "PLTE":
			f.palette = body
		case "tRNS":
			f.trns = body
		case "IDAT":
			if f.data == nil {
				f.data = rest
			}
		case "eXIf":
			exif = body
		case "tEXt", "zTXt", "iTXt":
			if xmp == nil { // only one of each is decompressed, not thousands
				xmp = pngText(string(kind), body, "XML:com.adobe.xmp")
			}
			if profile == nil {
				profile = pngText(string(kind), body, "Raw profile type exif")
			}
		}
		rest = after
	}
	if exif == nil {
		exif = pngProfile(profile)
	}
	d.header, d.frame, h.orientation = h, f, exifOrientation(exif, xmp)
	return f.validate()
}

// pngChunk returns the first chunk of b and the data after it. The checksum is
// verified, except for IDAT, which is verified when it is decoded.
func pngChunk(b []byte) (kind, body, after []byte, err error) {
	n := uint64(binary.BigEndian.Uint32(b))
	kind, body = b[4:8], b[8:]
	if n+4 > uint64(len(body)) {
		if string(kind) == "IDAT" {
			return kind, body, nil, nil
		}
		return kind, nil, nil, ErrTruncated
	}
	body, after = body[:n], body[n+4:]
	if string(kind) != "IDAT" && crc32.ChecksumIEEE(b[4:8+n]) != binary.BigEndian.Uint32(b[8+n:]) {
		err = errPNGChecksum(string(kind))
	}
	return kind, body, after, err
}

func errPNGChecksum(kind string) error {
	return fmt.Errorf("the chunk %q is damaged: its checksum is wrong", kind)
}

// readIHDR reads the image header.
func (f *pngFrame) readIHDR(ihdr []byte, h *header) error {
	if f.bits != 0 || len(ihdr) != 13 {
		return errors.New("IHDR is repeated, or not 13 bytes long")
	}
	width, height := binary.BigEndian.Uint32(ihdr), binary.BigEndian.Uint32(ihdr[4:])
	if width > 1<<31-1 || height > 1<<31-1 {
		return errors.New("its width or height exceeds 2147483647 pixels")
	}
	f.depth, f.color, f.interlaced = ihdr[8], ihdr[9], ihdr[12] != 0
	valid := false
	switch f.depth {
	case 1, 2, 4:
		valid = f.color == pngGray || f.color == pngPalette
	case 8:
		valid = pngChannels[f.color] > 0
	case 16:
		valid = pngChannels[f.color] > 0 && f.color != pngPalette
	}
	if !valid || ihdr[10] != 0 || ihdr[11] != 0 || ihdr[12] > 1 {
		return fmt.Errorf("depth %d, color type %d, methods % d are not PNG", f.depth, f.color,
			ihdr[10:])
	}
	f.bits = int(f.depth) * pngChannels[f.color]
	h.width, h.height = int(width), int(height)
	h.mode, h.deep = pngMode(f.depth, f.color), f.depth == 16
	h.packed, h.ratio = int64(f.rowBytes(h.width))*int64(h.height), maxDeflateRatio
	if f.interlaced {
		h.working = (f.bits + 7) / 8
	}
	return nil
}

// rowBytes returns the number of bytes in a row of this many pixels.
func (f *pngFrame) rowBytes(width int) int { return (width*f.bits + 7) / 8 }

// validate checks the chunks before the pixels.
func (f *pngFrame) validate() error {
	switch {
	case f.data == nil:
		return ErrTruncated
	case f.color == pngPalette && (len(f.palette) == 0 || len(f.palette)%3 != 0):
		return errors.New("the palette is missing, or its length is not a multiple of 3")
	case f.trns != nil && (f.color == pngGray && len(f.trns) < 2 || f.color == pngRGB &&
		len(f.trns) < 6):
		return errors.New("the transparent color is too short")
	}
	return nil
}

// pngMode returns Pillow's mode for a depth and a color type.
func pngMode(depth, color byte) string {
	switch {
	case color == pngGray && depth == 1:
		return "1"
	case color == pngGray && depth == 16:
		return "I;16"
	case color == pngGray:
		return "L"
	case color == pngRGB:
		return "RGB"
	case color == pngPalette:
		return "P"
	case color == pngGrayAlpha && depth == 8:
		return "LA"
	}
	return "RGBA"
}
