package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"slices"
	"testing"

	"mixfolder/core/raster"
)

// split splits a progressive file into everything up to and including its first scan,
// and each later scan with the tables before it.
func split(t *testing.T, data []byte) (scans [][]byte) {
	t.Helper()
	from, at := 0, 0
	for {
		i := bytes.Index(data[at:], []byte{0xff, markerSOS})
		if i < 0 {
			t.Fatal("no end")
		}
		at += i + 2
		marker := byte(markerRST0)
		for before := at; isRestart(marker); before = at {
			var ok bool
			if marker, at, ok = nextMarker(data, before); !ok {
				t.Fatal("no end")
			}
		}
		at -= 2
		scans = append(scans, data[from:at])
		if from = at; marker == markerEOI {
			return scans
		}
	}
}

// end makes a file of parts returned by split.
func end(scans ...[]byte) []byte { return append(slices.Concat(scans...), 0xff, markerEOI) }

// TestMissingScans: coefficients without a scan are zero, but the file must have an
// end.
func TestMissingScans(t *testing.T) {
	for _, name := range []string{"progressive-420-61x45.jpg", "progressive-gray.jpg",
		"progressive-restart-7.jpg"} {
		data := samples(t, "")[name]
		scans := split(t, data)
		if !bytes.Equal(end(scans...), data) {
			t.Fatalf("%s: %d scans do not make up the file", name, len(scans))
		}
		var d Decoder
		for n := 1; n <= len(scans); n++ {
			sameAsNaive(t, &d, fmt.Sprintf("%s, %d scans", name, n), end(scans[:n]...))
			if _, err := d.decodeFile(end(scans[:n]...), bounds(t, data)); err != nil {
				t.Errorf("%s, %d scans: %v", name, n, err)
			}
			_, err := d.decodeFile(slices.Concat(scans[:n]...), bounds(t, data))
			if n == len(scans) {
				if err != nil {
					t.Errorf("%s without its end: %v", name, err)
				}
			} else if !errors.Is(err, ErrTruncated) {
				t.Errorf("%s, cut after %d scans: %v", name, n, err)
			}
			if n > 1 { // in any order, twice: wrong, and as the plain decoder has it
				swapped := slices.Clone(scans)
				swapped[n-1], swapped[1] = swapped[1], swapped[n-1]
				sameAsNaive(t, &d, fmt.Sprintf("%s, scan %d exchanged", name, n), end(swapped...))
				sameAsNaive(t, &d, fmt.Sprintf("%s, scan %d repeated", name, n),
					end(append(swapped, scans[n-1])...))
			}
		}
	}
}

// TestMissingComponent: a component without a scan is gray, and needs no table.
func TestMissingComponent(t *testing.T) {
	data := samples(t, "")["progressive-444-17x33.jpg"]
	scans := split(t, data)
	luma := bytes.Clone(scans[0])
	at := bytes.Index(luma, []byte{0xff, markerSOS})
	// one component, and no bits are needed to fail below
	luma = append(luma[:at:at], 0xff, markerSOS, 0, 8, 1, 1, 0, 0, 0, 0)
	var d Decoder
	if _, err := d.decodeFile(append(luma, 0xff, markerEOI), bounds(t, data)); !errors.Is(err,
		ErrTruncated) {
		t.Fatal(err)
	}
	// 3 x 5 blocks of two bits each, and more of what is left over
	flat := append(luma, bytes.Repeat([]byte{0}, 15)...)
	p, err := d.decodeFile(append(flat, 0xff, markerEOI), bounds(t, data))
	if err != nil && !errors.Is(err, ErrExtraneous) {
		t.Fatal(err)
	}
	for y := range 33 {
		if row := p.Cb[y*p.CStride:][:17]; !bytes.Equal(row, bytes.Repeat([]byte{128}, 17)) {
			t.Fatal(row)
		}
	}
}

// TestManyScans: the number of scans and their work are limited.
func TestManyScans(t *testing.T) {
	var d Decoder
	for _, test := range []struct {
		width, height byte // in 256 pixels
		size, scans   int  // bytes of a scan, scans
		want          error
	}{
		{0, 0, 2, maxScans, nil},
		{0, 0, 2, maxScans + 1, ErrCorrupt},
		{16, 16, 32, 100, nil}, // 2^18 blocks: 17 runs of 2^14 that take 15 bits each
		{16, 16, 32, 200, ErrCorrupt},
	} {
		data := slices.Concat([]byte{0xff, markerSOI, 0xff, markerDQT, 0, 67, 0},
			bytes.Repeat([]byte{1}, 64),
			[]byte{0xff, markerSOF2, 0, 11, 8, test.height, 8, test.width, 8, 1, 1, 0x11, 0},
			[]byte{0xff, markerDHT, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
				0xe0})
		for range test.scans { // one end-of-band run for all blocks
			data = append(data, 0xff, markerSOS, 0, 8, 1, 1, 0, 1, 63, 0)
			data = append(data, make([]byte, test.size)...)
		}
		data = append(data, 0xff, markerEOI)
		data = append(data, make([]byte, 1<<14)...) // enough for the pixels
		if _, err := d.decodeFile(data, image.Rect(0, 0, int(test.width)*256+8,
			int(test.height)*256+8)); !errors.Is(err, test.want) ||
			(err == nil) != (test.want == nil) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

// TestProgressiveErrors: the kinds of damage.
func TestProgressiveErrors(t *testing.T) {
	data := samples(t, "")["progressive-420-61x45.jpg"]
	scans := split(t, data)
	edit := func(n int, change func(sos []byte)) []byte {
		changed := slices.Clone(scans)
		changed[n] = bytes.Clone(scans[n])
		change(changed[n][bytes.Index(changed[n], []byte{0xff, markerSOS}):])
		return end(changed...)
	}
	luma := 1 // the first scan of AC
	for _, test := range []struct {
		what string
		data []byte
		want error
	}{
		{"band backwards", edit(luma, func(b []byte) { b[7], b[8] = 9, 8 }), ErrCorrupt},
		{"band past the end", edit(luma, func(b []byte) { b[8] = 64 }), ErrCorrupt},
		{"first coefficient with others", edit(luma, func(b []byte) { b[7] = 0 }), ErrCorrupt},
		{"two bits at once", edit(luma, func(b []byte) { b[9] = 0x31 }), ErrCorrupt},
		{"bit 14", edit(luma, func(b []byte) { b[9] = 14 }), ErrCorrupt},
		{"no such component", edit(luma, func(b []byte) { b[5] = 77 }), ErrCorrupt},
		{"no such table", edit(luma, func(b []byte) { b[6] = 4 }), ErrCorrupt},
		{"table that is not there", edit(luma, func(b []byte) { b[6] = 3 }), ErrCorrupt},
		{"interleaved AC", edit(0, func(b []byte) { b[11], b[12] = 1, 5 }), ErrCorrupt},
		{"no quantization table", bytes.ReplaceAll(data, []byte{0xff, markerDQT},
			[]byte{0xff, markerCOM}), ErrCorrupt},
		{"bytes after a last restart", end(append([][]byte{scans[0], {0xff, markerRST0, 1}},
			scans[1:]...)...), ErrExtraneous},
		{"bytes left over", end(append([][]byte{scans[0], {0, 1}}, scans[1:]...)...),
			ErrExtraneous},
	} {
		var d Decoder
		if _, err := d.decodeFile(test.data, bounds(t, data)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.what, err, test.want)
		}
	}
}

// TestProgressiveMemory: the memory of a huge image is released.
func TestProgressiveMemory(t *testing.T) {
	data := samples(t, "")["progressive-gray.jpg"]
	var d Decoder
	for range 2 {
		if d.s != nil {
			d.s.buf.coefs = make([]int16, raster.LargeScratch/2+1)
		}
		if _, err := d.decodeFile(data, bounds(t, data)); err != nil {
			t.Fatal(err)
		}
	}
	if c := cap(d.s.buf.coefs); c > 1<<16 {
		t.Errorf("%d coefficients are kept", c)
	}
}
