package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

var modes = []Mode{Gray, RGB, RGBA}

// samples returns the images of testdata with their pixels as testdata/make.py read
// them with Pillow.
func samples(t testing.TB) map[string]*image.NRGBA {
	wants, err := filepath.Glob("testdata/want/*.png")
	if err != nil || len(wants) == 0 {
		t.Fatal("testdata/want is empty", err)
	}
	all := make(map[string]*image.NRGBA)
	for _, path := range wants {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(f)
		f.Close()
		if err != nil {
			t.Fatal(path, err)
		}
		n := image.NewNRGBA(m.Bounds())
		switch m := m.(type) {
		case *image.NRGBA:
			n = m
		case *image.RGBA: // opaque
			copy(n.Pix, m.Pix)
		}
		all[strings.TrimSuffix(filepath.Base(path), ".png")] = n
	}
	return all
}

func read(t testing.TB, name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// luma601 is Pillow's conversion of RGB to L.
func luma601(r, g, b byte) byte {
	return byte((uint32(r)*19595 + uint32(g)*38470 + uint32(b)*7471 + 0x8000) >> 16)
}

// inMode returns the pixels of m as bytes in the given mode.
func inMode(m *image.NRGBA, mode Mode) []byte {
	var out []byte
	for i := 0; i < len(m.Pix); i += 4 {
		p := m.Pix[i : i+4]
		switch mode {
		case Gray:
			out = append(out, luma601(p[0], p[1], p[2]))
		case RGB:
			out = append(out, p[0], p[1], p[2], 0xff)
		case RGBA:
			out = append(out, p...)
		}
	}
	return out
}

// part returns a chooser that selects r at full size.
func part(r image.Rectangle) chooser {
	return func(int, int) (image.Rectangle, int, error) { return r, 1, nil }
}

// bytesOf returns the pixels of an image without padding between and after them.
func bytesOf(p raster.Image) []byte {
	var out []byte
	for y := range p.Height {
		out = append(out, p.Row(y)...)
	}
	return out
}

func TestPillow(t *testing.T) {
	all := samples(t)
	simdtest.Each(t, func(t *testing.T) {
		for _, mode := range modes {
			d := NewDecoder(Options{Mode: mode})
			for name, want := range all {
				got, err := d.decode(read(t, name), nil)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if got.Width != want.Rect.Dx() || got.Height != want.Rect.Dy() ||
					got.Channels != int(mode) {
					t.Errorf("%s: %d x %d, mode %d, want %v, mode %d", name, got.Width, got.Height,
						got.Channels, want.Rect.Max, mode)
					continue
				}
				compare(t, name, bytesOf(got.Image), inMode(want, mode))
			}
		}
	})
}

// compare reports the first difference between bytes.
func compare(t *testing.T, name string, got, want []byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d bytes, want %d", name, len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: byte %d is %d, want %d", name, i, got[i], want[i])
			return
		}
	}
}

func TestRegionIsCropOfWhole(t *testing.T) {
	all := samples(t)
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		for _, mode := range modes {
			d, whole := NewDecoder(Options{Mode: mode}), NewDecoder(Options{Mode: mode})
			for name := range all {
				data := read(t, name)
				all, err := whole.decode(data, nil)
				if err != nil {
					t.Fatal(name, err)
				}
				for range 12 {
					var r image.Rectangle
					calls := 0
					got, err := d.decode(data, func(w, h int) (image.Rectangle, int, error) {
						calls++
						x, y := random.IntN(w), random.IntN(h)
						r = image.Rect(x, y, x+1+random.IntN(w-x), y+1+random.IntN(h-y))
						return r, 1, nil
					})
					if err != nil || calls != 1 || got.Width != r.Dx() || got.Height != r.Dy() {
						t.Fatalf("%s: region %v in %d calls gives %d x %d, %v", name, r, calls,
							got.Width, got.Height, err)
					}
					if len(got.Pix) < got.Stride*got.Height+64 {
						t.Fatalf("%s: %d bytes behind %d x %d pixels", name, len(got.Pix),
							got.Stride, got.Height)
					}
					size := got.PixelSize
					for y := range got.Height {
						if !bytes.Equal(got.Row(y),
							all.Row(r.Min.Y + y)[r.Min.X*size:r.Max.X*size]) {
							t.Fatalf("%s: mode %d, region %v: row %d is not the whole image's",
								name, mode, r, y)
						}
					}
				}
			}
		}
	})
}

func TestInspect(t *testing.T) {
	for name, want := range samples(t) {
		info, err := Inspect(read(t, name), Options{})
		if err != nil || info.Width != want.Rect.Dx() || info.Height != want.Rect.Dy() {
			t.Errorf("%s: %+v, %v; want %v", name, info, err, want.Rect.Max)
		}
	}
}

func TestSniff(t *testing.T) {
	kinds := map[string]string{".jpg": "jpeg", ".png": "png", ".gif": "gif", ".bmp": "bmp",
		".webp": "webp", ".tif": "tiff"}
	for name := range samples(t) {
		if got, want := Sniff(read(t, name)[:16]), kinds[filepath.Ext(name)]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, head := range []string{"", "B", "BM", "BMW is a maker of cars", "RIFF....WAVE....",
		"RIFF....WEB", "GIF88a", "\xff\xd8", "<svg>", "II+\x00\x08\x00\x00\x00"} {
		if got := Sniff([]byte(head)); got != "" {
			t.Errorf("Sniff(%q) = %q", head, got)
		}
	}
}

func TestBadCalls(t *testing.T) {
	data := read(t, "png-rgb.png")
	tests := []struct {
		name   string
		mode   Mode
		region image.Rectangle
	}{
		{"mode", 2, image.Rect(0, 0, 1, 1)},
		{"empty", RGB, image.Rect(3, 3, 3, 4)},
		{"beyond", RGB, image.Rect(0, 0, 38, 23)},
		{"before", RGB, image.Rect(-1, 0, 5, 5)},
	}
	for _, test := range tests {
		_, err := NewDecoder(Options{Mode: test.mode}).decode(data, part(test.region))
		if err == nil || !strings.HasPrefix(err.Error(), "imagefile: ") {
			t.Errorf("%s: error %v", test.name, err)
		}
	}
}

func TestBadFiles(t *testing.T) {
	d := NewDecoder(Options{Mode: RGB})
	for name, data := range map[string][]byte{"empty": {}, "text": []byte("not an image, but " +
		"long enough")} {
		if _, err := d.decode(data, nil); !errors.Is(err, ErrFormat) ||
			!strings.HasPrefix(err.Error(), "imagefile: not an image this package reads ("+
				strings.Join(Names(), ", ")+"): ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for name := range samples(t) {
		data := read(t, name)
		for _, n := range []int{16, 20, 33, len(data) / 2, len(data) * 9 / 10} {
			if n >= len(data) {
				continue
			}
			_, err := d.decode(data[:n:n], nil)
			if err != nil && !strings.HasPrefix(err.Error(), "imagefile: ") {
				t.Errorf("%s cut to %d bytes: error %v", name, n, err)
			}
			if err == nil && strings.HasPrefix(name, "jpeg-") {
				t.Errorf("%s cut to %d bytes is no error", name, n)
			}
		}
	}
	for _, name := range []string{"jpeg-420-58x45.jpg", "jpeg-progressive.jpg", "png-rgb.png",
		"gif.gif", "bmp.bmp", "webp-lossy-64x48.webp"} {
		data := read(t, name)
		if _, err := d.decode(data[:len(data)/2], nil); !errors.Is(err, ErrTruncated) {
			t.Errorf("half of %s: error %v", name, err)
		}
	}
}

// patched returns a testdata file with bytes replaced from an offset on.
func patched(t *testing.T, name string, at int, b ...byte) []byte {
	data := read(t, name)
	copy(data[at:], b)
	return data
}

// withIHDR returns a PNG file of testdata with a different size in IHDR.
func withIHDR(t *testing.T, name string, size ...byte) []byte {
	data := patched(t, name, 16, size...)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestTooLarge(t *testing.T) {
	jpeg := read(t, "jpeg-444-58x45.jpg")
	sof := bytes.Index(jpeg, []byte{0xff, 0xc0})
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"png", withIHDR(t, "png-rgb.png", 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff),
			ErrTooLarge},
		{"png of nothing", withIHDR(t, "png-rgb.png", 0, 0, 0x30, 0, 0, 0, 0x30, 0), ErrTruncated},
		{"jpeg", patched(t, "jpeg-444-58x45.jpg", sof+5, 0xff, 0xff, 0xff, 0xff), ErrTooLarge},
		{"jpeg of nothing", patched(t, "jpeg-444-58x45.jpg", sof+5, 0x30, 0, 0x30, 0),
			ErrTruncated},
		{"gif", patched(t, "gif.gif", 6, 0xff, 0xff, 0xff, 0xff), ErrTooLarge},
		{"bmp", patched(t, "bmp.bmp", 18, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f),
			ErrTooLarge},
		{"webp", patched(t, "webp-animated.webp", 24, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
			ErrTooLarge},
	}
	for _, test := range tests {
		if _, err := NewDecoder(Options{Mode: RGB}).decode(test.data, nil); !errors.Is(err,
			test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
		if _, err := Inspect(test.data, Options{}); !errors.Is(err, test.want) {
			t.Errorf("%s: Inspect: error %v, want %v", test.name, err, test.want)
		}
	}
}
