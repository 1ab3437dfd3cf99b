package jpeg

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// samples returns the files of a folder in testdata, by name.
func samples(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.jpg"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no testdata: ", err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = data
	}
	return all
}

// allSamples returns the files in testdata and in its folder buffered.
func allSamples(t testing.TB) map[string][]byte {
	all := samples(t, "")
	maps.Copy(all, samples(t, "buffered"))
	return all
}

// bounds returns the rectangle of a file's image.
func bounds(t testing.TB, data []byte) image.Rectangle {
	t.Helper()
	var h header
	if err := h.parse(data); err != nil {
		t.Fatal(err)
	}
	return image.Rect(0, 0, h.width, h.height)
}

// wanted reads an image of testdata/want.
func wanted(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "want", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// samePixels: after upsampling, p has the samples that want has as its colors.
func samePixels(t *testing.T, name string, p Planes, want image.Image) {
	t.Helper()
	r := want.Bounds()
	if p.Width != r.Dx() || p.Height != r.Dy() {
		t.Fatalf("%s: %d x %d, want %v", name, p.Width, p.Height, r)
	}
	bad := 0
	for y := range r.Dy() {
		for x := range r.Dx() {
			wr, wg, wb, _ := want.At(x, y).RGBA()
			got := [3]byte{p.Y[y*p.YStride+x]}
			if p.Gray {
				got[1], got[2] = got[0], got[0]
			} else {
				got[1], got[2] = upsampled(p, p.Cb, x, y), upsampled(p, p.Cr, x, y)
			}
			if got != [3]byte{byte(wr >> 8), byte(wg >> 8), byte(wb >> 8)} {
				bad++
			}
		}
	}
	if bad > 0 {
		t.Errorf("%s: %d of %d samples differ", name, bad, r.Dx()*r.Dy())
	}
}

// sameRegion compares the samples that a region needs.
func sameRegion(t *testing.T, name string, got, want Planes, r image.Rectangle) {
	t.Helper()
	compare := func(what string, a, b []byte, aStride, bStride int, r image.Rectangle) {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			if !bytes.Equal(a[y*aStride+r.Min.X:][:r.Dx()], b[y*bStride+r.Min.X:][:r.Dx()]) {
				t.Fatalf("%s: %s differs in row %d of %v", name, what, y, r)
			}
		}
	}
	compare("Y", got.Y, want.Y, got.YStride, want.YStride, r)
	if got.Gray {
		return
	}
	h, v := got.H, got.V
	if h == 1 && v == 1 {
		compare("Cb", got.Cb, want.Cb, got.CStride, want.CStride, r)
		compare("Cr", got.Cr, want.Cr, got.CStride, want.CStride, r)
		if got.K != nil {
			compare("K", got.K, want.K, got.CStride, want.CStride, r)
		}
		return
	}
	c := image.Rect(r.Min.X/h-2, r.Min.Y/v-2, ceil(r.Max.X, h)+2, ceil(r.Max.Y, v)+2)
	c = c.Intersect(image.Rect(0, 0, ceil(got.Width, h), ceil(got.Height, v)))
	compare("Cb", got.Cb, want.Cb, got.CStride, want.CStride, c)
	compare("Cr", got.Cr, want.Cr, got.CStride, want.CStride, c)
}

// photos returns up to n JPEG files of each folder of real photos beside the
// repository.
func photos(t testing.TB, n int) [][]byte {
	var all [][]byte
	for _, folder := range []string{"photos", "caltech4"} {
		paths, _ := filepath.Glob("../../../../shared/data/" + folder + "/*/*.jpg")
		for i := range min(n, len(paths)) {
			data, err := os.ReadFile(paths[i*len(paths)/min(n, len(paths))])
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, data)
		}
	}
	if len(all) == 0 {
		t.Skip("no photos: ../shared/data beside the repository is missing")
	}
	return all
}

// sameAsNaive: the reference decoder and d agree on the samples, or both fail.
func sameAsNaive(t *testing.T, d *Decoder, name string, data []byte) {
	t.Helper()
	var h header
	r := image.Rect(0, 0, 1, 1)
	if h.parse(data) == nil {
		r = image.Rect(0, 0, h.width, h.height)
	}
	_, err := d.decodeFile(data, r)
	named := errors.Is(err, ErrUnsupported) || errors.Is(err, ErrTruncated) || errors.Is(err,
		ErrCorrupt)
	if err != nil && !named {
		t.Fatalf("%s: an error without a name: %v", name, err)
	}
	if h.arithmetic {
		return // what Pillow makes of these is in tests/test_formats_jpeg.py
	}
	want, _, wantErr := naiveDecode(data)
	for _, is := range []error{ErrUnsupported, ErrExtraneous} {
		if errors.Is(err, is) != errors.Is(wantErr, is) {
			t.Fatalf("%s: %v, want %v", name, err, wantErr)
		}
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%s: %v, want %v", name, err, wantErr)
	}
	if err != nil {
		return
	}
	if d.s.hdr.progressive && d.s.canSmooth() {
		return // what Pillow makes of these is in tests/test_formats_jpeg.py
	}
	for i, w := range want {
		plane, stride := d.s.plane(i), d.s.layout.comps[i].stride // before upsampling
		for y := range w.height {
			if !bytes.Equal(plane[y*stride:][:w.width], w.pix[y*w.stride:][:w.width]) {
				t.Fatalf("%s: row %d of component %d differs", name, y, i)
			}
		}
	}
}

func (d *Decoder) memory() []byte {
	if d.s == nil {
		return nil
	}
	return d.s.planes
}

// decodeFile reads the header of a file and decodes a region.
func (d *Decoder) decodeFile(data []byte, region image.Rectangle) (Planes, error) {
	return d.decodeScaled(data, 1, region)
}

func (d *Decoder) decodeScaled(data []byte, shrink int, region image.Rectangle) (Planes, error) {
	if _, err := d.ReadHeader(data); err != nil {
		return Planes{}, err
	}
	return d.Decode(region, shrink)
}

func (d *Decoder) decodeBands(data []byte, region image.Rectangle,
	each func(band Planes, top int) error) (Planes, error) {
	if _, err := d.ReadHeader(data); err != nil {
		return Planes{}, err
	}
	return d.DecodeBands(region, each)
}

// canScale reports whether the header of a file says that it can be scaled.
func (d *Decoder) canScale(data []byte) bool {
	h, err := d.ReadHeader(data)
	return err == nil && h.CanScale
}
