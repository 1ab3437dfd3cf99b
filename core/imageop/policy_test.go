package imageop

import (
	"math"
	"testing"
)

var policies = map[string]Policy{"RandAugment": RandAugment,
	"TrivialAugmentWide": TrivialAugmentWide}

// space is an entry of a policy of torchvision's, see testdata/make.py. Matrices are
// those of strengths 0, 5, 10 and so on, in both directions.
type space struct {
	Policy, Name string
	Size         [2]int
	Signed       bool
	Magnitudes   []float64
	Matrices     [2][][]float64
}

func TestPoliciesAsTorchvision(t *testing.T) {
	n := 0
	lines(t, "spaces.jsonl", func(s space) {
		p := policies[s.Policy]
		i := n % p.Len() // they come in the same order
		n++
		if p.OpName(i) != s.Name || p.Signed(i) != s.Signed {
			t.Fatalf("operation %d is %s, signed %v; torchvision has %s, %v", i, p.OpName(i),
				p.Signed(i), s.Name, s.Signed)
		}
		width, height := s.Size[0], s.Size[1]
		for bin, want := range s.Magnitudes {
			for direction, sign := range []float64{1, -1} {
				if !s.Signed {
					sign = 1
				}
				o := p.Op(i, bin, direction == 1, width, height)
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
					if bin > 0 { // Pillow turns the matrix the other way round
						turned := math.Atan2(-o.Args[1], o.Args[0]) * 180 / math.Pi
						if math.Abs(turned-sign*want) > 1e-12*180 {
							t.Errorf("%s of %v: strength %d turns by %v, torchvision by %v", s.Name,
								s.Size, bin, turned, sign*want)
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
						if math.Abs(v-o.Args[k]) > 1e-12*float64(width+height) {
							t.Errorf("%s of %v, strength %d: %v, torchvision has %v", s.Name,
								s.Size, bin, o, s.Matrices[direction][bin/5])
							break
						}
					}
				}
			}
		}
	})
	if n != 2*5*int(choices) {
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

// applied is what torchvision makes of an image by an operation, see testdata/make.py:
// for each direction, for each strength.
type applied struct {
	Policy, Name string
	Strengths    []int
	Sums         [][]string
}

func TestPoliciesAppliedAsTorchvision(t *testing.T) {
	n := 0
	var e Engine
	lines(t, "policies.jsonl", func(a applied) {
		p := policies[a.Policy]
		i := n % p.Len()
		n++
		for direction, sums := range a.Sums {
			for k, want := range sums {
				img := paint("soft", sizes[0][0], sizes[0][1], 3)
				o := p.Op(i, a.Strengths[k], direction == 1, img.Width, img.Height)
				mustApply(t, &e, img, o)
				if digest(img.Pix) != want {
					t.Errorf("%s, %s of strength %d, %v: other bytes than torchvision's", a.Policy,
						a.Name, a.Strengths[k], o)
				}
			}
		}
	})
	if n != 2*int(choices) {
		t.Errorf("%d entries", n)
	}
}
