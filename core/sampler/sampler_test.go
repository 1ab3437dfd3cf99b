package sampler

import (
	"fmt"
	"hash"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/plan"
	"mixfolder/core/rng"
)

func parse(t *testing.T, document string, s Subset) plan.Sampler {
	t.Helper()
	kind, err := Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	made, err := kind.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func seed(epoch int) rng.Seed { return rng.Key(7, uint64(epoch), 0) }

// counts tells how often each image comes in an epoch.
func counts(s plan.Sampler, images, epoch int) []int {
	n, order := make([]int, images), s.Epoch(seed(epoch))
	for position := range s.Samples() {
		n[order.At(position)]++
	}
	return n
}

// agree checks by a chi-square test at 0.1 % that counts have the expected means. Each
// varies like a multinomial count, or by less.
func agree(t *testing.T, name string, got []int, want []float64, free int) {
	t.Helper()
	chi := 0.0
	for i, n := range got {
		if want[i] == 0 && n > 0 {
			t.Errorf("%s: image %d has weight 0 and comes %d times", name, i, n)
		} else if want[i] > 0 {
			chi += (float64(n) - want[i]) * (float64(n) - want[i]) / want[i]
		}
	}
	if critical := (distuv.ChiSquared{K: float64(free)}).Quantile(0.999); chi > critical {
		t.Errorf("%s: chi-square %.1f, critical %.1f", name, chi, critical)
	}
}

// TestClassesComeEquallyOften, and the images of a class too: exactly in each epoch, and
// those that come once more are drawn at random.
func TestClassesComeEquallyOften(t *testing.T) {
	classes := []int32{4, 0, 0, 2, 0, 0, 2, 0, 0, 4, 0, 0, 0, 0, 4} // 10, 2 and 3 images
	for _, samples := range []int{1, 2, 3, 7, 15, 40, 333} {
		s := parse(t, fmt.Sprintf(`{"balanced": {"samples": %d}}`, samples),
			Subset{len(classes), classes})
		total := make([]int, len(classes))
		const epochs = 400
		for epoch := range epochs {
			n := counts(s, len(classes), epoch)
			perClass := map[int32][]int{}
			for i, count := range n {
				perClass[classes[i]] = append(perClass[classes[i]], count)
				total[i] += count
			}
			var sums []int
			for class, counts := range perClass {
				if slices.Max(counts)-slices.Min(counts) > 1 {
					t.Fatalf("the images of class %d come %v times", class, counts)
				}
				sum := 0
				for _, c := range counts {
					sum += c
				}
				sums = append(sums, sum)
			}
			if slices.Max(sums)-slices.Min(sums) > 1 {
				t.Fatalf("classes come %v times", sums)
			}
		}
		want := make([]float64, len(classes))
		for i, class := range classes {
			want[i] = float64(samples*epochs) / 3 / map[int32]float64{0: 10, 2: 2, 4: 3}[class]
		}
		agree(t, fmt.Sprint(samples, " samples"), total, want, len(classes)-1)
	}
}

// TestPositionsAreShuffled asks which class the first position has.
func TestPositionsAreShuffled(t *testing.T) {
	classes := []int32{0, 0, 0, 1, 2}
	s := parse(t, `{"balanced": {"samples": null}}`, Subset{5, classes})
	for _, position := range []int{0, 1, 4} {
		first := make([]int, 3)
		for epoch := range 30000 {
			first[classes[s.Epoch(seed(epoch)).At(position)]]++
		}
		agree(t, fmt.Sprint("position ", position), first, []float64{1e4, 1e4, 1e4}, 2)
	}
}

// TestDrawsFollowTheWeights: 1,000,000 draws with replacement.
func TestDrawsFollowTheWeights(t *testing.T) {
	weights := []float32{1, 0, 2.5, 0.25, 100, 1, 0, 7}
	s := parse(t, `{"weighted": {"samples": 1000000, "replacement": true}}`, Subset{Images: 8})
	uniform := slices.Repeat([]float64{1e6 / 8}, 8)
	agree(t, "equal weights", counts(s, 8, 0), uniform, 7)
	s, err := s.(Weighted).WithWeights(weights)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, len(weights))
	for i, w := range weights {
		want[i] = 1e6 * float64(w) / 111.75
	}
	agree(t, "weights", counts(s, 8, 3), want, 5)
	// Neighbors are independent.
	order, pairs := s.Epoch(seed(4)), make([]int, 64)
	for position := range 500000 {
		pairs[8*order.At(2*position)+order.At(2*position+1)]++
	}
	joint, free := make([]float64, 64), -1
	for k := range joint {
		if joint[k] = want[k/8] * want[k%8] / 2e6; joint[k] > 0 {
			free++
		}
	}
	agree(t, "pairs", pairs, joint, free)
}

// TestDrawsWithoutReplacement compares the sets that are drawn with what one draw after
// the other gives, by enumeration: 100,000 epochs.
func TestDrawsWithoutReplacement(t *testing.T) {
	const epochs = 100000
	weights := []float32{1, 3, 0, 0.5, 2}
	equal := parse(t, `{"weighted": {"samples": 2, "replacement": false}}`, Subset{Images: 5})
	s, err := equal.(Weighted).WithWeights(weights)
	if err != nil {
		t.Fatal(err)
	}
	got, first := make([]int, 25), make([]int, 5)
	for epoch := range epochs {
		order := s.Epoch(seed(epoch))
		a, b := order.At(0), order.At(1)
		got[5*min(a, b)+max(a, b)]++
		first[a]++
		if a == b {
			t.Fatalf("image %d comes twice", a)
		}
	}
	want, chance := make([]float64, 25), make([]float64, 5)
	for a, wa := range weights {
		for b, wb := range weights {
			if a != b {
				p := epochs * float64(wa) / 6.5 * float64(wb) / (6.5 - float64(wa))
				want[5*min(a, b)+max(a, b)] += p
				chance[a], chance[b] = chance[a]+p/2, chance[b]+p/2
			}
		}
	}
	agree(t, "sets", got, want, 5)
	agree(t, "first positions", first, chance, 3)
}

func TestImagesAreRepeatedInARow(t *testing.T) {
	for _, c := range []struct {
		repeats float64
		samples string
		want    []int // which positions show the image of the position before
	}{
		{3, "null", []int{1, 2, 4, 5, 7, 8}}, {3, "12", []int{1, 2, 4, 5, 7, 8, 10, 11}},
		{1, "null", nil}, {1.5, "null", []int{1, 4, 7}}, {20, "null", []int{1, 2, 3, 4, 5, 6, 7, 8, 9}},
	} {
		s := parse(t, fmt.Sprintf(`{"repeated": {"samples": %s, "repeats": %v}}`, c.samples, c.repeats),
			Subset{Images: 10})
		shown := make([]int, 10)
		for epoch := range 2000 {
			order := s.Epoch(seed(epoch))
			var same []int
			seen := map[int]bool{}
			for position := range s.Samples() {
				image := order.At(position)
				if position > 0 && image == order.At(position-1) {
					same = append(same, position)
				} else if seen[image] {
					t.Fatalf("repeats %v: image %d comes again later", c.repeats, image)
				}
				seen[image] = true
			}
			if !slices.Equal(same, c.want) {
				t.Fatalf("repeats %v: the image before is shown at %v, want %v", c.repeats, same, c.want)
			}
			for image := range seen {
				shown[image]++
			}
		}
		sum := 0
		for _, n := range shown {
			sum += n
		}
		agree(t, fmt.Sprint("repeats ", c.repeats), shown,
			slices.Repeat([]float64{float64(sum) / 10}, 10), 9)
	}
}

// TestAnEpochDependsOnItsSeedAlone, in any order of asking.
func TestAnEpochDependsOnItsSeedAlone(t *testing.T) {
	for _, document := range documents {
		s := parse(t, document, subset)
		other := parse(t, document, subset)
		for _, epoch := range []int{3, 0, 4, 3, 1} {
			a, b := s.Epoch(seed(epoch)), other.Epoch(seed(epoch))
			for position := s.Samples() - 1; position >= 0; position-- {
				if a.At(position) != b.At(position) || a.At(position) >= subset.Images {
					t.Fatalf("%s: position %d of epoch %d", document, position, epoch)
				}
			}
			for range 3 {
				other.Epoch(seed(epoch + 1))
			}
		}
	}
}

var (
	subset    = Subset{20, []int32{0, 1, 1, 2, 2, 2, 2, 2, 0, 0, 5, 5, 5, 5, 5, 5, 5, 5, 0, 1}}
	documents = []string{
		`{"balanced": {"samples": null}}`, `{"balanced": {"samples": 50}}`,
		`{"weighted": {"samples": null, "replacement": true}}`,
		`{"weighted": {"samples": 9, "replacement": false}}`,
		`{"repeated": {"samples": null, "repeats": 3}}`,
		`{"repeated": {"samples": 25, "repeats": 1.3}}`,
	}
)

// TestKnownSamples: the draws of a seed must never change.
func TestKnownSamples(t *testing.T) {
	exacttest.Known(t, "b3bb12fb", func(h hash.Hash) {
		for _, document := range documents {
			s := parse(t, document, subset)
			if w, ok := s.(Weighted); ok {
				weights := make([]float32, subset.Images)
				for i := range weights {
					weights[i] = float32(i%7) / 3
				}
				s, _ = w.WithWeights(weights)
			}
			for epoch := range 4 {
				order := s.Epoch(seed(epoch))
				for position := range s.Samples() {
					fmt.Fprintf(h, "%d ", order.At(position))
				}
			}
		}
	})
}

func TestSamplersThatAreRefused(t *testing.T) {
	for document, want := range map[string]string{
		`{"balanced": {"samples": 0}}`:                          "num_samples must be from 1",
		`{"weighted": {"samples": null, "replacement": false}}`: "needs num_samples",
		`{"weighted": {"samples": 21, "replacement": false}}`:   "only 20 images",
		`{"repeated": {"samples": null, "repeats": 0.5}}`:       "1 or more, but is 0.5",
		`{"repeated": {"samples": 61, "repeats": 3}}`:           "20 images repeated 3 times",
		`{"repeated": {"samples": 99999999999, "repeats": 3}}`:  "num_samples must be from 1",
		`{"mixed": {}}`: "balanced, repeated, weighted",
	} {
		kind, err := Parse([]byte(document))
		if err == nil {
			_, err = kind.New(subset)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", document, err, want)
		}
	}
	if _, err := new(balanced).New(Subset{Images: 3}); err == nil {
		t.Error("classes are balanced where there are none")
	}
	for _, replacement := range []bool{true, false} {
		s := parse(t, fmt.Sprintf(`{"weighted": {"samples": 2, "replacement": %v}}`, replacement),
			Subset{Images: 3}).(Weighted)
		nan := float32(math.NaN())
		for _, weights := range [][]float32{{0, 0, 0}, {1, -1, 1}, {1, 1, nan}} {
			if _, err := s.WithWeights(weights); err == nil {
				t.Errorf("replacement %v: no error for weights %v", replacement, weights)
			}
		}
		if _, err := s.WithWeights([]float32{0, 1, 0}); (err == nil) != replacement {
			t.Errorf("replacement %v: %v for 1 image", replacement, err)
		}
	}
}

// BenchmarkAMillionWeights is a change of the weights and the first batch after it.
func BenchmarkAMillionWeights(b *testing.B) {
	weights := make([]float32, 1e6)
	for i := range weights {
		weights[i] = float32(i%100) + 1
	}
	for name, s := range map[string]Weighted{"with replacement": &withReplacement{samples: 1e6},
		"without": &withoutReplacement{samples: 500000}} {
		b.Run(name, func(b *testing.B) {
			for epoch := range b.N {
				other, err := s.WithWeights(weights)
				if err != nil {
					b.Fatal(err)
				}
				order := other.Epoch(seed(epoch))
				for position := range 256 {
					order.At(position)
				}
			}
		})
	}
}
