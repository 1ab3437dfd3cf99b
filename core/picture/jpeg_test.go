package picture

import (
	"bytes"
	"errors"
	"image"
	"strings"
	"testing"
)

// largeJPEG is a gray JPEG file of width x height whose blocks are all of the same gray: 2 bits each.
func largeJPEG(width, height int) []byte {
	table := func(class, symbol byte) []byte { // one code, 0
		return append(append([]byte{0xff, markDHT, 0, 20, class, 1}, make([]byte, 15)...), symbol)
	}
	b := append([]byte{0xff, markSOI, 0xff, 0xdb, 0, 67, 0}, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xff, markSOF0, 0, 11, 8, byte(height>>8), byte(height), byte(width>>8), byte(width), 1, 1, 0x11, 0)
	b = append(append(b, table(0x00, 0)...), table(0x10, 0)...)
	b = append(b, 0xff, markSOS, 0, 8, 1, 1, 0, 0, 63, 0)
	b = append(b, make([]byte, ceil(ceil(width, 8)*ceil(height, 8), 4))...)
	return append(b, 0xff, markEOI)
}

// TestMaxPixelsOfJPEG: the limit is that of the options alone, above Pillow's, too.
func TestMaxPixelsOfJPEG(t *testing.T) {
	data := largeJPEG(13400, 13400)
	corner := func(width, height int) (image.Rectangle, int, error) { return image.Rect(0, 0, 8, 8), 1, nil }
	d := NewDecoder(Options{Mode: RGB, MaxPixels: 300_000_000})
	if p, err := d.Decode(data, corner); err != nil || p.Pix[0] != 128 {
		t.Error(err)
	}
	for _, limit := range []int{0, 179_559_999} {
		_, err := NewDecoder(Options{Mode: RGB, MaxPixels: limit}).Decode(data, corner)
		if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "raise max_pixels") {
			t.Error(err)
		}
	}
}
