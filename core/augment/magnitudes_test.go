package augment

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"os"
	"testing"

	"mixfolder/core/imageop"
	"mixfolder/core/raster"
)

// lines calls f for each line of a file of testdata.
func lines[T any](t *testing.T, name string, f func(T)) {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		var line T
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		f(line)
	}
}

// soft paints as testdata/make.py does.
func soft(width, height int) raster.Image {
	p := raster.Packed(make([]byte, width*height*3), width, height, 3)
	for i := range p.Pix {
		c, x, y := i%3, i/3%width, i/3/width
		noise := (x*7919 + y*104729 + c*1299709) / 64
		p.Pix[i] = byte(60 + ((x-15)*(x-15)+2*(y-11)*(y-11))/16%97 + 9*c + noise%7)
	}
	return p
}

// space is an entry of an augmentation space of torchvision, see testdata/make.py.
// Matrices are those of strengths 0, 5, 10 and so on, in both directions.
type space struct {
	Policy, Name string
	Size         [2]int
	Signed       bool
	Magnitudes   []float64
	Matrices     [2][][]float64
}

func TestChoicesMatchTorchvision(t *testing.T) {
	n := 0
	lines(t, "spaces.jsonl", func(s space) {
		c := &choices[n%len(choices)] // they come in the same order
		n++
		if c.name != s.Name || c.signed != s.Signed {
			t.Fatalf("choice %d is %s, signed %v; torchvision has %s, %v", n-1, c.name, c.signed,
				s.Name, s.Signed)
		}
		size := image.Pt(s.Size[0], s.Size[1])
		for bin, want := range s.Magnitudes {
			for direction, sign := range []float64{1, -1} {
				if !s.Signed {
					sign = 1
				}
				o := c.at(s.Policy == "TrivialAugmentWide", bin, direction == 1, size)
				if err := o.Check(); err != nil {
					t.Error(err)
				}
				switch s.Name {
				case "ShearX":
					same(t, s, bin, o.Args[1], sign*want)
				case "ShearY":
					same(t, s, bin, o.Args[3], sign*want)
				case "TranslateX":
					same(t, s, bin, -o.Args[2], math.Trunc(sign*want))
				case "TranslateY":
					same(t, s, bin, -o.Args[5], math.Trunc(sign*want))
				case "Rotate":
					if bin > 0 { // Pillow's matrix is the inverse
						angle := math.Atan2(-o.Args[1], o.Args[0]) * 180 / math.Pi
						if math.Abs(angle-sign*want) > 1e-12*180 {
							t.Errorf("%s of %v: strength %d rotates by %v, torchvision by %v",
								s.Name, s.Size, bin, angle, sign*want)
						}
					}
				case "Brightness", "Color", "Contrast", "Sharpness":
					same(t, s, bin, o.Args[0], 1+sign*want)
				case "Posterize", "Solarize":
					same(t, s, bin, o.Args[0], want)
				default:
					same(t, s, bin, o.Args[0], 0)
				}
				if s.Matrices[0] != nil && bin%5 == 0 {
					for k, v := range s.Matrices[direction][bin/5] {
						if math.Abs(v-o.Args[k]) > 1e-12*float64(size.X+size.Y) {
							t.Errorf("%s of %v, strength %d: %v, torchvision has %v", s.Name,
								s.Size, bin, o, s.Matrices[direction][bin/5])
							break
						}
					}
				}
			}
		}
	})
	if n != 2*5*len(choices) {
		t.Errorf("%d entries", n)
	}
}

func same(t *testing.T, s space, bin int, got, want float64) {
	t.Helper()
	if got != want {
		t.Errorf("%s, %s of %v, strength %d: %v, torchvision has %v", s.Policy, s.Name, s.Size, bin,
			got, want)
	}
}

// applied is torchvision's result of an operation on an image, see testdata/make.py:
// for each direction, for each strength.
type applied struct {
	Policy, Name string
	Strengths    []int
	Sums         [][]string
}

func TestChoicesApplyAsTorchvision(t *testing.T) {
	n := 0
	var e imageop.Engine
	lines(t, "applied.jsonl", func(a applied) {
		c := &choices[n%len(choices)]
		n++
		for direction, sums := range a.Sums {
			for k, want := range sums {
				img := soft(37, 29)
				o := c.at(a.Policy == "TrivialAugmentWide", a.Strengths[k], direction == 1,
					image.Pt(img.Width, img.Height))
				if err := e.Apply(img, o); err != nil {
					t.Fatal(err)
				}
				if got := fmt.Sprintf("%x", sha256.Sum256(img.Pix))[:16]; got != want {
					t.Errorf("%s, %s of strength %d, %v: other bytes than torchvision's", a.Policy,
						a.Name, a.Strengths[k], o)
				}
			}
		}
	})
	if n != 2*len(choices) {
		t.Errorf("%d entries", n)
	}
}
