package imagefile

import (
	"bytes"
	"errors"
	"image"
	"strings"
	"testing"

	"mixfolder/core/raster"
)

// blended is Image.new("RGBA", size, background) with the image pasted by its own
// alpha: BLEND of Pillow's Paste.c.
func blended(m *image.NRGBA, background [3]uint8) *image.NRGBA {
	out := image.NewNRGBA(m.Rect)
	for i := 0; i < len(m.Pix); i += 4 {
		for c, b := range background {
			a := uint32(m.Pix[i+3])
			t := uint32(b)*(255-a) + uint32(m.Pix[i+c])*a + 128
			out.Pix[i+c] = uint8((t>>8 + t) >> 8)
		}
		out.Pix[i+3] = 255
	}
	return out
}

func TestBackground(t *testing.T) {
	background := [3]uint8{200, 30, 77}
	for name, want := range samples(t) {
		if want.Opaque() {
			continue
		}
		for _, mode := range modes {
			got, err := NewDecoder(Options{Mode: mode, Background: &background}).decode(read(t,
				name), nil)
			if err != nil {
				t.Fatal(name, err)
			}
			compare(t, name, bytesOf(got.Image), inMode(blended(want, background), mode))
		}
	}
}

func TestIgnoreEXIF(t *testing.T) {
	for _, name := range []string{"jpeg-orientation-6.jpg", "jpeg-xmp.jpg", "png-rgba.png",
		"tiff-orientation-6.tif"} {
		oriented, err := Inspect(read(t, name), Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		stored, err := Inspect(read(t, name), Options{IgnoreEXIF: true})
		if err != nil || stored.Width != oriented.Height || stored.Height != oriented.Width {
			t.Errorf("%s: %+v, upright %+v, %v", name, stored, oriented, err)
		}
		got, err := NewDecoder(Options{Mode: RGB, IgnoreEXIF: true}).decode(read(t, name), nil)
		if err != nil || got.Width != stored.Width || got.Height != stored.Height {
			t.Errorf("%s: %d x %d, %v; Inspect says %+v", name, got.Width, got.Height, err, stored)
		}
	}
}

func TestMaxPixels(t *testing.T) {
	for name, want := range samples(t) {
		n := want.Rect.Dx() * want.Rect.Dy()
		if _, err := Inspect(read(t, name), Options{MaxPixels: n}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := NewDecoder(Options{Mode: RGB, MaxPixels: n - 1}).decode(read(t, name),
			nil); n > 1 && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(),
			"raise max_pixels")) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestRegionRefuses checks that the chooser's error is returned unchanged, before
// memory for the pixels is allocated.
func TestRegionRefuses(t *testing.T) {
	refusal := errors.New("no")
	d := NewDecoder(Options{Mode: RGB})
	for name, want := range samples(t) {
		_, err := d.decode(read(t, name), func(width, height int) (image.Rectangle, int, error) {
			if d.header.memory() < int64(4*width*height) ||
				d.header.memory() > int64(40*width*height) ||
				width != want.Rect.Dx() {
				t.Errorf("%s: %d bytes for %d x %d", name, d.header.memory(), width, height)
			}
			return image.Rectangle{}, 1, refusal
		})
		if err != refusal || d.pix != nil {
			t.Errorf("%s: error %v, %d bytes", name, err, len(d.pix))
		}
	}
}

// TestTrim checks that the memory of a huge image is freed and that of a usual one is
// kept.
func TestTrim(t *testing.T) {
	d := NewDecoder(Options{Mode: RGB})
	data := read(t, "jpeg-orientation-6.jpg")
	first, err := d.decode(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Clone(bytesOf(first.Image))
	d.Trim()
	if d.pix == nil || d.oriented == nil {
		t.Error("Trim drops memory of a usual size")
	}
	d.pix, d.scratch = make([]byte, raster.LargeScratch+1), make([]byte, raster.LargeScratch+1)
	d.header.width, d.header.height = 10000, 10000
	d.Trim()
	if d.pix != nil || d.scratch != nil {
		t.Error("Trim keeps memory of a huge image")
	}
	again, err := d.decode(data, nil)
	if err != nil || !bytes.Equal(bytesOf(again.Image), want) {
		t.Errorf("the image after Trim differs, %v", err)
	}
}

// TestKeepTruncated checks that half a file yields the full image's rows as far as they
// are stored, and one color for the others.
func TestKeepTruncated(t *testing.T) {
	for name, up := range map[string]bool{
		"png-rgb.png": false, "png-rgba16.png": false, "png-palette.png": false,
		"png-interlaced.png": false, "bmp.bmp": true, "bmp-v4.bmp": false,
		"bmp-palette.bmp": true, "gif.gif": false, "gif-transparent.gif": false,
		"gif-interlaced.gif": false,
		"tiff-raw.tif":       false,
	} {
		data := read(t, name)
		for _, mode := range modes {
			d := NewDecoder(Options{Mode: mode, IgnoreEXIF: true})
			p, err := d.decode(data, nil)
			if err != nil {
				t.Fatal(name, err)
			}
			whole := bytes.Clone(bytesOf(p.Image))
			half := data[: len(data)*6/10 : len(data)*6/10]
			if _, err := d.decode(half, nil); !errors.Is(err, ErrTruncated) {
				t.Errorf("%s: error %v", name, err)
			}
			kept := NewDecoder(Options{Mode: mode, IgnoreEXIF: true, KeepTruncated: true})
			p, err = kept.decode(half, nil)
			if err != nil {
				t.Errorf("%s: kept, but %v", name, err)
				continue
			}
			if got := bytesOf(p.Image); bytes.Equal(got, whole) {
				t.Errorf("%s: half the file is the whole image", name)
			}
			// no row need be whole
			if name == "png-interlaced.png" || name == "gif.gif" || name == "gif-interlaced.gif" {
				continue
			}
			row := p.Stride
			same := 0
			for y := range p.Height {
				if up {
					y = p.Height - 1 - y
				}
				if !bytes.Equal(p.Row(y), whole[y*row:(y+1)*row]) {
					break
				}
				same++
			}
			if same < 3 {
				t.Errorf("%s: %d rows of %d are there", name, same, p.Height)
			}
			last := p.Row(p.Height - 1)
			if up {
				last = p.Row(0)
			}
			if !bytes.Equal(last, bytes.Repeat(last[:p.PixelSize], p.Width)) {
				t.Errorf("%s: the last row is %v", name, last)
			}
		}
	}
}
