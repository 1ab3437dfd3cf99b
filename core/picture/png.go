package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
)

// pngHeader reads IHDR and walks the chunks for EXIF and XMP, which may stand behind the pixels.
func pngHeader(data []byte, h *header) error {
	const signature = 8
	if len(data) < signature+8+13 {
		return ErrTruncated
	}
	if string(data[signature+4:signature+8]) != "IHDR" {
		return errors.New("the first chunk is not IHDR")
	}
	ihdr := data[signature+8:]
	width, height := binary.BigEndian.Uint32(ihdr), binary.BigEndian.Uint32(ihdr[4:])
	if width > 1<<31-1 || height > 1<<31-1 {
		return errors.New("a side of more than 2147483647 pixels")
	}
	h.width, h.height = int(width), int(height)
	// Deflate makes 1032 bytes of one at best. So much emptiness is an attack on the memory.
	depth, colour := ihdr[8], ihdr[9]
	channels := map[byte]uint64{2: 3, 4: 2, 6: 4}[colour]
	row := (uint64(width)*max(channels, 1)*uint64(depth) + 7) / 8
	h.empty = row > 0 && uint64(height) > 1032*uint64(len(data))/row
	h.mode = pngMode(depth, colour)
	h.working = 16 // 64 bits of all passes and as much of one

	var exif, xmp []byte
	for rest := data[signature:]; len(rest) >= 12; {
		n := uint64(binary.BigEndian.Uint32(rest))
		kind := string(rest[4:8])
		rest = rest[8:]
		if n+4 > uint64(len(rest)) {
			break
		}
		switch kind {
		case "eXIf":
			exif = rest[:n]
		case "iTXt": // keyword, 0, compression flag and method, ...
			if b, ok := bytes.CutPrefix(rest[:n], []byte("XML:com.adobe.xmp\x00\x00")); ok {
				xmp = b
			}
		}
		rest = rest[n+4:]
	}
	h.turn = exifTurn(exif, xmp)
	return nil
}

// pngMode is the mode that Pillow gives to a depth and a colour type.
func pngMode(depth, colour byte) string {
	switch {
	case colour == 0 && depth == 1:
		return "1"
	case colour == 0 && depth == 16:
		return "I;16"
	case colour == 0:
		return "L"
	case colour == 2:
		return "RGB"
	case colour == 3:
		return "P"
	case colour == 4 && depth == 8:
		return "LA"
	}
	return "RGBA"
}

// decodePNG writes the pixels of region.
func decodePNG(d *Decoder, data []byte, _ *header, dst Picture, region image.Rectangle) error {
	m, err := foreign(func() (image.Image, error) { return png.Decode(bytes.NewReader(data)) })
	if err != nil && err.Error() == "invalid format: not enough pixel data" {
		return ErrTruncated
	}
	if err != nil {
		return err
	}
	return d.convert(dst, m, region)
}
