package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"mixfolder/core/simd/simdtest"
)

// TestTruncated: a file truncated anywhere is an error, or has all its blocks.
func TestTruncated(t *testing.T) {
	var whole, d Decoder
	for name, data := range allSamples(t) {
		r := bounds(t, data)
		want, err := whole.decodeFile(data, r)
		if err != nil {
			t.Fatal(name, err)
		}
		if len(data) > 2000 && testing.Short() {
			continue
		}
		for n := range data {
			got, err := d.decodeFile(data[:n], r)
			switch {
			case errors.Is(err, ErrTruncated):
			case err != nil:
				t.Fatalf("%s: %d of %d bytes: %v", name, n, len(data), err)
			case name != "trailing.jpg" && n < len(data)-3:
				t.Fatalf("%s: %d of %d bytes are enough", name, n, len(data))
			default:
				sameRegion(t, name, got, want, r)
			}
		}
	}
}

// mutate returns a copy of data with up to three changes at or after offset from.
func mutate(rnd *rand.Rand, data []byte, from int) []byte {
	data = bytes.Clone(data)
	for range 1 + rnd.IntN(3) {
		i := from + rnd.IntN(len(data)-from)
		switch rnd.IntN(6) {
		case 0:
			data[i] = byte(rnd.Uint32())
		case 1:
			data[i] = 0xff
		case 2:
			data = append(data[:i], data[min(len(data), i+1+rnd.IntN(3)):]...)
			if len(data) <= from {
				return data
			}
		default:
			data[i] ^= 1 << rnd.IntN(8)
		}
	}
	return data
}

// TestDamaged: the reference decoder agrees on damaged files, including their samples.
// It does not read arithmetic coding: there, errors must be of a documented kind.
func TestDamaged(t *testing.T) {
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	files := allSamples(t)
	maps.Copy(files, arithmeticFiles(t))
	simdtest.Each(t, func(t *testing.T) {
		var d Decoder
		for name, data := range files {
			from := bytes.Index(data, []byte{0xff, markerSOS})
			for i := range rounds {
				if i%4 == 0 {
					from = 2
				}
				bad := mutate(rnd, data, from)
				var h header
				if h.parse(bad) == nil && h.width*h.height > 1<<18 {
					continue // slow, not wrong
				}
				sameAsNaive(t, &d, fmt.Sprintf("%s, mutation %d", name, i), bad)
			}
		}
	})
}

// TestImageJPEG: if image/jpeg reads a damaged file, too, the samples are the same. It
// has another transform (hence the tolerance), ignores extraneous bytes, accepts codes
// in a sequential scan that are only valid in a progressive one, and its coefficients
// do not wrap around.
func TestImageJPEG(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	var d Decoder
	both := 0
	for name, data := range samples(t, "") {
		from := bytes.Index(data, []byte{0xff, markerSOS})
		rounds := 100
		if strings.HasPrefix(name, "progressive") {
			// image/jpeg lets more pass, and so is off its track where damage is found
			// here
			rounds = 1
		}
		for i := range rounds {
			bad := data
			if i > 0 {
				bad = mutate(rnd, data, from)
			}
			m, err := jpeg.Decode(bytes.NewReader(bad))
			if err != nil {
				continue
			}
			p, err := d.decodeFile(bad, m.Bounds())
			if err != nil {
				if errors.Is(err, ErrUnsupported) {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if _, absurd, _ := naiveDecode(bad); absurd {
				continue
			}
			both++
			luma, stride := []byte(nil), 0
			switch m := m.(type) {
			case *image.YCbCr:
				luma, stride = m.Y, m.YStride
			case *image.Gray:
				luma, stride = m.Pix, m.Stride
			default:
				t.Fatalf("%s: %T", name, m)
			}
			for y := range p.Height {
				for x := range p.Width {
					if e := int(p.Y[y*p.YStride+x]) - int(luma[y*stride+x]); e < -3 || e > 3 {
						t.Fatalf("%s, mutation %d: %d at %d, %d", name, i, e, x, y)
					}
				}
			}
		}
	}
	if both < 200 {
		t.Errorf("only %d files could be compared", both)
	}
}

// TestNamedErrors: the kinds of damage.
func TestNamedErrors(t *testing.T) {
	all := samples(t, "")
	gray, restart := all["gray.jpg"], all["restart-1.jpg"]
	edit := func(data []byte, old, new string) []byte {
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%x is not there", old)
		}
		return bytes.Replace(data, []byte(old), []byte(new), 1)
	}
	for _, test := range []struct {
		what string
		data []byte
		want error
	}{
		{"nothing", nil, ErrTruncated},
		{"no JPEG", []byte("GIF89a"), ErrCorrupt},
		{"headers alone", gray[:bytes.Index(gray, []byte{0xff, markerSOS})], ErrTruncated},
		{"no image", []byte{0xff, markerSOI, 0xff, markerEOI}, ErrTruncated},
		{"second start", edit(gray, "\xff\xdb", "\xff\xd8\xff\xdb"), ErrCorrupt},
		{"bytes left over", edit(gray, "\xff\xd9", "\x00\xff\xd9"), ErrExtraneous},
		{"the same is damage, too", edit(gray, "\xff\xd9", "\x00\xff\xd9"), ErrCorrupt},
		{"other restart", edit(restart, "\xff\xd1", "\xff\xd2"), ErrCorrupt},
		{"restart left out", edit(restart, "\xff\xd1", ""), ErrCorrupt},
		{"end in place of a restart", edit(restart, "\xff\xd1", "\xff\xd9"), ErrTruncated},
		{"bytes left over before a restart", edit(restart, "\xff\xd1", "\x00\xff\xd1"), ErrCorrupt},
		{"bytes left over after a restart at the end", edit(gray, "\xff\xd9",
			"\xff\xd0\x00\xff\xd9"), ErrExtraneous},
		{"no tables", edit(gray, "\xff\xdb", "\xff\xfe"), ErrCorrupt},
		{"no codes", edit(gray, "\x00\x00\x3f\x00", "\x22\x00\x3f\x00"), ErrCorrupt},
		{"marker of nothing", edit(gray, "\xff\xdb", "\xff\x5a\x00\x02\xff\xdb"), ErrCorrupt},
		{"two frames", edit(gray, "\xff\xc4",
			"\xff\xc0\x00\x0b\x08\x00\x10\x00\x10\x01\x01\x11\x00\xff\xc4"), ErrCorrupt},
		{"no width", edit(gray, "\x00\x2d\x00\x3d", "\x00\x2d\x00\x00"), ErrCorrupt},
		{"height to come", edit(gray, "\x00\x2d\x00\x3d", "\x00\x00\x00\x3d"), ErrUnsupported},
		{"segment too short", edit(gray, "\xff\xdb\x00\x43", "\xff\xdb\x00\x01"), ErrCorrupt},
		{"segment too long", edit(gray, "\xff\xdb\x00\x43", "\xff\xdb\xff\xff"), ErrTruncated},
	} {
		var d Decoder
		_, err := d.decodeFile(test.data, image.Rect(0, 0, 1, 1))
		if err == nil {
			// damage is found where it is read
			_, err = d.decodeFile(test.data, bounds(t, test.data))
		}
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
}

// TestExtraneous: the planes are returned with the error.
func TestExtraneous(t *testing.T) {
	good := samples(t, "")["422-61x45.jpg"]
	bad := append(bytes.Clone(good[:len(good)-2]), 1, 2, 3, 0xff, markerEOI)
	r := bounds(t, good)
	var a, b Decoder
	want, err := a.decodeFile(good, r)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.decodeFile(bad, r)
	if !errors.Is(err, ErrExtraneous) || !errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
	sameRegion(t, "extraneous", got, want, r)
}

// TestLongestCodes: consecutive blocks of the most bits possible, in more than a
// window.
func TestLongestCodes(t *testing.T) {
	head := samples(t, "")["gray.jpg"]
	frame := bytes.Index(head, []byte{0xff, markerSOF0})
	data := bytes.Clone(head[:frame+2])
	data = append(data, 0, 11, 8, 0, 64, 0x08, 0, 1, 1, 0x11, 0)
	for _, class := range []byte{0x00, 0x10} { // one code of 16 bits for 15 bits of value
		data = append(data, 0xff, markerDHT, 0, 20, class)
		data = append(data, make([]byte, 15)...)
		data = append(data, 1, 0x0f)
	}
	data = append(data, 0xff, markerSOS, 0, 8, 1, 1, 0, 0, 63, 0)
	rnd := rand.New(rand.NewPCG(15, 16))
	acc, n := uint64(0), 0
	for range 64 * 2048 { // 16 zeros, then the value; whole bytes in the end
		acc, n = acc<<31|uint64(rnd.Uint32()&0x7fff), n+31
		for ; n >= 8; n -= 8 {
			b := byte(acc >> (n - 8))
			if data = append(data, b); b == 0xff {
				data = append(data, 0)
			}
		}
	}
	data = append(data, 0xff, markerEOI)
	var d Decoder
	sameAsNaive(t, &d, "longest codes", data)
	if _, err := d.decodeFile(data, image.Rect(0, 0, 2048, 64)); err != nil {
		t.Fatal(err)
	}
}
