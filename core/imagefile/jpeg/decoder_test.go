package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mixfolder/core/simd/simdtest"
)

// samples gives the files of a folder of testdata by name.
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

// every gives the files of testdata and of its folder buffered.
func allSamples(t testing.TB) map[string][]byte {
	all := samples(t, "")
	maps.Copy(all, samples(t, "buffered"))
	return all
}

// bounds gives the image's rectangle.
func bounds(t testing.TB, data []byte) image.Rectangle {
	t.Helper()
	var h header
	if err := h.parse(data); err != nil {
		t.Fatal(err)
	}
	return image.Rect(0, 0, h.width, h.height)
}

// TestPillow: after libjpeg's upsampling, every sample equals what Pillow reads.
func TestPillow(t *testing.T) {
	simdtest.Both(t, func(t *testing.T) {
		var d Decoder
		for name, data := range samples(t, "") {
			want := wanted(t, name+".png")
			p, err := d.decodeFile(data, want.Bounds())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			samePixels(t, name, p, want)
		}
	})
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

// samePixels: after upsampling, p has the samples that stand in the place of the colors
// of want.
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

// TestReadHeader: what the header says, and that one header serves several decodes, of
// files whose tables come with later scans, too.
func TestReadHeader(t *testing.T) {
	all := allSamples(t)
	exif := append([]byte{0xff, markerAPP1, 0, 11}, "Exif\x00\x00II*"...)
	for _, test := range []struct {
		name string
		want Header
	}{
		{"gray.jpg", Header{Width: 61, Height: 45, Components: 1, CanScale: true,
			BytesPerPixel: 1}},
		{"420-61x45.jpg", Header{Width: 61, Height: 45, Components: 3, CanScale: true,
			BytesPerPixel: 3}},
		{"progressive-420-61x45.jpg", Header{Width: 61, Height: 45, Components: 3,
			Progressive: true, BytesPerPixel: 12}},
		{"411.jpg", Header{Width: 61, Height: 45, Components: 3, BytesPerPixel: 12}},
		{"cmyk.jpg", Header{Width: 61, Height: 45, Components: 4, Color: CMYK}},
	} {
		data := slices.Concat(all[test.name][:2], exif, exif, all[test.name][2:])
		test.want.EXIF = data[12:15]
		var d Decoder
		got, err := d.ReadHeader(data)
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: %+v, %v; want %+v", test.name, got, err, test.want)
		}
		r := bounds(t, data)
		want, err := new(Decoder).decodeFile(data, r)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := d.Decode(r, 1)
			if err != nil {
				t.Fatal(err)
			}
			sameRegion(t, test.name, got, want, r)
		}
		if _, err := d.ReadHeader(data[:60]); !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: the first bytes: %v", test.name, err)
		}
		if _, err := d.Decode(r, 1); err == nil {
			t.Errorf("%s: decoded without a header", test.name)
		}
	}
}

func TestUnsupported(t *testing.T) {
	var d Decoder
	for name, data := range samples(t, "refused") {
		if _, err := d.decodeFile(data, image.Rect(0, 0, 1, 1)); !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// sameRegion compares what a region needs.
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

// TestRegions: a region has the samples of the whole image, even where the rest of the
// file is missing or the memory dirty.
func TestRegions(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	simdtest.Both(t, func(t *testing.T) {
		var whole, part Decoder
		for name, data := range allSamples(t) {
			all := bounds(t, data)
			want, err := whole.decodeFile(data, all)
			if err != nil {
				t.Fatal(name, err)
			}
			for range 30 {
				x, y := rnd.IntN(all.Dx()), rnd.IntN(all.Dy())
				r := image.Rect(x, y, x+1+rnd.IntN(all.Dx()-x), y+1+rnd.IntN(all.Dy()-y))
				for i := range part.memory() {
					part.memory()[i] = byte(rnd.Uint32())
				}
				got, err := part.decodeFile(data, r)
				if err != nil {
					t.Fatal(name, r, err)
				}
				sameRegion(t, name, got, want, r)
			}
		}
	})
}

// TestBands: the bands are the rows of the planes, of files that are cut, too, and
// nothing is allocated for them.
func TestBands(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 22))
	whole, d := Decoder{KeepTruncated: true}, Decoder{KeepTruncated: true}
	var joined Planes
	for name, data := range map[string][]byte{"cmyk": samples(t, "buffered")["cmyk.jpg"],
		"ycc": samples(t, "")["420-61x45.jpg"]} {
		all := bounds(t, data)
		size := all.Dx() * all.Dy()
		memory := make([]byte, 4*size)
		join := func(p Planes, top int) error {
			joined = Planes{Width: all.Dx(), Height: all.Dy(), H: 1, V: 1, YStride: all.Dx(),
				CStride: all.Dx()}
			joined.Y, joined.Cb, joined.Cr, joined.K = memory[:size], memory[size:2*size], memory[2*size:3*size], memory[3*size:]
			for y := range p.Height {
				at := (top + y) * all.Dx()
				copy(joined.Y[at:][:all.Dx()], p.Y[y*p.YStride:])
				copy(joined.Cb[at:][:all.Dx()], p.Cb[y*p.CStride:])
				copy(joined.Cr[at:][:all.Dx()], p.Cr[y*p.CStride:])
				copy(joined.K[at:][:all.Dx()], p.K[y*p.CStride:])
			}
			return nil
		}
		for range 20 {
			x, y := rnd.IntN(all.Dx()), rnd.IntN(all.Dy())
			r := image.Rect(x, y, x+1+rnd.IntN(all.Dx()-x), y+1+rnd.IntN(all.Dy()-y))
			for _, data := range [][]byte{data, data[:len(data)*3/4]} {
				want, err := whole.decodeFile(data, r)
				if err != nil {
					t.Fatal(name, err)
				}
				var got Planes
				decode := func() {
					if got, err = d.decodeBands(data, r, join); err != nil {
						t.Fatal(name, err)
					}
				}
				decode()
				if n := testing.AllocsPerRun(1, decode); n > 0 {
					t.Errorf("%s: %v allocations", name, n)
				}
				if (got.Y == nil) != (name != "ycc") {
					t.Errorf("%s: planes of %d bytes", name, len(got.Y))
				}
				if got.Y == nil {
					got = joined
				}
				sameRegion(t, name, got, want, r)
			}
		}
		if name != "ycc" && len(d.s.planes) > 4*8*(all.Dx()+7+16)+16 {
			t.Errorf("%s: %d bytes for its planes", name, len(d.s.planes))
		}
	}
	refused := errors.New("no")
	data := samples(t, "buffered")["cmyk.jpg"]
	if _, err := d.decodeBands(data, bounds(t, data),
		func(Planes, int) error { return refused }); err != refused {
		t.Error(err)
	}
}

func (d *Decoder) memory() []byte {
	if d.s == nil {
		return nil
	}
	return d.s.planes
}

func TestRegionOutside(t *testing.T) {
	data := samples(t, "")["444-9x7.jpg"]
	var d Decoder
	for _, r := range []image.Rectangle{{}, image.Rect(-1, 0, 3, 3), image.Rect(0, 0, 10, 7),
		image.Rect(5, 5, 5, 6)} {
		if _, err := d.decodeFile(data, r); err == nil || !strings.HasPrefix(err.Error(), "jpeg: ") {
			t.Errorf("%v: %v", r, err)
		}
	}
}

// TestRowsBelow: what lies below a region is never read.
func TestRowsBelow(t *testing.T) {
	data := samples(t, "")["420-61x45.jpg"]
	all := bounds(t, data)
	var whole, part Decoder
	want, err := whole.decodeFile(data, all)
	if err != nil {
		t.Fatal(err)
	}
	cut := data[:len(data)*2/3]
	if _, err := part.decodeFile(cut, all); !errors.Is(err, ErrTruncated) {
		t.Fatal(err)
	}
	r := image.Rect(0, 0, 61, 10)
	got, err := part.decodeFile(cut, r)
	if err != nil {
		t.Fatal(err)
	}
	sameRegion(t, "cut", got, want, r)
}

// TestAllocations: none in steady state, whatever the sizes and tables, of files that
// are cut, too.
func TestAllocations(t *testing.T) {
	d := Decoder{KeepTruncated: true}
	var files [][]byte
	var regions []image.Rectangle
	for _, data := range allSamples(t) {
		files, regions = append(files, data), append(regions, bounds(t, data))
		if body := bytes.LastIndex(data, []byte{0xff, markerSOS}); len(data)-body > 100 {
			files, regions = append(files, data[:len(data)-40]), append(regions, bounds(t, data))
		}
	}
	run := func() {
		for i, data := range files {
			if _, err := d.decodeFile(data, regions[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	run()
	if n := testing.AllocsPerRun(10, run); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestMemory: one huge image does not hold its memory for ever.
func TestMemory(t *testing.T) {
	data := samples(t, "")["gray.jpg"]
	var d Decoder
	for range 2 {
		if d.s != nil {
			d.s.planes = make([]byte, maxKept+1)
		}
		if _, err := d.decodeFile(data, bounds(t, data)); err != nil {
			t.Fatal(err)
		}
	}
	if c := cap(d.s.planes); c > 1<<16 {
		t.Errorf("%d bytes are kept", c)
	}
}

// TestPhotos: real photos equal the plain decoder to the bit.
func TestPhotos(t *testing.T) {
	files := photos(t, 12)
	simdtest.Both(t, func(t *testing.T) {
		var d Decoder
		for i, data := range files {
			sameAsNaive(t, &d, fmt.Sprint("photo ", i), data)
		}
	})
}

// photos gives up to n JPEG files of each folder beside the repository that has real
// ones.
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

// sameAsNaive: the plain decoder and d agree on the samples, and on whether there are
// any.
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
