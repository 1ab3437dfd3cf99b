package picture

import (
	"image"
	"strings"
	"testing"
)

// FuzzDecode: no bytes make Decode panic, and what it gives has the size that Inspect promised.
func FuzzDecode(f *testing.F) {
	for name := range samples(f) {
		f.Add(read(f, name), uint8(0))
		f.Add(read(f, name), uint8(7))
	}
	f.Fuzz(func(t *testing.T, data []byte, choice uint8) {
		info, err := Inspect(data, Options{})
		width, height := info.Width, info.Height
		if err == nil && width*height > 1<<20 {
			t.Skip("large: slow, not wrong")
		}
		mode := modes[choice%3]
		want := image.Rect(0, 0, width, height)
		if choice > 127 { // the middle
			want = image.Rect(width/3, height/3, (2*width+2)/3, (2*height+2)/3)
		}
		p, errDecode := NewDecoder(Options{Mode: mode, KeepTruncated: choice&64 != 0}).Decode(data, part(want))
		switch {
		case errDecode != nil:
			if !strings.HasPrefix(errDecode.Error(), "picture: ") {
				t.Fatal(errDecode)
			}
		case err != nil:
			t.Fatalf("Decode succeeds where Inspect says %v", err)
		case p.Width != want.Dx() || p.Height != want.Dy() || p.Mode != mode:
			t.Fatalf("%d x %d, mode %d; want %v, mode %d", p.Width, p.Height, p.Mode, want, mode)
		case len(p.Pix) < p.Stride*p.Height+slack:
			t.Fatalf("%d bytes for %d rows of %d", len(p.Pix), p.Height, p.Stride)
		}
	})
}
