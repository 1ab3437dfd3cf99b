package imagefile

import (
	"bytes"
	"errors"
	"image"
	"runtime"
	"strings"
	"testing"
)

// largeJPEG returns a JPEG file of width x height with this many components, whose
// blocks all have the same gray: 2 bits each.
func largeJPEG(width, height, components int) []byte {
	table := func(class, symbol byte) []byte { // one code, 0
		return append(append([]byte{0xff, 0xc4, 0, 20, class, 1}, make([]byte, 15)...), symbol)
	}
	n := byte(components)
	frame := []byte{0xff, 0xc0, 0, 8 + 3*n, 8, byte(height >> 8), byte(height),
		byte(width >> 8), byte(width), n}
	scan := []byte{0xff, 0xda, 0, 6 + 2*n, n}
	for i := range n {
		frame, scan = append(frame, i, 0x11, 0), append(scan, i, 0)
	}
	b := append([]byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}, bytes.Repeat([]byte{1}, 64)...)
	b = append(append(append(b, frame...), table(0x00, 0)...), table(0x10, 0)...)
	b = append(append(b, scan...), 0, 63, 0)
	b = append(b, make([]byte, ceil(ceil(width, 8)*ceil(height, 8)*components, 4))...)
	return append(b, 0xff, 0xd9)
}

// TestMaxPixelsOfJPEG checks that only the option limits the size, even above Pillow's
// limit.
func TestMaxPixelsOfJPEG(t *testing.T) {
	data := largeJPEG(13400, 13400, 1)
	corner := func(width, height int) (image.Rectangle, int, error) {
		return image.Rect(0, 0, 8, 8),
			1, nil
	}
	d := NewDecoder(Options{Mode: RGB, MaxPixels: 300_000_000})
	if p, err := d.decode(data, corner); err != nil || p.Pix[0] != 128 {
		t.Error(err)
	}
	for _, limit := range []int{0, 179_559_999} {
		_, err := NewDecoder(Options{Mode: RGB, MaxPixels: limit}).decode(data, corner)
		if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "raise max_pixels") {
			t.Error(err)
		}
	}
}

// TestCMYKMemory checks that a CMYK file needs little more memory than its pixels, and
// that the estimate agrees.
func TestCMYKMemory(t *testing.T) {
	data := largeJPEG(2000, 1500, 4)
	var before, after runtime.MemStats
	d, said := NewDecoder(Options{Mode: RGB}), int64(0)
	runtime.ReadMemStats(&before)
	p, err := d.decode(data, func(width, height int) (image.Rectangle, int, error) {
		said = d.header.memory()
		return image.Rect(0, 0, width, height), 1, nil
	})
	runtime.ReadMemStats(&after)
	pixels := int64(4 * 2000 * 1500)
	if took := int64(after.TotalAlloc - before.TotalAlloc); err != nil || said != pixels ||
		took > pixels+pixels/2+1<<20 {
		t.Errorf("%d bytes, the estimate is %d, for pixels of %d; %v", took, said, pixels, err)
	}
	if gray := [4]byte(p.Pix); gray != [4]byte{64, 64, 64, 255} { // 128 of each ink
		t.Error(gray)
	}
}
