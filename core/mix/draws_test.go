package mix

import (
	"fmt"
	"image"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// The distributions of what is drawn, over 100,000 rows, by tests at a level of 0.1 %
// each: Kolmogorov-Smirnov for continuous values, chi-square for counts.

const drawn = 100_000

// follows compares values with a distribution function.
func follows(t *testing.T, what string, values []float64, cdf func(float64) float64) {
	t.Helper()
	slices.Sort(values)
	n, d := float64(len(values)), 0.0
	for i, v := range values {
		c := cdf(v)
		d = max(d, float64(i+1)/n-c, c-float64(i)/n)
	}
	if critical := 1.95 / math.Sqrt(n); n < drawn/2 || d > critical {
		t.Errorf("%s: distance %.5f of %v values, critical %.5f", what, d, n, critical)
	}
}

func uniform(low, high float64) func(float64) float64 {
	return func(v float64) float64 { return min(max((v-low)/(high-low), 0), 1) }
}

// occur compares counts with probabilities.
func occur(t *testing.T, what string, counts, probs []float64) {
	t.Helper()
	n, sum, kinds := 0.0, 0.0, 0
	for _, c := range counts {
		n += c
	}
	for i, c := range counts {
		if probs[i] > 0 {
			kinds++
			sum += float64((c-n*probs[i])*(c-n*probs[i])) / (n * probs[i])
		} else if c > 0 {
			t.Errorf("%s: %d is impossible, but came %v times", what, i, c)
		}
	}
	p := distuv.ChiSquared{K: float64(kinds - 1)}.Survival(sum)
	if n < drawn/2 || p < 0.001 {
		t.Errorf("%s: chi-square %.1f of %d kinds, %v draws: p %.5f", what, sum, kinds, n, p)
	}
}

// evenly is equal probabilities.
func evenly(n int) []float64 { return slices.Repeat([]float64{1 / float64(n)}, n) }

func TestMixUpLambda(t *testing.T) {
	for _, alpha := range []float64{0.2, 1, 4} {
		beta := distuv.Beta{Alpha: alpha, Beta: alpha}
		for _, fold := range []bool{false, true} {
			var all []float64
			document := fmt.Sprintf(`{"mixup": {"alpha": %v, "fold": %v}}`, alpha, fold)
			draws(t, document, image.Pt(5, 5), drawn, func(b Blend) { all = append(all, b.Weight) })
			cdf := beta.CDF
			if fold {
				cdf = func(v float64) float64 { return max(beta.CDF(v)-beta.CDF(1-v), 0) }
			}
			follows(t, document, all, cdf)
		}
	}
}

// The box of CutMix before it is clipped has floor(n sqrt(1-lambda)) pixels along a side of
// n, and one that lies inside has every place equally often.
func TestCutMixBox(t *testing.T) {
	const side = 16
	size := image.Pt(side, side)
	probs := make([]float64, side) // of 0 to side-1 pixels, with alpha 1
	for i := range probs {
		probs[i] = float64((i+1)*(i+1)-i*i) / (side * side)
	}
	sides := make([]float64, side)
	rows, columns := make([]float64, side-4), make([]float64, side-4) // of boxes of 5 pixels
	document := `{"cutmix": {"alpha": 1, "box": "inside", "minmax": null}}`
	draws(t, document, size, drawn, func(b Blend) {
		to := b.Boxes[0].To
		sides[to.Dx()]++
		if to.Dx() == 5 {
			rows[to.Min.Y]++
			columns[to.Min.X]++
		}
	})
	occur(t, "side", sides, probs)
	for i := range rows {
		mean := sides[5] / float64(len(rows))
		if bound := 4.5 * math.Sqrt(mean); math.Abs(rows[i]-mean) > bound ||
			math.Abs(columns[i]-mean) > bound {
			t.Errorf("from %d: %v rows, %v columns, the mean is %v", i, rows[i], columns[i], mean)
		}
	}
}

// A clipped box shows rows max(0, c - floor(h/2)) to min(n, c + ceil(h/2)) for each center
// c equally often, and one that is clipped uniformly every position that shows a pixel.
func TestCutMixClipping(t *testing.T) {
	const side = 16
	for place, positions := range map[string]func(h int) (first, last int){
		"clipped": func(h int) (int, int) { return -(h / 2), side - 1 - h/2 },
		"uniform": func(h int) (int, int) { return 1 - h, side - 1 },
	} {
		// All boxes that can come, by the edges of their rows.
		want := map[[2]int]float64{}
		for h := 1; h < side; h++ {
			p := float64((h+1)*(h+1)-h*h) / (side*side - 1)
			first, last := positions(h)
			for y := first; y <= last; y++ {
				want[[2]int{max(y, 0), min(y+h, side)}] += p / float64(last-first+1)
			}
		}
		got := map[[2]int]float64{}
		document := `{"cutmix": {"alpha": 1, "box": "` + place + `", "minmax": null}}`
		draws(t, document, image.Pt(side, side), drawn, func(b Blend) {
			if to := b.Boxes[0].To; !to.Empty() {
				got[[2]int{to.Min.Y, to.Max.Y}]++
			}
		})
		var counts, probs []float64
		for edges, p := range want {
			counts, probs = append(counts, got[edges]), append(probs, p)
			delete(got, edges)
		}
		if len(got) > 0 {
			t.Errorf("%s: rows %v are impossible", place, got)
		}
		occur(t, document, counts, probs)
	}
}

func TestCutMixMinMaxDraws(t *testing.T) {
	heights, widths := make([]float64, 19), make([]float64, 31)
	lefts := make([]float64, 51) // by parts of all places that a box of its width has
	draws(t, `{"cutmix": {"alpha": 1, "box": "clipped", "minmax": [0.2, 0.5]}}`, image.Pt(100, 60),
		drawn, func(b Blend) {
			to := b.Boxes[0].To
			heights[to.Dy()-12]++
			widths[to.Dx()-20]++
			lefts[to.Min.X*51/(100-to.Dx()+1)]++
		})
	occur(t, "heights", heights, evenly(19))
	occur(t, "widths", widths, evenly(31))
	for i, c := range lefts { // 51 parts of 51 to 81 positions: only roughly equal
		if c < drawn/51*0.6 || c > drawn/51*1.6 {
			t.Errorf("%v boxes of %d begin in part %d of 51", c, drawn, i)
		}
	}
}

// ResizeMix: a side is round(n tau), for tau uniform from 0.1 to 0.8, and the place is
// uniform.
func TestResizeMixBox(t *testing.T) {
	const side = 20
	sides, place := make([]float64, side), make([][]float64, side)
	draws(t, `{"resizemix": {"scale": [0.1, 0.8]}}`, image.Pt(side, side), drawn, func(b Blend) {
		to := b.Boxes[0].To
		if to.Dx() != to.Dy() {
			t.Fatalf("%v", to)
		}
		sides[to.Dx()]++
		if n := side - to.Dx() + 1; place[to.Dx()] == nil {
			place[to.Dx()] = make([]float64, n*n)
		}
		place[to.Dx()][to.Min.Y*(side-to.Dx()+1)+to.Min.X]++
	})
	probs := make([]float64, side) // from n tau - 1/2 to n tau + 1/2, between 2 and 16
	for i := range probs {
		probs[i] = max(min(float64(i)+0.5, 16)-max(float64(i)-0.5, 2), 0) / 14
	}
	occur(t, "side", sides, probs)
	for n, counts := range place {
		for i, c := range counts {
			want := sides[n] / float64(len(counts))
			if math.Abs(c-want) > 5.5*math.Sqrt(want)+1 { // thousands of places
				t.Errorf("side %d, place %d: %v times, want %v", n, i, c, want)
			}
		}
	}
}

// SmoothMix: the point is uniform in the image, sigma in its bounds of the height.
func TestSmoothMixDraws(t *testing.T) {
	var args [3][]float64
	draws(t, `{"smoothmix": {"sigma": [0.25, 0.5]}}`, image.Pt(5, 4), drawn, func(b Blend) {
		for i := range args {
			args[i] = append(args[i], b.Mask.Args[i])
		}
	})
	follows(t, "x", args[0], uniform(0, 5))
	follows(t, "y", args[1], uniform(0, 4))
	follows(t, "sigma", args[2], uniform(1, 2))
}

// Mosaic: the point is round(n u), for u uniform from 1/4 to 3/4, on each axis alone.
func TestMosaicPoint(t *testing.T) {
	counts, probs := make([]float64, 21*13), make([]float64, 21*13)
	draws(t, `{"mosaic": {"fit": "crop"}}`, image.Pt(20, 12), drawn, func(b Blend) {
		point := b.Boxes[0].To.Max
		counts[point.Y*21+point.X]++
	})
	share := func(i, n float64) float64 { // of n u from i - 1/2 to i + 1/2
		return max(min(i+0.5, n*3/4)-max(i-0.5, n/4), 0) / (n / 2)
	}
	var possible, expected []float64
	for i := range counts {
		if probs[i] = float64(share(float64(i%21), 20) * share(float64(i/21), 12)); probs[i] > 0 {
			possible, expected = append(possible, counts[i]), append(expected, probs[i])
		} else if counts[i] > 0 {
			t.Errorf("point (%d, %d) came %v times", i%21, i/21, counts[i])
		}
	}
	occur(t, "point", possible, expected)
}

// FMix: the own pixels are lambda of all, rounded up or down by a fair coin: with alpha 1
// each number from 1 to n-1 is equally likely, 0 and n half as likely. Another alpha has
// the distribution of Beta(alpha, alpha), but for steps of a pixel.
func TestFMixLambda(t *testing.T) {
	const pixels = 6 * 5
	counts, probs := make([]float64, pixels+1), slices.Repeat([]float64{1. / pixels}, pixels+1)
	probs[0], probs[pixels] = 0.5/pixels, 0.5/pixels
	draws(t, `{"fmix": {"alpha": 1, "decay": 3, "soft": 0}}`, image.Pt(6, 5), drawn,
		func(b Blend) { counts[int(math.Round(b.Labels[0]*pixels))]++ })
	occur(t, "own pixels", counts, probs)
	var all []float64
	draws(t, `{"fmix": {"alpha": 0.4, "decay": 3, "soft": 0}}`, image.Pt(2000, 2000), drawn,
		func(b Blend) { all = append(all, b.Labels[0]) })
	follows(t, "lambda", all, distuv.Beta{Alpha: 0.4, Beta: 0.4}.CDF)
}

// GridMix: ceil(lambda n) of n cells are the own image's.
func TestGridMixNumberOfCells(t *testing.T) {
	const cells = 5 * 4
	counts, probs := make([]float64, cells), make([]float64, cells)
	beta := distuv.Beta{Alpha: 0.5, Beta: 0.5}
	for i := range probs {
		probs[i] = beta.CDF(float64(i+1)/cells) - beta.CDF(float64(i)/cells)
	}
	draws(t, `{"gridmix": {"cell": 7, "alpha": 0.5}}`, image.Pt(35, 28), drawn,
		func(b Blend) { counts[int(math.Round(b.Labels[0]*cells))-1]++ })
	occur(t, "cells", counts, probs)
}

// The gate and the choice of OneOf, per row and per batch.
func TestChoices(t *testing.T) {
	const mosaic = `{"mosaic": {"fit": "crop"}}`
	kinds := func(document string) []float64 {
		counts := make([]float64, 3) // unmixed, of 2 images, of 4
		draws(t, document, image.Pt(40, 40), drawn, func(b Blend) { counts[b.Images()/2]++ })
		return counts
	}
	occur(t, "gate", kinds(`{"gate": {"prob": 0.3, "policy": `+mixUpDocument+`}}`),
		[]float64{0.7, 0.3, 0})
	for _, per := range []string{"sample", "batch"} {
		occur(t, "one of, per "+per, kinds(`{"one_of": {"policies": [`+mixUpDocument+`, `+
			mosaic+`], "probs": [0.55, 0.15], "per": "`+per+`"}}`), []float64{0.3, 0.55, 0.15})
	}
}
