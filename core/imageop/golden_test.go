package imageop

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

// golden is an operation and the images that the original makes by it, see
// testdata/make.py.
type golden struct {
	Op       string
	Args     []float64
	Fill     []byte
	Channels int
	Size     [2]int
	// of the first image of sizes in each content, and of soft ones in the other sizes
	Sums   []string
	Pixels []byte // compressed by zlib
}

func (g *golden) op(t *testing.T) Op {
	for _, k := range kinds {
		if k.String() == g.Op {
			o := Op{Kind: k}
			copy(o.Args[:], g.Args)
			copy(o.Fill[:], g.Fill)
			return o
		}
	}
	t.Fatalf("no operation is called %q", g.Op)
	return Op{}
}

var (
	sizes    = [][2]int{{37, 29}, {1, 1}, {2, 2}, {3, 3}, {2, 9}, {131, 3}}
	contents = []string{"slopes", "flat", "gray", "saturated", "soft", "noise"}
)

// paint has the formulas of testdata/make.py.
func paint(content string, width, height, channels int) raster.Image {
	p := raster.Packed(make([]byte, width*height*channels), width, height, channels)
	for i := range p.Pix {
		c, x, y := i%channels, i/channels%width, i/channels/width
		noise := (x*7919 + y*104729 + c*1299709) / 64
		v := 0
		switch content {
		case "slopes":
			v = 3*x + 5*y + 60*c + 120*((x/5+y/4+c)%2) + noise%32
		case "flat":
			v = 40 + 70*c
		case "gray":
			v = 3*x + 5*y
		case "saturated":
			v = 255 * ((x/3 + y/2 + c) % 2)
		case "soft":
			v = 60 + ((x-15)*(x-15)+2*(y-11)*(y-11))/16%97 + 9*c + noise%7
		case "noise":
			v = noise*31 + noise/16
		}
		p.Pix[i] = byte(v)
	}
	return p
}

// lines calls f for each line of a file of testdata.
func lines[T any](t *testing.T, name string, f func(T)) {
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	n := 0
	scanner := bufio.NewScanner(file)
	for ; scanner.Scan(); n++ {
		var line T
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		f(line)
	}
	if scanner.Err() != nil || n == 0 {
		t.Fatalf("%s: %v after %d lines", name, scanner.Err(), n)
	}
}

func digest(pix []byte) string { return fmt.Sprintf("%x", sha256.Sum256(pix))[:16] }

func mustApply(t testing.TB, e *Engine, p raster.Image, ops ...Op) {
	t.Helper()
	if err := e.Apply(p, ops...); err != nil {
		t.Fatal(err)
	}
}

// TestMatchesPillowAndTorchvision: operations that are bit-exact with Pillow,
// torchvision or Keras.
func TestMatchesPillowAndTorchvision(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var e Engine
		seen := map[*Kind]bool{}
		lines(t, "exact.jsonl", func(g golden) {
			o := g.op(t)
			seen[o.Kind] = true
			var images []raster.Image
			for _, content := range contents {
				images = append(images, paint(content, sizes[0][0], sizes[0][1], g.Channels))
			}
			for _, size := range sizes[1:] {
				images = append(images, paint("soft", size[0], size[1], g.Channels))
			}
			for i, p := range images {
				mustApply(t, &e, p, o)
				if got := digest(p.Pix); got != g.Sums[i] {
					t.Errorf("%v of image %d, %dx%dx%d: other bytes than the original's", o, i,
						p.Width, p.Height, p.Channels)
				}
			}
		})
		for _, k := range kinds {
			other := k == Identity || k == GaussianBlur || k == Erase || k == EraseNoise
			if seen[k] == other {
				t.Errorf("%v: in exact.jsonl %v", k, seen[k])
			}
		}
	})
}

// TestAllColors: all 16,777,216, for operations that mix channels.
func TestAllColors(t *testing.T) {
	const side = 4096
	colors := make([]byte, side*side*3)
	for i := range side * side {
		colors[3*i], colors[3*i+1], colors[3*i+2] = byte(i), byte(i>>8), byte(i>>16)
	}
	pix := make([]byte, len(colors))
	simdtest.Each(t, func(t *testing.T) {
		var e Engine
		lines(t, "colors.jsonl", func(g golden) {
			copy(pix, colors)
			o := g.op(t)
			mustApply(t, &e, raster.Packed(pix, side, side, 3), o)
			if digest(pix) != g.Sums[0] {
				t.Errorf("%v: other bytes than the original's", o)
			}
		})
	})
}

func TestBlurAsTorchvision(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var e Engine
		differing, values := 0, 0
		lines(t, "blurs.jsonl", func(g golden) {
			g.Op = "gaussian_blur"
			o := g.op(t)
			r, err := zlib.NewReader(bytes.NewReader(g.Pixels))
			if err != nil {
				t.Fatal(err)
			}
			want, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			p := paint("slopes", g.Size[0], g.Size[1], g.Channels)
			mustApply(t, &e, p, o)
			if len(p.Pix) != len(want) {
				t.Fatalf("%v of %v: %d bytes, the original has %d", o, g.Size, len(p.Pix),
					len(want))
			}
			for i, v := range p.Pix {
				d := int(v) - int(want[i])
				if d < -1 || d > 1 {
					t.Fatalf("%v of %v, %d channels: byte %d is %d, the original %d", o, g.Size,
						g.Channels, i, v, want[i])
				}
				if d != 0 {
					differing++
				}
			}
			values += len(want)
		})
		if fraction := float64(differing) / float64(values); fraction > 0.005 {
			t.Errorf("%.4f of the values differ from the originals'", fraction)
		}
	})
}
