package augment

import (
	"fmt"
	"image"
	"math"
	"reflect"
	"slices"
	"testing"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

type pair = [2]float64 // low, high

// uniform is a Kolmogorov-Smirnov test at 0.1 %, against the uniform distribution
// between two bounds.
func uniform(t *testing.T, name string, values []float64, low, high float64) {
	t.Helper()
	v := slices.Sorted(slices.Values(values))
	n, d := float64(len(v)), 0.0
	for i, x := range v {
		c := (x - low) / (high - low)
		d = max(d, float64(i+1)/n-c, c-float64(i)/n)
	}
	if critical := 1.95 / math.Sqrt(n); d > critical || v[0] < low || v[len(v)-1] > high {
		t.Errorf("%s: distance %.4f, critical %.4f, from %v to %v", name, d, critical, v[0],
			v[len(v)-1])
	}
}

// uncorrelated is a test of two uniform samples at 4 standard deviations.
func uncorrelated(t *testing.T, name string, a, b []float64) {
	t.Helper()
	ma, mb := mean(a), mean(b)
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-ma, b[i]-mb
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if r := ab / math.Sqrt(aa*bb); math.Abs(r) > 4/math.Sqrt(float64(len(a))) {
		t.Errorf("%s: correlation %.4f", name, r)
	}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// size is the size of the images that the tests draw for.
var size = image.Pt(60, 40)

func stream(i uint64) rng.Stream { return rng.Key(i, 0, 0).Stream("test") }

// draws are the operations of one item for many images.
func draws(item Augmentation, n uint64) (all [][]imageop.Op) {
	l := NewList(item)
	for i := range n {
		all = append(all, l.Draw(rng.Key(i, 0, 0), size, nil))
	}
	return all
}

// firstArgs are the first arguments of all operations.
func firstArgs(all [][]imageop.Op) (v []float64) {
	for _, ops := range all {
		for _, o := range ops {
			v = append(v, o.Args[0])
		}
	}
	return v
}

// items is one of each kind, with probabilities of 1/2.
func items() []Augmentation {
	return []Augmentation{
		&ColorJitter{pair{0.6, 1.4}, pair{0.5, 1.5}, pair{0, 2}, pair{-0.1, 0.1}, 0.5},
		&ChannelShift{20, 0.5},
		&GaussianBlur{pair{0.1, 2}, 0.5},
		&RandomErasing{Prob: 0.5, Scale: pair{0.02, 0.33}, Ratio: pair{0.3, 3.3}},
		&RandAugment{2, 9},
		&TrivialAugmentWide{},
		&RandomApply{imageop.Op{Kind: imageop.Grayscale}, 0.5},
		&RandomApply{imageop.Op{Kind: imageop.AutoContrast}, 0.5},
		&RandomApply{imageop.Op{Kind: imageop.Equalize}, 0.5},
		&RandomApply{op(imageop.Posterize, 4), 0.5},
		&RandomApply{op(imageop.Solarize, 128), 0.5},
		&RandomApply{op(imageop.Sharpness, 2), 0.5},
	}
}

func TestProbabilities(t *testing.T) {
	for _, item := range items() {
		want := 0.5
		switch item.(type) {
		case *RandAugment, *TrivialAugmentWide:
			want = 1
		}
		n := 0.0
		for _, ops := range draws(item, 4000) {
			if len(ops) > 0 {
				n++
			}
			for _, o := range ops {
				if err := o.Check(); err != nil {
					t.Errorf("%T: %v", item, err)
				}
			}
		}
		// 4 standard deviations
		if p := n / 4000; math.Abs(p-want) > 0.032 || want == 1 && p != 1 {
			t.Errorf("%T applies with probability %v", item, p)
		}
	}
	for prob, want := range map[float64]int{0: 0, 1: 200} {
		equalize := &RandomApply{imageop.Op{Kind: imageop.Equalize}, prob}
		if n := len(firstArgs(draws(equalize, 200))); n != want {
			t.Errorf("probability %v: %d of 200", prob, n)
		}
	}
}

// TestAugmentationsHaveTheirOwnStreams: the draws of an item depend neither on the
// others nor on its position among them.
func TestAugmentationsHaveTheirOwnStreams(t *testing.T) {
	forward := items()
	backward := slices.Clone(forward)
	slices.Reverse(backward)
	together, reversed := NewList(forward...), NewList(backward...)
	count := func(ops []imageop.Op) map[string]int {
		m := map[string]int{}
		for _, o := range ops {
			m[fmt.Sprint(o)]++
		}
		return m
	}
	for i := range uint64(20) {
		seed := rng.Key(i, 0, 0)
		var alone []imageop.Op
		for _, item := range forward {
			l := NewList(item)
			alone = l.Draw(seed, size, alone)
		}
		all := together.Draw(seed, size, nil)
		if !reflect.DeepEqual(alone, all) {
			t.Fatalf("together %v, alone %v", all, alone)
		}
		if ops := reversed.Draw(seed, size, nil); !reflect.DeepEqual(count(ops), count(all)) {
			t.Fatalf("reversed %v, together %v", ops, all)
		}
	}
	shift := &ChannelShift{20, 1}
	l := NewList(shift, &RandomApply{imageop.Op{Kind: imageop.Equalize}, 1}, shift)
	if ops := l.Draw(rng.Key(5, 0, 0), size, nil); len(ops) != 3 || ops[0].Args == ops[2].Args {
		t.Errorf("two of a kind draw the same: %v", ops)
	}
}

// TestPartnersDrawTheirOwn: an image and its partner differ.
func TestPartnersDrawTheirOwn(t *testing.T) {
	l := NewList(&ChannelShift{20, 1})
	seen := map[[6]float64]bool{}
	for i := range uint64(25) {
		seed := rng.Key(4, 1, i)
		seen[l.Draw(seed, size, nil)[0].Args] = true
		seen[l.Draw(seed.Derive("partner", 0), size, nil)[0].Args] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d draws, want 50", len(seen))
	}
}

func TestListDoesNotAllocate(t *testing.T) {
	l := NewList(items()...)
	ops, i := make([]imageop.Op, 0, 64), uint64(0)
	if n := testing.AllocsPerRun(10, func() {
		for range 100 { // an average below 1 counts as none
			i++
			ops = l.Draw(rng.Key(1, 1, i), size, ops[:0])
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAugmentationsValidate(t *testing.T) {
	half := pair{0.5, 0.5}
	for _, item := range []Augmentation{
		&ColorJitter{pair{-1, 1}, half, half, pair{}, 1},
		&ColorJitter{half, half, half, pair{-0.6, 0}, 1},
		&ColorJitter{half, pair{2, 1}, half, pair{}, 1},
		&ColorJitter{half, half, half, pair{}, 1.5},
		&ChannelShift{-1, 1},
		&ChannelShift{1, math.NaN()},
		&GaussianBlur{pair{-1, 1}, 1},
		&GaussianBlur{pair{2, 1}, 1},
		&RandomErasing{Prob: 1, Scale: pair{0.5, 1.5}, Ratio: half},
		&RandomErasing{Prob: 1, Scale: half, Ratio: pair{0, 1}},
		&RandomErasing{Prob: 2, Scale: half, Ratio: half},
		&RandAugment{0, 9},
		&RandAugment{2, 31},
		&RandAugment{2, -1},
		&RandomApply{op(imageop.Posterize, 9), 1},
		&RandomApply{op(imageop.Posterize, 4), -1},
		&RandomApply{op(imageop.Sharpness, -1), 1},
	} {
		if item.Validate() == nil {
			t.Errorf("%+v: no error", item)
		}
	}
	for _, item := range items() {
		if err := item.Validate(); err != nil {
			t.Error(err)
		}
	}
}
