package resample

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"

	"mixfolder/core/raster"
)

// golden is an image that Pillow made, see testdata/make.py.
type golden struct {
	Filter         string
	Channels       int
	Source, Target [2]int
	Box            [4]float64
	Pixels         []byte // compressed by zlib
}

// paint is the source of a golden image: slopes, hard edges and some noise.
func paint(width, height, channels int) Source {
	pixelSize := bytesFor(channels)
	src := noise(9, width, height, pixelSize) // 3 channels leave noise in A
	for y := range height {
		for x := range width {
			for c := range channels {
				edge := 120 * ((x/5 + y/4 + c) % 2)
				grain := (x*7919 + y*104729 + c*1299709) / 64 % 32
				src.Pix[y*src.Stride+x*pixelSize+c] = byte(3*x + 5*y + 60*c + edge + grain)
			}
		}
	}
	return src
}

// unpack undoes the compression.
func unpack(t *testing.T, packed []byte) []byte {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	pix, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return pix
}

// goldens reads a file of one JSON document a line.
func goldens[T any](t *testing.T, name string) []T {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var all []T
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var g T
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	if lines.Err() != nil || len(all) == 0 {
		t.Fatalf("no golden images in %s: %v", name, lines.Err())
	}
	return all
}

func TestAsPillow(t *testing.T) {
	differing, values := 0, 0
	var r Resampler
	for _, g := range goldens[golden](t, "testdata/pillow.jsonl") {
		filter, err := ParseFilter(g.Filter)
		if err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprint(g.Filter, g.Source, g.Box, "to", g.Target, g.Channels)
		src := paint(g.Source[0], g.Source[1], g.Channels)
		src.Part = raster.Rect{Left: g.Box[0], Top: g.Box[1], Right: g.Box[2], Bottom: g.Box[3]}
		want := unpack(t, g.Pixels)
		got := make([]byte, len(want))
		err = r.Resize(raster.Packed(got, g.Target[0], g.Target[1], g.Channels), src,
			ResizeOptions{Filter: filter, Antialias: true})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if g.Channels == 4 {
			closePremultiplied(t, name, got, want)
			continue
		}
		for i := range got {
			if difference(got[i], want[i]) > 1 {
				t.Fatalf("%s: byte %d is %d, Pillow says %d", name, i, got[i], want[i])
			}
			if got[i] != want[i] {
				differing++
			}
		}
		values += len(want)
	}
	if fraction := float64(differing) / float64(values); fraction > 0.001 {
		t.Errorf("%.4f of the values differ from Pillow's", fraction)
	}
}

// closePremultiplied allows 1 of difference in alpha, and 2 in colors times alpha:
// dividing by a small alpha, rounding down, blows up a difference of 1 between
// premultiplied colors.
func closePremultiplied(t *testing.T, name string, got, want []byte) {
	for i := 0; i < len(got); i += 4 {
		a, b := int(got[i+3]), int(want[i+3])
		worst := 255 * (difference(got[i+3], want[i+3]) - 1)
		for c := range 3 {
			d := int(got[i+c])*a - int(want[i+c])*b
			worst = max(worst, max(d, -d)-2*255)
		}
		if worst > 0 {
			t.Fatalf("%s: pixel %d is %v, Pillow says %v", name, i/4, got[i:i+4], want[i:i+4])
		}
	}
}

func difference(a, b byte) int {
	return max(int(a)-int(b), int(b)-int(a))
}
