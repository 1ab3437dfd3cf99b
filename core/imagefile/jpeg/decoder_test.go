package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

// TestPillow: after libjpeg's upsampling, every sample equals what Pillow reads.
func TestPillow(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
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

// TestReadHeader: the content of headers; and after one ReadHeader, a file can be
// decoded several times, even if tables come with later scans.
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

// TestRegions: a region has the samples of the full image, even if the memory is dirty.
func TestRegions(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	simdtest.Each(t, func(t *testing.T) {
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

// TestBands: the bands are the rows of the planes, also of truncated files, and nothing
// is allocated for them.
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
			joined.Y, joined.Cb = memory[:size], memory[size:2*size]
			joined.Cr, joined.K = memory[2*size:3*size], memory[3*size:]
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

func TestRegionOutside(t *testing.T) {
	data := samples(t, "")["444-9x7.jpg"]
	var d Decoder
	for _, r := range []image.Rectangle{{}, image.Rect(-1, 0, 3, 3), image.Rect(0, 0, 10, 7),
		image.Rect(5, 5, 5, 6)} {
		_, err := d.decodeFile(data, r)
		if err == nil || !strings.HasPrefix(err.Error(), "jpeg: ") {
			t.Errorf("%v: %v", r, err)
		}
	}
}

// TestRowsBelow: data below a region are not read.
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

// TestAllocations: nothing is allocated in steady state, whatever the sizes and tables,
// also for truncated files.
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

// TestMemory: the memory of a huge image is released.
func TestMemory(t *testing.T) {
	data := samples(t, "")["gray.jpg"]
	var d Decoder
	for range 2 {
		if d.s != nil {
			d.s.planes = make([]byte, raster.LargeScratch+1)
		}
		if _, err := d.decodeFile(data, bounds(t, data)); err != nil {
			t.Fatal(err)
		}
	}
	if c := cap(d.s.planes); c > 1<<16 {
		t.Errorf("%d bytes are kept", c)
	}
}

// TestPhotos: real photos have the samples of the reference decoder.
func TestPhotos(t *testing.T) {
	files := photos(t, 12)
	simdtest.Each(t, func(t *testing.T) {
		var d Decoder
		for i, data := range files {
			sameAsNaive(t, &d, fmt.Sprint("photo ", i), data)
		}
	})
}
