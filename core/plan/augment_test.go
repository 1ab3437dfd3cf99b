package plan

import (
	"fmt"
	"image"
	"math"
	"reflect"
	"slices"
	"testing"

	"mixfolder/core/imageop"
)

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

// of is what many images of 60 x 40 get by one item.
func of(item Augmentation, n uint64) (all [][]imageop.Op) {
	s := Spec{Augment: []Augmentation{item}, Fit: Fit{Height: 40, Width: 60}}
	for seed := range n {
		all = append(all, s.Ops(nil, View{Augment: mix64(seed)}))
	}
	return all
}

// first are the first arguments.
func first(all [][]imageop.Op) (v []float64) {
	for _, ops := range all {
		for _, o := range ops {
			v = append(v, o.Args[0])
		}
	}
	return v
}

// items is one of each, with probabilities of 1/2.
func items() []Augmentation {
	all := []Augmentation{
		&ColorJitter{[2]float64{0.6, 1.4}, [2]float64{0.5, 1.5}, [2]float64{0, 2}, [2]float64{-0.1,
			0.1}, 0.5}, &ChannelShift{20, 0.5},
		&GaussianBlur{[2]float64{0.1, 2}, 0.5}, &RandomErasing{Prob: 0.5, Scale: [2]float64{0.02,
			0.33}, Ratio: [2]float64{0.3, 3.3}},
		&RandAugment{2, 9}, &TrivialAugmentWide{},
	}
	for _, o := range []imageop.Op{{Kind: imageop.Grayscale}, {Kind: imageop.AutoContrast},
		{Kind: imageop.Equalize}, op(imageop.Posterize, 4),
		op(imageop.Solarize, 128), op(imageop.Sharpness, 2)} {
		all = append(all, &RandomApply{o, 0.5})
	}
	return all
}

func TestProbabilities(t *testing.T) {
	for _, item := range items() {
		want := 0.5
		switch item.(type) {
		case *RandAugment, *TrivialAugmentWide:
			want = 1
		}
		n := 0.0
		for _, ops := range of(item, 4000) {
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
		if share := n / 4000; math.Abs(share-want) > 0.032 || want == 1 && share != 1 {
			t.Errorf("%T comes with a share of %v", item, share)
		}
	}
	for prob, want := range map[float64]int{0: 0, 1: 200} {
		if n := len(first(of(&RandomApply{imageop.Op{Kind: imageop.Equalize}, prob},
			200))); n != want {
			t.Errorf("probability %v: %d of 200", prob, n)
		}
	}
}

func TestStrengthsAreUniform(t *testing.T) {
	uniform(t, "channel shift", first(of(&ChannelShift{20, 1}, 3000)), -20, 20)
	uniform(t, "blur", first(of(&GaussianBlur{[2]float64{0.1, 2}, 1}, 3000)), 0.1, 2)
	jitters := of(&ColorJitter{[2]float64{0.6, 1.4}, [2]float64{0.5, 1.5}, [2]float64{0, 2},
		[2]float64{-0.1, 0.1}, 1}, 3000)
	strengths, orders := map[imageop.Kind][]float64{}, map[string]int{}
	for _, ops := range jitters {
		order := ""
		for _, o := range ops {
			strengths[o.Kind] = append(strengths[o.Kind], o.Args[0])
			order += o.Name()
		}
		orders[order]++
	}
	uniform(t, "brightness", strengths[imageop.Brightness], 0.6, 1.4)
	uniform(t, "contrast", strengths[imageop.Contrast], 0.5, 1.5)
	uniform(t, "saturation", strengths[imageop.Saturation], 0, 2)
	uniform(t, "hue", strengths[imageop.Hue], -0.1, 0.1)
	uncorrelated(t, "brightness and contrast", strengths[imageop.Brightness],
		strengths[imageop.Contrast])
	chi := 0.0
	for _, n := range orders {
		chi += (float64(n) - 125) * (float64(n) - 125) / 125
	}
	if len(orders) != 24 || chi > 49.7 { // 0.1 % of 23 degrees of freedom
		t.Errorf("%d orders of 24, chi square %.1f", len(orders), chi)
	}
	// What is switched off is left out, and does not change the others.
	for i, ops := range of(&ColorJitter{[2]float64{0.6, 1.4}, [2]float64{1, 1}, [2]float64{0, 2},
		[2]float64{0, 0}, 1}, 50) {
		want := slices.DeleteFunc(slices.Clone(jitters[i]),
			func(o imageop.Op) bool { return o.Kind == imageop.Contrast || o.Kind == imageop.Hue })
		if !reflect.DeepEqual(ops, want) {
			t.Fatalf("%v, want %v", ops, want)
		}
	}
}

func TestRandomErasing(t *testing.T) {
	c := &RandomErasing{Prob: 1, Scale: [2]float64{0.02, 0.33}, Ratio: [2]float64{0.3, 3.3},
		Value: [4]byte{1, 2, 3}}
	var share, shape []float64
	for _, ops := range of(c, 4000) {
		if len(ops) != 1 || ops[0].Kind != imageop.Erase || ops[0].Fill != c.Value {
			t.Fatalf("%v", ops)
		}
		a := ops[0].Args
		r := image.Rect(int(a[0]), int(a[1]), int(a[0]+a[2]), int(a[1]+a[3]))
		if r.Empty() || !r.In(image.Rect(0, 0, 60, 40)) || r.Dx() >= 60 || r.Dy() >= 40 {
			t.Fatalf("rectangle %v", r)
		}
		share, shape = append(share, a[2]*a[3]/2400), append(shape, math.Log(a[3]/a[2]))
	}
	// Rectangles that are too large for the image are drawn again, which takes from the
	// large and the high ones.
	if s := mean(share); s < 0.14 || s > 0.175 {
		t.Errorf("mean share of the area %.3f", s)
	}
	if s := mean(shape); s < -0.25 || s > 0.03 {
		t.Errorf("mean logarithm of the shape %.3f", s)
	}
	seeds := map[uint64]bool{}
	noisy := *c
	noisy.Noise = true
	plain := of(c, 100)
	for i, ops := range of(&noisy, 100) {
		seeds[ops[0].Seed] = true
		if ops[0].Kind != imageop.EraseNoise || ops[0].Args != plain[i][0].Args {
			t.Fatalf("%v, plain %v", ops, plain[i])
		}
	}
	if len(seeds) != 100 {
		t.Errorf("%d seeds of 100", len(seeds))
	}
	if n := len(first(of(&RandomErasing{Prob: 1, Scale: [2]float64{1, 1}, Ratio: [2]float64{1, 1}},
		50))); n != 0 {
		t.Errorf("%d rectangles as large as the image", n)
	}
}

// TestTables: each operation with the same chance, in both directions, of each strength.
func TestTables(t *testing.T) {
	const n = 14 * 400
	kinds, same := map[imageop.Kind]float64{}, 0.0
	for _, ops := range of(&RandAugment{2, 9}, n/2) {
		if len(ops) != 2 {
			t.Fatalf("%v", ops)
		}
		for _, o := range ops {
			kinds[o.Kind]++
		}
		if ops[0].Kind == imageop.Equalize && ops[1].Kind == imageop.Equalize {
			same++
		}
	}
	want := map[imageop.Kind]float64{imageop.Affine: 5, imageop.Identity: 1, imageop.Brightness: 1,
		imageop.Saturation: 1, imageop.Contrast: 1,
		imageop.Sharpness: 1, imageop.Posterize: 1, imageop.Solarize: 1, imageop.AutoContrast: 1, imageop.Equalize: 1}
	for k, w := range want {
		if math.Abs(kinds[k]-400*w) > 80*math.Sqrt(w) { // 4 standard deviations
			t.Errorf("%v comes %v times, want about %v", k, kinds[k], 400*w)
		}
	}
	if same == 0 {
		t.Error("no operation comes twice")
	}
	strengths := map[float64]int{}
	for _, ops := range of(&TrivialAugmentWide{}, n) {
		if ops[0].Kind == imageop.Brightness {
			strengths[ops[0].Args[0]]++
		}
	}
	if len(strengths) != 61 { // 30 in each direction, and none
		t.Errorf("%d strengths of brightness, want 61: %v", len(strengths), strengths)
	}
}

// TestAugmentationsHaveTheirOwnStreams: what an item draws depends neither on the
// others nor on its place among them.
func TestAugmentationsHaveTheirOwnStreams(t *testing.T) {
	all := items()
	turned := append([]Augmentation{wild}, all...)
	slices.Reverse(all)
	for seed := range uint64(20) {
		v := View{Augment: mix64(seed)}
		var alone, reversed []imageop.Op
		for i := range all {
			s := Spec{Augment: all[len(all)-1-i:][:1], Fit: Fit{Height: 40, Width: 60}}
			alone = s.Ops(alone, v)
		}
		together := (&Spec{Augment: turned, Fit: Fit{Height: 40, Width: 60}}).Ops(nil, v)
		if !reflect.DeepEqual(alone, together) {
			t.Fatalf("together %v, alone %v", together, alone)
		}
		reversed = (&Spec{Augment: all, Fit: Fit{Height: 40, Width: 60}}).Ops(nil, v)
		count := func(ops []imageop.Op) map[string]int {
			m := map[string]int{}
			for _, o := range ops {
				m[fmt.Sprint(o)]++
			}
			return m
		}
		if !reflect.DeepEqual(count(reversed), count(together)) {
			t.Fatalf("reversed %v, together %v", reversed, together)
		}
	}
	twice := &ChannelShift{20, 1}
	s := Spec{Augment: []Augmentation{twice, &RandomApply{imageop.Op{Kind: imageop.Equalize}, 1},
		twice}, Fit: Fit{Height: 40, Width: 60}}
	if ops := s.Ops(nil, View{Augment: 5}); len(ops) != 3 || ops[0].Args == ops[2].Args {
		t.Errorf("two of a kind draw the same: %v", ops)
	}
}

// TestAugmentationsLeaveThePlanAlone, and an image and its partner differ.
func TestAugmentationsLeaveThePlanAlone(t *testing.T) {
	for _, pairing := range []Pairing{FromDataset, InBatch} {
		s := Spec{Seed: 4, Shuffle: true, BatchSize: 8, Alpha: 1, Pairing: pairing,
			FlipHorizontal: true, Cropping: inception}
		plain := planner(t, s, 25)
		s.Augment = items()
		augmented := planner(t, s, 25)
		seen := map[uint64]bool{}
		for n := range plain.Batches() {
			want := plain.Batch(1, n).Samples
			for i, c := range augmented.Batch(1, n).Samples {
				seen[c.Augment], seen[c.Partner.Augment] = true, true
				c.Augment, c.Partner.Augment = 0, 0
				if c != want[i] {
					t.Errorf("augmentations change other draws: %+v, %+v", c, want[i])
				}
			}
		}
		// The last batch has one row, whose partner is looked at anew.
		if want := map[Pairing]int{FromDataset: 50, InBatch: 25 + 1 +
			1}[pairing]; len(seen) != want {
			t.Errorf("%s: %d seeds, want %d", pairing, len(seen), want)
		}
	}
}

func TestOpsDoNotAllocate(t *testing.T) {
	s := Spec{Augment: append([]Augmentation{wild}, items()...), Fit: Fit{Height: 40, Width: 60}}
	ops, seed := make([]imageop.Op, 0, 64), uint64(0)
	if n := testing.AllocsPerRun(100, func() {
		seed++
		ops = s.Ops(ops[:0], View{Augment: mix64(seed)})
		s.Turn(View{Augment: mix64(seed)})
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestAugmentationsAreChecked(t *testing.T) {
	half := [2]float64{0.5, 0.5}
	for _, item := range []Augmentation{
		&ColorJitter{[2]float64{-1, 1}, half, half, [2]float64{}, 1}, &ColorJitter{half, half, half,
			[2]float64{-0.6, 0}, 1},
		&ColorJitter{half, [2]float64{2, 1}, half, [2]float64{}, 1}, &ColorJitter{half, half, half,
			[2]float64{}, 1.5},
		&ChannelShift{-1, 1}, &ChannelShift{1, math.NaN()}, &GaussianBlur{[2]float64{-1, 1},
			1}, &GaussianBlur{[2]float64{2, 1}, 1},
		&RandomErasing{Prob: 1, Scale: [2]float64{0.5, 1.5}, Ratio: half}, &RandomErasing{Prob: 1,
			Scale: half, Ratio: [2]float64{0, 1}},
		&RandomErasing{Prob: 2, Scale: half, Ratio: half}, &RandAugment{0, 9}, &RandAugment{2,
			31}, &RandAugment{2, -1},
		&RandomApply{op(imageop.Posterize, 9), 1}, &RandomApply{op(imageop.Posterize, 4),
			-1}, &RandomApply{op(imageop.Hue, 0), 1},
		&RandomApply{op(imageop.Sharpness, -1), 1}, nil,
	} {
		if _, err := New(Spec{BatchSize: 1, Pairing: InBatch, Augment: []Augmentation{item}},
			make([]int32, 3)); err == nil {
			t.Errorf("%+v: no error", item)
		}
	}
	for _, list := range [][]Augmentation{{&TrivialAugmentWide{}, wild}, {wild, wild}} {
		if _, err := New(Spec{BatchSize: 1, Pairing: InBatch, Augment: list},
			make([]int32, 3)); err == nil {
			t.Errorf("%+v: no error", list)
		}
	}
	if _, err := New(Spec{BatchSize: 1, Pairing: InBatch, Augment: append([]Augmentation{wild},
		items()...)}, make([]int32, 3)); err != nil {
		t.Error(err)
	}
}
