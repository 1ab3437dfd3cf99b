package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"math/rand/v2"
	"testing"
)

// images gives one image of each type, with noise; bounds begin at 3, 2.
func images() []draw.Image {
	r := image.Rect(3, 2, 3+19, 2+7)
	all := []draw.Image{
		image.NewNRGBA(r), image.NewRGBA(r), image.NewNRGBA64(r), image.NewRGBA64(r), image.NewGray(r), image.NewGray16(r),
		image.NewPaletted(r, palette.Plan9[:200]), image.NewCMYK(r), image.NewAlpha(r),
	}
	random := rand.New(rand.NewPCG(7, 8))
	for _, m := range all {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				n := random.Uint64()
				m.Set(x, y, color.NRGBA64{uint16(n), uint16(n >> 16), uint16(n >> 32), uint16(n >> 48)})
			}
		}
	}
	return all
}

// nrgba is what a pixel must become, by the image's own At.
func nrgba(m image.Image, x, y int) color.NRGBA {
	muldiv255 := func(a, b int) int { // MULDIV255 of Pillow
		t := a*b + 128
		return (t>>8 + t) >> 8
	}
	switch c := m.At(x, y).(type) {
	case color.NRGBA64:
		return color.NRGBA{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), uint8(c.A >> 8)}
	case color.Gray16:
		return color.NRGBA{uint8(c.Y >> 8), uint8(c.Y >> 8), uint8(c.Y >> 8), 0xff}
	case color.RGBA64:
		return divided(uint8(c.R>>8), uint8(c.G>>8), uint8(c.B>>8), uint8(c.A>>8))
	case color.RGBA:
		return divided(c.R, c.G, c.B, c.A)
	case color.CMYK: // cmyk2rgb of Pillow
		light := 255 - int(c.K)
		return color.NRGBA{
			to8(light - muldiv255(int(c.C), light)), to8(light - muldiv255(int(c.M), light)), to8(light - muldiv255(int(c.Y), light)), 0xff,
		}
	default:
		return color.NRGBAModel.Convert(c).(color.NRGBA)
	}
}

// divided is unpackRGBa of Pillow.
func divided(r, g, b, a uint8) color.NRGBA {
	if a == 0 {
		return color.NRGBA{}
	}
	return color.NRGBA{to8(int(r) * 255 / int(a)), to8(int(g) * 255 / int(a)), to8(int(b) * 255 / int(a)), a}
}

func TestConvert(t *testing.T) {
	region := image.Rect(5, 3, 20, 8)
	for _, m := range images() {
		want := image.NewNRGBA(region)
		for y := region.Min.Y; y < region.Max.Y; y++ {
			for x := region.Min.X; x < region.Max.X; x++ {
				want.SetNRGBA(x, y, nrgba(m, x, y))
			}
		}
		for _, mode := range modes {
			dst := newPicture(region.Dx(), region.Dy(), mode)
			if err := NewDecoder(Options{}).convert(dst, m, region); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(bytesOf(dst), inMode(want, mode)) {
				t.Errorf("%T, mode %d: %v, want %v", m, mode, bytesOf(dst)[:12], inMode(want, mode)[:12])
			}
		}
	}
}

func TestConvertBeyondPalette(t *testing.T) {
	m := &image.Paletted{Pix: []byte{0, 1, 2, 255}, Stride: 4, Rect: image.Rect(0, 0, 4, 1), Palette: color.Palette{color.White, color.NRGBA{1, 2, 3, 4}}}
	dst := newPicture(4, 1, RGBA)
	if err := NewDecoder(Options{}).convert(dst, m, m.Rect); err != nil {
		t.Fatal(err)
	}
	want := []byte{255, 255, 255, 255, 1, 2, 3, 4, 0, 0, 0, 255, 0, 0, 0, 255}
	if !bytes.Equal(bytesOf(dst), want) {
		t.Errorf("%v, want %v", bytesOf(dst), want)
	}
	if NewDecoder(Options{}).convert(newPicture(5, 1, RGBA), m, image.Rect(0, 0, 5, 1)) == nil {
		t.Error("no error for a region beyond the image")
	}
}

// TestAllocations: after the first picture, what comes after the foreign decoder allocates nothing.
func TestAllocations(t *testing.T) {
	d := NewDecoder(Options{})
	steps := make(map[string]func() error)
	for _, m := range images()[:8] {
		for _, mode := range modes {
			dst := newPicture(19, 7, mode)
			if p, ok := m.(*image.Paletted); ok {
				for i, c := range p.Palette { // as decoders make it: interfaces that hold no new values
					p.Palette[i] = color.NRGBAModel.Convert(c)
				}
			}
			steps[fmt.Sprintf("%T, mode %d", m, mode)] = func() error { return d.convert(dst, m, m.Bounds()) }
		}
	}
	p := randomPlanes(rand.New(rand.NewPCG(9, 10)), 100, 50, 2, 2)
	dst := newPicture(100, 50, RGB)
	side := newPicture(50, 100, RGB)
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
