package imagefile

import (
	"bytes"
	"image"
	_ "image/gif"
	_ "image/png"
	"strings"
	"testing"
)

// TestIndices compares masks with what the files mean as images: each index has one
// color, a gray level is its index, and black and white are 0 and 1. Palettes of PNG and
// GIF files are read by the standard library as well.
func TestIndices(t *testing.T) {
	kinds := map[string]int{}
	for name, want := range samples(t) {
		data := read(t, name)
		h, err := Inspect(data, Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		d := NewDecoder(Options{Mode: Gray, Indices: true})
		got, err := d.decode(data, nil)
		if kind := h.Mode; h.Format == "jpeg" || kind != "1" && kind != "L" && kind != "P" {
			if err == nil || !strings.Contains(err.Error(), ": save the mask as a palette or gray") {
				t.Errorf("%s (%s): error %v", name, kind, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(name, err)
		}
		kinds[h.Format+" "+h.Mode]++
		indices := bytesOf(got.Image)
		switch gray := inMode(want, Gray); h.Mode {
		case "1":
			for i := range gray {
				gray[i] /= 255
			}
			compare(t, name, indices, gray)
		case "L":
			compare(t, name, indices, gray)
		default:
			colors := map[byte]string{}
			for i, index := range indices {
				color := string(want.Pix[4*i:][:3])
				if before, ok := colors[index]; ok && before != color {
					t.Fatalf("%s: index %d has the colors %x and %x", name, index, before, color)
				}
				colors[index] = color
			}
			if len(colors) < 4 {
				t.Errorf("%s: only %d indices", name, len(colors))
			}
		}
		m, _, err := image.Decode(bytes.NewReader(data))
		if p, ok := m.(*image.Paletted); ok && err == nil && p.Rect == image.Rect(0, 0, h.Width,
			h.Height) && h.Mode == "P" {
			compare(t, name, indices, p.Pix)
			kinds["compared"]++
		}
	}
	for _, kind := range []string{"png 1", "png L", "png P", "gif P", "bmp 1", "bmp L",
		"bmp P", "tiff 1", "tiff L", "tiff P"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s among %v", kind, kinds)
		}
	}
	if kinds["compared"] < 5 {
		t.Errorf("only %d files were compared", kinds["compared"])
	}
}
