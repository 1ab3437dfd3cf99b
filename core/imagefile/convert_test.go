package imagefile

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// images returns one noise image of each type that decoders return; bounds start at 3,
// 2.
func images() []draw.Image {
	r := image.Rect(3, 2, 3+19, 2+7)
	all := []draw.Image{image.NewNRGBA(r), image.NewGray(r)}
	random := rand.New(rand.NewPCG(7, 8))
	for _, m := range all {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				n := random.Uint32()
				m.Set(x, y, color.NRGBA{uint8(n), uint8(n >> 8), uint8(n >> 16), uint8(n >> 24)})
			}
		}
	}
	return all
}

func TestConvert(t *testing.T) {
	region := image.Rect(5, 3, 20, 8)
	for _, m := range images() {
		want := image.NewNRGBA(region)
		for y := region.Min.Y; y < region.Max.Y; y++ {
			for x := region.Min.X; x < region.Max.X; x++ {
				want.SetNRGBA(x, y, color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA))
			}
		}
		for _, mode := range modes {
			dst := newImage(region.Dx(), region.Dy(), mode)
			if err := NewDecoder(Options{}).convert(dst, m, region); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytesOf(dst), inMode(want, mode)) {
				t.Errorf("%T, mode %d: %v, want %v", m, mode, bytesOf(dst)[:12],
					inMode(want, mode)[:12])
			}
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, m := range []image.Image{image.NewGray(image.Rect(0, 0, 4, 1)),
		image.NewCMYK(image.Rect(0, 0, 5, 1))} {
		if NewDecoder(Options{}).convert(newImage(5, 1, RGBA), m, image.Rect(0, 0, 5, 1)) == nil {
			t.Errorf("no error for %T", m)
		}
	}
}

// divided is Pillow's unpackRGBa.
func divided(r, g, b, a int) color.NRGBA {
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{to8(r * 255 / a), to8(g * 255 / a), to8(b * 255 / a), uint8(a)}
}

func TestDivideAlpha(t *testing.T) {
	for a := range 256 {
		for c := range 256 {
			row := []byte{uint8(c), uint8(255 - c), uint8(c / 2), uint8(a)}
			want := divided(c, 255-c, c/2, a)
			if divideAlpha(row); !bytes.Equal(row, []byte{want.R, want.G, want.B, want.A}) {
				t.Fatalf("%d with alpha %d: %v, want %v", c, a, row, want)
			}
		}
	}
}

// TestCMYK compares with Pillow's cmyk2rgb.
func TestCMYK(t *testing.T) {
	for ink := range 256 {
		for black := range 256 {
			light := 255 - black
			m := ink*light + 128 // MULDIV255
			want := to8(light - (m>>8+m)>>8)
			row := []byte{uint8(ink), 0, 255, uint8(black)}
			if cmykRow(row); !bytes.Equal(row, []byte{want, uint8(light), 0, 255}) {
				t.Fatalf("ink %d, black %d: %v, want %d", ink, black, row, want)
			}
		}
	}
}

// TestAllocations checks that, after the first image, converting the output of another
// package's decoder allocates nothing.
func TestAllocations(t *testing.T) {
	d := NewDecoder(Options{})
	steps := make(map[string]func() error)
	for _, m := range images() {
		for _, mode := range modes {
			dst := newImage(19, 7, mode)
			steps[fmt.Sprintf("%T, mode %d", m, mode)] = func() error {
				return d.convert(dst, m,
					m.Bounds())
			}
		}
	}
	p := randomPlanes(rand.New(rand.NewPCG(9, 10)), 100, 50, 2, 2)
	dst := newImage(100, 50, RGB)
	side := newImage(50, 100, RGB)
	steps["jpeg"] = func() error { return p.jpegPixels(dst, image.Rect(0, 0, 100, 50), &d.scratch) }
	steps["vp8"] = func() error { return p.vp8Pixels(dst, image.Rect(0, 0, 100, 50), &d.scratch) }
	steps["turn"] = func() error { rotated90.apply(side, dst); return nil }
	for name, step := range steps {
		if n := testing.AllocsPerRun(10, func() {
			if err := step(); err != nil {
				t.Fatal(name, err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestDecodeAllocations checks that this package's decoders allocate image memory only
// once, apart from a few headers. (compress/flate allocates for every block with long
// codes; these files have none.)
func TestDecodeAllocations(t *testing.T) {
	for _, name := range []string{"png-palette.png", "png-gray.png", "bmp.bmp", "bmp-palette.bmp",
		"gif-screen.gif", "tiff-raw.tif",
		"tiff-packbits.tif"} {
		data := read(t, name)
		for _, mode := range modes {
			d := NewDecoder(Options{Mode: mode})
			if n := testing.AllocsPerRun(10, func() {
				if _, err := d.decode(data, nil); err != nil {
					t.Fatal(name, err)
				}
			}); n > 8 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}
