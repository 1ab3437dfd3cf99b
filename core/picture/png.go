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
	channels := map[byte]uint64{2: 3, 4: 2, 6: 4}[ihdr[9]]
	bits := max(channels, 1) * uint64(ihdr[8])
	if row := (uint64(width)*bits + 7) / 8; row > 0 && uint64(height) > 1032*uint64(len(data))/row {
		if uint64(width)*uint64(height) <= maxPixel { // else the size itself is the better message
			return ErrTruncated
		}
	}

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
