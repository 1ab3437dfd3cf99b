package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/webp"

	"mixfolder/core/raster"
)

// A webpFrame is the first frame of a WebP file, after ReadHeader.
type webpFrame struct {
	file io.Reader       // a WebP file with the first frame alone
	rect image.Rectangle // its rectangle on the canvas
}

func init() {
	register(format{name: "webp", title: "WebP", decoder: "golang.org/x/image/webp",
		extensions: []string{".webp"},
		match: func(head []byte) bool {
			return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
		},
		late: true,
		new:  func(w *workspace) Codec { return &webpCodec{workspace: w} }})
}

type webpCodec struct {
	*workspace
	header *header
	frame  *webpFrame
}

// ReadHeader scans the chunks for the canvas size, the first frame, EXIF and XMP.
func (d *webpCodec) ReadHeader(data []byte, h *header) error {
	const riff = 12
	var exif, xmp []byte
	var frame *webpFrame
	alpha := false
	for rest := data[riff:]; len(rest) >= 8; {
		kind, n := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		if rest = rest[8:]; n > uint64(len(rest)) {
			if frame == nil {
				return errWebPTruncated
			}
			break
		}
		chunk := rest[:n]
		switch kind {
		case "VP8 ", "VP8L":
			if frame == nil {
				w, ht, err := webpSize(kind, chunk)
				if err != nil {
					return err
				}
				if h.width == 0 { // no VP8X
					h.width, h.height = w, ht
				}
				alpha = alpha || kind == "VP8L" && chunk[4]&0x10 != 0
				frame = &webpFrame{bytes.NewReader(data), image.Rect(0, 0, w, ht)}
			}
		case "VP8X":
			if len(chunk) < 10 {
				return errWebPTruncated
			}
			h.width, h.height = 1+uint24(chunk[4:]), 1+uint24(chunk[7:])
			alpha = alpha || chunk[0]&0x10 != 0
		case "ALPH":
			alpha = true
		case "ANMF":
			if frame == nil {
				if len(chunk) < 16 {
					return errWebPTruncated
				}
				frame = animationFrame(chunk)
			}
		case "EXIF":
			exif = chunk
		case "XMP ":
			xmp = chunk
		}
		rest = rest[min(n+n&1, uint64(len(rest))):]
	}
	if frame == nil {
		return errWebPTruncated
	}
	if !frame.rect.In(image.Rect(0, 0, h.width, h.height)) {
		return errors.New("the first frame reaches beyond the canvas")
	}
	d.header, d.frame = h, frame
	h.working = 12 // pixels of 32 bits and memory for transforms
	if h.mode = "RGB"; alpha {
		h.mode = "RGBA"
	}
	h.orientation = exifOrientation(exif, xmp)
	return nil
}

// errWebPTruncated is returned even with Options.KeepTruncated: as in Pillow, no part
// of a truncated WebP file is decoded.
var errWebPTruncated = fmt.Errorf("%w; truncated WebP files cannot be kept", ErrTruncated)

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// webpSize reads the size from the header of a bitstream: RFC 9649 sections 2.5 and
// 3.4.
func webpSize(kind string, b []byte) (width, height int, err error) {
	if kind == "VP8 " {
		if len(b) < 10 {
			return 0, 0, ErrTruncated
		}
		return int(binary.LittleEndian.Uint16(b[6:])) & 0x3fff,
			int(binary.LittleEndian.Uint16(b[8:])) & 0x3fff, nil
	}
	if len(b) < 5 {
		return 0, 0, ErrTruncated
	}
	v := binary.LittleEndian.Uint32(b[1:])
	return 1 + int(v&0x3fff), 1 + int(v>>14&0x3fff), nil
}

// animationFrame builds a separate file from the first frame of an animation, which
// x/image/webp does not support: the chunks of the frame after a header with the
// frame's size.
func animationFrame(chunk []byte) *webpFrame {
	x, y, w, h := 2*uint24(chunk), 2*uint24(chunk[3:]), 1+uint24(chunk[6:]), 1+uint24(chunk[9:])
	body := chunk[16:]
	head := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"),
		chunk[6:12]...)
	if bytes.HasPrefix(body, []byte("ALPH")) {
		head[20] = 1 << 4 // alpha
	}
	binary.LittleEndian.PutUint32(head[4:], uint32(len(head)-8+len(body)))
	return &webpFrame{io.MultiReader(bytes.NewReader(head), bytes.NewReader(body)), image.Rect(x, y,
		x+w, y+h)}
}

// Decode writes the pixels of region.
func (d *webpCodec) Decode(dst raster.Image, region image.Rectangle, _ int) error {
	h, f := d.header, d.frame
	m, err := recoverDecoder(func() (image.Image, error) { return webp.Decode(f.file) })
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errWebPTruncated
	}
	if err != nil {
		return err
	}
	if m.Bounds().Size() != f.rect.Size() {
		return errors.New("the container and the frame disagree on the size")
	}
	if h.mode == "RGB" { // a frame may have alpha although its container denies it
		switch alpha := m.(type) {
		case *image.NRGBA:
			opaque(alpha.Pix)
		case *image.NYCbCrA:
			m = &alpha.YCbCr
		}
	}
	seen := region.Intersect(f.rect)
	// The canvas around the first frame of an animation is black, and transparent if
	// there is alpha.
	if seen != region {
		for y := range dst.Height {
			rgba := d.rgbaRow(dst, y)
			if clear(rgba); h.mode == "RGB" {
				opaque(rgba)
			}
			d.writeRow(dst, y, rgba)
		}
	}
	if seen.Empty() {
		return nil
	}
	dst, seen = dst.Crop(seen.Sub(region.Min)), seen.Sub(f.rect.Min)
	switch m := m.(type) {
	case *image.YCbCr:
		p, err := planesOf(m)
		if err != nil {
			return err
		}
		return p.vp8Pixels(dst, seen, &d.scratch)
	case *image.NYCbCrA:
		return d.vp8Alpha(dst, m, seen)
	}
	return d.convert(dst, m, seen)
}

// vp8Alpha writes the pixels of region of a lossy image that has an alpha channel.
func (d *webpCodec) vp8Alpha(dst raster.Image, m *image.NYCbCrA, region image.Rectangle) error {
	p, err := planesOf(&m.YCbCr)
	if err != nil {
		return err
	}
	if dst.Channels != 4 && d.options.Background == nil {
		return p.vp8Pixels(dst, region, &d.scratch)
	}
	color := dst
	if dst.Channels == 1 { // allocated here: the orientation is applied later
		color = blank(&d.oriented, dst.Width, dst.Height, RGBA)
	}
	if err := p.vp8Pixels(color, region, &d.scratch); err != nil {
		return err
	}
	alphaPlane(color, m, region)
	for y := range dst.Height {
		d.writeRow(dst, y, color.Row(y))
	}
	return nil
}

// alphaPlane writes the alpha of region of m to dst.
func alphaPlane(dst raster.Image, m *image.NYCbCrA, region image.Rectangle) {
	for y := range dst.Height {
		row := dst.Row(y)
		for i, a := range m.A[(region.Min.Y+y)*m.AStride+region.Min.X:][:dst.Width] {
			row[4*i+3] = a
		}
	}
}
