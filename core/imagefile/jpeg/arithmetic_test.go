package jpeg

import (
	"bytes"
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"mixfolder/core/simd/simdtest"
)

// arithmeticFiles returns the arithmetic-coded files of testdata.
func arithmeticFiles(t testing.TB) map[string][]byte {
	all := samples(t, "arithmetic")
	for name, data := range samples(t, "arithmetic/changed") {
		all["changed/"+name] = data
	}
	return all
}

// TestArithmetic: the samples equal those of the Huffman-coded file with the same
// coefficients, or those that Pillow reads.
func TestArithmetic(t *testing.T) {
	sources := allSamples(t)
	simdtest.Each(t, func(t *testing.T) {
		var d, other Decoder
		for name, data := range arithmeticFiles(t) {
			r := bounds(t, data)
			got, err := d.decodeFile(data, r)
			if err != nil && !(errors.Is(err, ErrExtraneous) && strings.HasPrefix(name,
				"changed/")) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if strings.HasPrefix(name, "changed/") {
				samePixels(t, name, got, wanted(t, "arithmetic/"+name+".png"))
				continue
			}
			source, _, _ := strings.Cut(name, "+")
			want, err := other.decodeFile(sources[source+".jpg"], r)
			if err != nil {
				t.Fatal(name, err)
			}
			sameRegion(t, name, got, want, r)
		}
	})
}

// TestArithmeticRegions: a region has the samples of the full image, and nothing is
// allocated in steady state.
func TestArithmeticRegions(t *testing.T) {
	rnd := rand.New(rand.NewPCG(21, 22))
	var whole, part Decoder
	for name, data := range arithmeticFiles(t) {
		all := bounds(t, data)
		want, err := whole.decodeFile(data, all)
		if err != nil && !errors.Is(err, ErrExtraneous) {
			t.Fatal(name, err)
		}
		for range 10 {
			x, y := rnd.IntN(all.Dx()), rnd.IntN(all.Dy())
			r := image.Rect(x, y, x+1+rnd.IntN(all.Dx()-x), y+1+rnd.IntN(all.Dy()-y))
			got, err := part.decodeFile(data, r)
			if err != nil && !errors.Is(err, ErrExtraneous) {
				t.Fatal(name, r, err)
			}
			sameRegion(t, name, got, want, r)
		}
		if err != nil {
			continue // the error is allocated
		}
		if n := testing.AllocsPerRun(2, func() { _, _ = whole.decodeFile(data, all) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestArithmeticTruncated: a truncated file is an error, or has all its blocks. With
// KeepTruncated, it is decoded if it has the first scan's header.
func TestArithmeticTruncated(t *testing.T) {
	var whole, d Decoder
	kept := Decoder{KeepTruncated: true}
	for name, data := range arithmeticFiles(t) {
		r := bounds(t, data)
		want, err := whole.decodeFile(data, r)
		if err != nil {
			continue
		}
		var h header
		if err := h.parse(data); err != nil {
			t.Fatal(name, err)
		}
		for n := 0; n < len(data); n += 1 + len(data)/300 {
			got, err := d.decodeFile(data[:n], r)
			switch {
			case errors.Is(err, ErrTruncated):
			case err != nil:
				t.Fatalf("%s: %d of %d bytes: %v", name, n, len(data), err)
			default:
				sameRegion(t, name, got, want, r)
			}
			if _, err := kept.decodeFile(data[:n], r); (err == nil) != (n >= h.entropyStart) ||
				err != nil && !errors.Is(err, ErrTruncated) {
				t.Fatalf("%s: %d of %d bytes kept: %v", name, n, len(data), err)
			}
		}
	}
}

// TestArithmeticErrors: the kinds of damage, and what is valid.
func TestArithmeticErrors(t *testing.T) {
	all := samples(t, "arithmetic")
	gray, restart := all["gray+plain.jpg"], all["gray+restart.jpg"]
	scans := split(t, all["gray+progressive.jpg"])
	body := bytes.Index(gray, []byte{0xff, markerSOS}) + 10
	edit := func(data []byte, old, new string) []byte {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%x is not there", old)
		}
		return bytes.Replace(data, []byte(old), []byte(new), 1)
	}
	const dac = "\xff\xcc\x00\x06\x00\x10\x10\x05"
	for _, test := range []struct {
		what string
		data []byte
		want error
	}{
		{"no conditioning", edit(gray, dac, ""), nil},
		{"conditioning of table 4", edit(gray, dac, "\xff\xcc\x00\x06\x04\x10\x10\x05"),
			ErrCorrupt},
		{"conditioning of class 2", edit(gray, dac, "\xff\xcc\x00\x06\x20\x10\x10\x05"),
			ErrCorrupt},
		{"bounds exchanged", edit(gray, dac, "\xff\xcc\x00\x06\x00\x01\x10\x05"), ErrCorrupt},
		{"conditioning cut", edit(gray, dac, "\xff\xcc\x00\x05\x00\x10\x10"), ErrCorrupt},
		{"lossless", edit(gray, "\xff\xc9", "\xff\xcb"), ErrUnsupported},
		{"12 bits", edit(gray, "\xff\xc9\x00\x0b\x08", "\xff\xc9\x00\x0b\x0c"), ErrUnsupported},
		{"zeros left over", edit(gray, "\xff\xd9", "\x00\x00\x00\x00\xff\xd9"), nil},
		{"bytes left over", edit(gray, "\xff\xd9", "\x00\x00\x00\x01\xff\xd9"), ErrExtraneous},
		{"zeros left over before a restart", edit(restart, "\xff\xd1", "\x00\x00\x00\x00\xff\xd1"),
			nil},
		{"bytes left over before a restart", edit(restart, "\xff\xd1", "\x00\x00\x00\x01\xff\xd1"),
			ErrCorrupt},
		{"other restart", edit(restart, "\xff\xd1", "\xff\xd2"), ErrCorrupt},
		{"end in place of a restart", edit(restart, "\xff\xd1", "\xff\xd9"), ErrTruncated},
		{"restart at the end", edit(gray, "\xff\xd9", "\xff\xd0\xff\xd9"), nil},
		{"another segment in its middle", end(scans[0], scans[1][:len(scans[1])/2],
			[]byte{0xff, markerCOM, 0, 2}), ErrCorrupt},
		{"end in its middle", end(scans[0], scans[1][:len(scans[1])/2]), ErrTruncated},
		{"other bits", slices.Concat(gray[:body], bytes.Repeat([]byte{0x5a}, 900), gray[body:]),
			ErrCorrupt},
	} {
		var d Decoder
		if _, err := d.decodeFile(test.data, bounds(t, gray)); !errors.Is(err, test.want) ||
			(err == nil) != (test.want == nil) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
}

// TestNoData: five bytes, written by cjpeg, are a flat image of any size.
func TestNoData(t *testing.T) {
	const size = 2048
	data := slices.Concat([]byte{0xff, markerSOI, 0xff, markerDQT, 0, 67, 0},
		bytes.Repeat([]byte{8},
			64),
		[]byte{0xff, markerSOF9, 0, 11, 8, size >> 8, 0, size >> 8, 0, 1, 1, 0x11, 0,
			0xff, markerSOS, 0, 8, 1, 1, 0, 0, 63, 0},
		[]byte{0xd2, 0xa4, 0x81, 0x4c, 0x75, 0xff, markerEOI})
	var d Decoder
	p, err := d.decodeFile(data, image.Rect(0, 0, size, size))
	if err != nil {
		t.Fatal(err)
	}
	for y := range size {
		if row := p.Y[y*p.YStride:][:size]; !bytes.Equal(row, bytes.Repeat(p.Y[:1], size)) {
			t.Fatalf("row %d is not flat", y)
		}
	}
}

// TestDecisions: the number of decisions is limited, as they may need almost no data.
// The file repeats a scan whose restart intervals are all the same.
func TestDecisions(t *testing.T) {
	scans := split(t, samples(t, "arithmetic")["gray+progressive.jpg"])
	scan := scans[2] // most of AC
	body := bytes.Index(scan, []byte{0xff, markerSOS}) + 10
	const size, interval = 1024, 48 // pixels; blocks, as in the source
	once := bytes.Clone(scan[:body])
	for i := range size * size / 64 / interval {
		once = append(append(once, scan[body:]...), 0xff, markerRST0+byte(i&7))
	}
	data := slices.Concat([]byte{0xff, markerSOI, 0xff, markerDQT, 0, 67, 0},
		bytes.Repeat([]byte{1},
			64),
		[]byte{0xff, markerSOF10, 0, 11, 8, size >> 8, 0, size >> 8, 0, 1, 1, 0x11, 0,
			0xff, markerDRI, 0, 4, 0, interval})
	var d Decoder
	_, err := d.decodeFile(slices.Concat(data, once, []byte{0xff, markerEOI}),
		image.Rect(0, 0, size, size))
	if err != nil && !errors.Is(err, ErrExtraneous) {
		t.Fatal(err)
	}
	repeated := append(data, bytes.Repeat(once, maxScans)...)
	if _, err = d.decodeFile(repeated, image.Rect(0, 0, size, size)); !errors.Is(err, ErrCorrupt) ||
		!strings.Contains(err.Error(), "decisions") {
		t.Fatal(err)
	}
}
