package picture

import (
	"bytes"
	"encoding/binary"
	"image"

	"golang.org/x/image/bmp"
)

// A bmpFrame is what bmpHeader remembers.
type bmpFrame struct{ opaque bool }

// bmpHeader reads the two headers of the file. Heights below 0 mean that the rows go down.
func bmpHeader(data []byte, h *header) error {
	if len(data) < 34 {
		return ErrTruncated
	}
	size := binary.LittleEndian.Uint32(data[14:])
	h.working = 4
	h.mode = bmpMode(data, size)
	if size == 12 {
		h.width, h.height = int(binary.LittleEndian.Uint16(data[18:])), int(binary.LittleEndian.Uint16(data[20:]))
		return nil
	}
	h.width, h.height = int(int32(binary.LittleEndian.Uint32(data[18:]))), int(int32(binary.LittleEndian.Uint32(data[22:])))
	h.height = max(h.height, -h.height)
	bits, compression := binary.LittleEndian.Uint16(data[28:]), binary.LittleEndian.Uint32(data[30:])
	if row := (int64(h.width)*int64(bits) + 7) / 8; compression == 0 && row > 0 && int64(h.height) > int64(len(data))/row {
		return ErrTruncated
	}
	// x/image/bmp takes the fourth byte for alpha wherever the header is long; Pillow only where masks say so.
	h.frame = bmpFrame{opaque: compression == 0}
	return nil
}

// bmpMode is the mode that Pillow gives to a file.
func bmpMode(data []byte, size uint32) string {
	bits := data[28]
	if size == 12 {
		bits = data[24]
	}
	switch {
	case bits <= 8:
		return "P"
	case bits == 32 && data[30] == 3 && size >= 56 && len(data) >= 70 && binary.LittleEndian.Uint32(data[66:]) != 0:
		return "RGBA"
	}
	return "RGB"
}

// decodeBMP writes the pixels of region.
func decodeBMP(d *Decoder, data []byte, h *header, dst Picture, region image.Rectangle) error {
	m, err := foreign(func() (image.Image, error) { return bmp.Decode(bytes.NewReader(data)) })
	if err != nil {
		return err
	}
	if f, ok := h.frame.(bmpFrame); ok && f.opaque {
		if m, ok := m.(*image.NRGBA); ok {
			opaque(m.Pix)
		}
	}
	return d.convert(dst, m, region)
}
