package imagefile

import (
	"bytes"
	"image"
	"math/rand/v2"
	"strings"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

// shrunkWhole returns the full image, shrunk.
func shrunkWhole(t *testing.T, d *Decoder, data []byte, shrink int) decoded {
	t.Helper()
	p, err := d.decode(data, func(w, h int) (image.Rectangle, int, error) {
		return image.Rect(0, 0,
			w, h), shrink, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestShrunk checks that sequential JPEG files shrink to the reported size, that a
// region equals the crop of the full image, and that other files are not shrunk.
func TestShrunk(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	simdtest.Each(t, func(t *testing.T) {
		for _, mode := range modes {
			d, whole := NewDecoder(Options{Mode: mode}), NewDecoder(Options{Mode: mode})
			for name := range samples(t) {
				data := read(t, name)
				header, err := whole.Open(data)
				if err != nil {
					t.Fatal(name, err)
				}
				shrinks := header.CanShrink
				if shrinks && !strings.HasPrefix(name, "jpeg-") {
					t.Errorf("%s: only JPEG can shrink", name)
				}
				for _, shrink := range []int{1, 2, 4, 8} {
					by := shrink
					if !shrinks {
						by = 1
					}
					all := shrunkWhole(t, whole, data, shrink)
					info, err := Inspect(data, Options{})
					width, height := info.Width, info.Height
					if err != nil || all.Width != ceil(width, by) || all.Height != ceil(height,
						by) {
						t.Fatalf("%s at 1/%d: %d x %d of %d x %d, %v", name, shrink, all.Width,
							all.Height, width, height, err)
					}
					if by == 1 {
						plain, err := d.decode(data, nil)
						if err != nil || !bytes.Equal(bytesOf(all.Image), bytesOf(plain.Image)) {
							t.Fatalf("%s at 1/%d: not the plain image, %v", name, shrink, err)
						}
					}
					if whole.header.orientation != upright {
						continue
					}
					x, y := random.IntN(width), random.IntN(height)
					r := image.Rect(x, y, x+1+random.IntN(width-x), y+1+random.IntN(height-y))
					got, err := d.decode(data, func(int, int) (image.Rectangle, int,
						error) {
						return r, shrink, nil
					})
					if err != nil {
						t.Fatal(name, err)
					}
					exact := r
					r = image.Rect(r.Min.X/by, r.Min.Y/by, ceil(r.Max.X, by), ceil(r.Max.Y, by))
					n := float64(by)
					region := raster.Rect{Left: float64(exact.Min.X)/n - float64(r.Min.X),
						Top:   float64(exact.Min.Y)/n - float64(r.Min.Y),
						Right: float64(exact.Max.X)/n - float64(r.Min.X),
						Bottom: float64(exact.Max.Y)/n -
							float64(r.Min.Y)}
					if by == 1 {
						region = raster.Rect{}
					}
					if got.Shown != region {
						t.Fatalf("%s at 1/%d: region %v, want %v", name, shrink, got.Shown, region)
					}
					if got.Width != r.Dx() || got.Height != r.Dy() {
						t.Fatalf("%s at 1/%d: %d x %d, want %v", name, shrink, got.Width,
							got.Height, r)
					}
					size := got.PixelSize
					for y := range got.Height {
						if !bytes.Equal(got.Row(y),
							all.Row(r.Min.Y + y)[r.Min.X*size:r.Max.X*size]) {
							t.Fatalf("%s at 1/%d, region %v: row %d is not the whole image's", name,
								shrink, r, y)
						}
					}
				}
			}
		}
	})
}

// TestShrunkIsOriented checks that the orientation is applied to the shrunk image.
func TestShrunkIsOriented(t *testing.T) {
	d, plain := NewDecoder(Options{Mode: RGB}), NewDecoder(Options{Mode: RGB, IgnoreEXIF: true})
	for _, n := range "12345678" {
		name := "jpeg-orientation-" + string(n) + ".jpg"
		data := read(t, name)
		got := shrunkWhole(t, d, data, 4)
		stored := shrunkWhole(t, plain, data, 4).Image
		want := blank(new([]byte), got.Width, got.Height, RGB)
		if orientation(n-'0') == upright {
			want = stored
		} else {
			orientation(n-'0').apply(want, stored)
		}
		if !bytes.Equal(bytesOf(got.Image), bytesOf(want)) {
			t.Errorf("%s differs", name)
		}
	}
}
