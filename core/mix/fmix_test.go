package mix

import (
	"cmp"
	"image"
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"

	"mixfolder/core/rng"
)

// referenceNoise is the inverse real Fourier transform of the spectrum, by gonum, of the
// frequencies up to end periods in the longer side. Normal numbers are drawn in the order
// of the definition; those above end come from a stream of their own.
func referenceNoise(size image.Point, decay, end float64, seed rng.Seed) []float64 {
	inner, outer := seed.Stream("fmix"), seed.Stream("others")
	longer := float64(max(size.X, size.Y))
	columns := size.X/2 + 1
	spectrum := make([]complex128, size.Y*columns)
	for v := range columns {
		for u := range size.Y/2 + 1 {
			for _, sign := range []int{1, -1} {
				if sign < 0 && (u == 0 || 2*u == size.Y) {
					continue
				}
				f := math.Hypot(float64(u)/float64(size.Y), float64(v)/float64(size.X))
				r := &inner
				if f*longer > reach(decay) {
					r = &outer
				}
				x, y := r.Normals()
				if f*longer <= end {
					power := math.Pow(max(f, 1/longer), -decay)
					row := (size.Y + sign*u) % size.Y
					spectrum[row*columns+v] = complex(power*x, power*y)
				}
			}
		}
	}
	column, down := make([]complex128, size.Y), fourier.NewCmplxFFT(size.Y)
	for v := range columns {
		for y := range column {
			column[y] = spectrum[y*columns+v]
		}
		for y, c := range down.Sequence(nil, column) {
			spectrum[y*columns+v] = c
		}
	}
	across, noise := fourier.NewFFT(size.X), []float64(nil)
	for y := range size.Y {
		row := spectrum[y*columns:][:columns]
		noise = append(noise, across.Sequence(nil, slices.Clone(row))...)
	}
	return noise
}

// order are the indices of values from the largest on, the first one first among equals.
func order[T cmp.Ordered](values []T) []int {
	indices := make([]int, len(values))
	for i := range indices {
		indices[i] = i
	}
	slices.SortStableFunc(indices, func(i, j int) int { return cmp.Compare(values[j], values[i]) })
	return indices
}

func TestFMixIsTheTransformOfItsSpectrum(t *testing.T) {
	var s Scratch
	for _, size := range []image.Point{{24, 33}, {31, 20}, {224, 224}, {1, 9}, {2, 1}, {1, 1}} {
		for _, decay := range []float64{3, 1.7, 0} {
			if size.X > 100 && decay < 3 {
				continue // gonum would be the slow one
			}
			weights := make([]float32, size.X*size.Y)
			for i := range uint64(5) {
				seed := rng.Key(21, 0, i)
				want := referenceNoise(size, decay, reach(decay), seed)
				s.spectrum.prepare(size, decay)
				s.spectrum.draw(weights, seed)
				scale, most := 0.0, 0.0 // the unit is that of the lowest frequency
				for k, w := range want {
					w *= math.Pow(float64(max(size.X, size.Y)), -decay)
					scale = max(scale, math.Abs(w))
					most = max(most, math.Abs(float64(weights[k])-w))
				}
				if most > 2e-6*scale {
					t.Errorf("%v, decay %v: off by %v of %v", size, decay, most, scale)
				}
				own := len(want) * int(i+1) / 7
				m := Mask{Kind: hardNoise, Seed: seed, Args: [4]float64{decay, float64(own)}}
				m.Kind.Render(weights, size, &m, &s)
				for rank, k := range order(want) {
					if (weights[k] == 1) != (rank < own) {
						t.Errorf("%v, decay %v: pixel %d of rank %d has the weight %v", size, decay,
							k, rank, weights[k])
					}
				}
			}
		}
	}
}

// What the frequencies that are left out would change: one pixel in 1,000, in the mean.
func TestFMixWithAllFrequencies(t *testing.T) {
	size, different, n := image.Pt(224, 224), 0, 0
	for i := range uint64(12) {
		seed := rng.Key(22, 0, i)
		some := order(referenceNoise(size, 3, reach(3), seed))
		all := order(referenceNoise(size, 3, math.Inf(1), seed))
		own := len(all) * int(i+1) / 13
		inSome := make([]bool, len(all))
		for _, k := range some[:own] {
			inSome[k] = true
		}
		for _, k := range all[:own] {
			if !inSome[k] {
				different += 2 // it has another in its place
			}
		}
		n += len(all)
	}
	if got := float64(different) / float64(n); got > 1e-3 {
		t.Errorf("%v of the pixels differ", got)
	}
}

// Softened, the weights fall in equal steps over the pixels around the threshold.
func TestFMixSoft(t *testing.T) {
	size := image.Pt(24, 33)
	var s Scratch
	weights := make([]float32, size.X*size.Y)
	draws(t, `{"fmix": {"alpha": 1, "decay": 3, "soft": 0.1}}`, size, 200, func(b Blend) {
		if b.Mask.Kind == nil {
			return
		}
		own, soft := int(b.Mask.Args[1]), int(b.Mask.Args[2])
		if soft > len(weights)/10 || soft < len(weights)/10 && soft < min(own, len(weights)-own)-1 {
			t.Fatalf("%d soft pixels of %d and %d", soft, own, len(weights)-own)
		}
		b.Mask.Kind.Render(weights, size, &b.Mask, &s)
		want := referenceNoise(size, 3, reach(3), b.Mask.Seed)
		for rank, k := range order(want) {
			w := 1 - float64(rank-(own-soft))/float64(2*soft-1)
			if rank < own-soft {
				w = 1
			} else if rank >= own+soft {
				w = 0
			}
			if math.Abs(float64(weights[k])-w) > 1e-6 {
				t.Fatalf("rank %d of %d±%d has the weight %v, want %v", rank, own, soft, weights[k], w)
			}
		}
	})
}

// Every pixel is the own image's equally often, and equally often so together with the
// next one to the right and below, by 4.5 standard errors of 100,000 masks.
func TestFMixIsStationary(t *testing.T) {
	const n, side = 100_000, 8
	size := image.Pt(side, side)
	var own, right, below [side * side]float64
	var s Scratch
	weights := make([]float32, side*side)
	mixed := 0.0
	draws(t, `{"fmix": {"alpha": 1, "decay": 3, "soft": 0}}`, size, n, func(b Blend) {
		if b.Mask.Kind == nil {
			return
		}
		mixed++
		b.Mask.Kind.Render(weights, size, &b.Mask, &s)
		for i, w := range weights {
			own[i] += float64(w)
			right[i] += float64(w * weights[i/side*side+(i+1)%side])
			below[i] += float64(w * weights[(i+side)%len(weights)])
		}
	})
	// n own pixels are equally likely but for 0 and 64, and 64 is not mixed.
	if p := 1 - 0.5/64; math.Abs(mixed/n-p) > 4.5*math.Sqrt(p*(1-p)/n) {
		t.Errorf("%v of %d are mixed", mixed, n)
	}
	for _, counts := range [][side * side]float64{own, right, below} {
		mean := 0.0
		for _, c := range counts {
			mean += c / float64(len(counts))
		}
		for i, c := range counts {
			if p := mean / mixed; math.Abs(c-mean) > 4.5*math.Sqrt(mixed*p*(1-p)) {
				t.Errorf("pixel %d: %v times, the mean is %v", i, c, mean)
			}
		}
	}
}

func TestReach(t *testing.T) {
	all := math.Inf(1)
	for decay, want := range map[float64]float64{3: 17.7, 4: 6.3, 1e7: 1, 1: all, 0: all} {
		if got := reach(decay); got != want && math.Abs(got-want) > 0.05 {
			t.Errorf("decay %v: %v periods, want %v", decay, got, want)
		}
	}
	// The bound holds: what is left out has a standard deviation of 0.002 at most.
	sum := func(from float64) (sum float64) {
		for x := -112.0; x < 112; x++ {
			for y := -112.0; y < 112; y++ {
				if f := cmplx.Abs(complex(x, y)); f > from {
					sum += math.Pow(f, -6)
				}
			}
		}
		return sum
	}
	if got := math.Sqrt(sum(reach(3)) / sum(0)); got > omitted {
		t.Errorf("%v of the standard deviation is left out", got)
	}
}
