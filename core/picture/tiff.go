package picture

import (
	"bytes"
	"errors"
	"image"

	"golang.org/x/image/tiff"
)

// tiffHeader reads the first directory.
func tiffHeader(data []byte, h *header) error {
	dir := readIFD(data)
	width, ok1 := dir.number(tagWidth)
	height, ok2 := dir.number(tagHeight)
	if !ok1 || !ok2 {
		if dir.data == nil {
			return ErrTruncated
		}
		return errors.New("the first directory lacks its width or its height")
	}
	if width > 1<<31-1 || height > 1<<31-1 {
		return errors.New("a side of more than 2147483647 pixels")
	}
	h.width, h.height = int(width), int(height)
	h.turn = exifTurn(data, dir.blob(tagXMP))
	h.working = 8
	h.mode = tiffMode(dir)
	return nil
}

// tiffMode is the mode that Pillow gives to a directory, as far as its photometric interpretation tells.
func tiffMode(dir ifd) string {
	const photometric, samplesPerPixel = 262, 277
	kind, _ := dir.number(photometric)
	samples, _ := dir.number(samplesPerPixel)
	switch {
	case kind == 2 && samples > 3:
		return "RGBA"
	case kind == 2, kind == 6:
		return "RGB"
	case kind == 3:
		return "P"
	case kind == 5:
		return "CMYK"
	case samples == 2:
		return "LA"
	}
	return "L"
}

// decodeTIFF writes the pixels of region.
func decodeTIFF(d *Decoder, data []byte, h *header, dst Picture, region image.Rectangle) error {
	m, err := foreign(func() (image.Image, error) {
		// A size that the two readers of the directory don't agree on hasn't passed the limit.
		c, err := tiff.DecodeConfig(bytes.NewReader(data))
		if err == nil && (c.Width != h.width || c.Height != h.height) {
			err = errors.New("the first directory has two sizes")
		}
		if err != nil {
			return nil, err
		}
		return tiff.Decode(bytes.NewReader(data))
	})
	if err != nil {
		return err
	}
	return d.convert(dst, m, region)
}
