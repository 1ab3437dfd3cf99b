package mix

import (
	"fmt"
	"image"
	"math"
	"slices"

	"mixfolder/core/exact"
	"mixfolder/core/rng"
)

func init() { policies.Register("fmix", func() Policy { return new(FMix) }) }

// FMix takes each pixel from one of two images, by a mask of random shape: Harris et al.,
// "FMix: Enhancing Mixed Sample Data Augmentation", 2020. The row's own image has the
// pixels where noise of low frequencies is largest. The weights of the labels are the
// means of the mask.
//
// The noise has the spectrum that the paper defines: complex normal numbers for all
// frequencies of the image's inverse real Fourier transform, each divided by a power of
// the frequency. The authors' code uses two horizontal frequencies alone.
type FMix struct {
	// Alpha is the parameter of Beta(Alpha, Alpha), from which the weight of the own image
	// is drawn. The number of its pixels is rounded up or down with equal probability.
	Alpha float64 `json:"alpha"`
	// Decay is the power of the frequency. The larger it is, the smoother are the shapes.
	Decay float64 `json:"decay"`
	// Ramp, from 0 to 1/2, is the fraction of pixels on each side of the threshold whose
	// weights lie between 0 and 1, at most as many as either image has.
	Ramp float64 `json:"soft"`
}

// Validate reports what is wrong with the parameters.
func (f *FMix) Validate() error {
	if !(f.Decay >= 0) || math.IsInf(f.Decay, 1) {
		return fmt.Errorf("mix: decay of FMix must be 0 or more, but is %v", f.Decay)
	}
	if !(f.Ramp >= 0 && f.Ramp <= 0.5) {
		return fmt.Errorf("mix: soft of FMix must be from 0 to 0.5, but is %v", f.Ramp)
	}
	return validateAlpha("FMix", f.Alpha)
}

// Images is 2.
func (f *FMix) Images() int { return 2 }

// Soft is true if some pixels have weights between 0 and 1.
func (f *FMix) Soft() bool { return f.Ramp > 0 }

// Draw draws how many pixels are the own image's, and the seed of the noise.
func (f *FMix) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("mix")
	lam, pixels := r.Beta(f.Alpha), size.X*size.Y
	own := math.Floor(lam * float64(pixels))
	if r.Bernoulli(0.5) {
		own = math.Ceil(lam * float64(pixels))
	}
	if int(own) == pixels {
		return Unmixed
	}
	soft := math.Floor(float64(pixels) * min(f.Ramp, lam, 1-lam))
	soft = min(soft, own, float64(pixels)-own)
	kind := hardNoise
	if soft > 0 {
		kind = softNoise
	}
	lam = own / float64(pixels) // the mean of the mask, with soft pixels as well
	return Blend{
		Labels: [MaxImages]float64{lam, 1 - lam},
		Weight: 1,
		Mask: Mask{Kind: kind, Seed: rng.Seed{r.Uint64(), r.Uint64()},
			Args: [4]float64{f.Decay, own, soft}},
	}
}

// Noise has as arguments the power of the frequency, the number of own pixels, and how
// many pixels on each side of the threshold are soft.
var (
	hardNoise = &MaskKind{Name: "fmix", Binary: true, Render: renderNoise}
	softNoise = &MaskKind{Name: "fmix", Render: renderNoise}
)

func renderNoise(weights []float32, size image.Point, m *Mask, s *Scratch) {
	s.spectrum.prepare(size, m.Args[0])
	s.spectrum.draw(weights, m.Seed)
	own, soft := int(m.Args[1]), int(m.Args[2])
	s.ranking.ramp(weights, own-soft, own+soft)
}

// spectrum is what one goroutine needs to make noise of low frequencies.
//
// Only frequencies up to `reach` periods in the longer side are drawn and summed up: the
// sum of all others would have a standard deviation of omitted times that of the noise,
// which moves about one pixel in 1,000 across the threshold. With a decay of 3 that
// leaves 17 periods, and two small sums of waves per image. To draw all frequencies of a
// 224x224 image and to transform them with gonum takes 36 times as long, and its bits
// depend on the build: math.Cos, and products that may be fused.
type spectrum struct {
	size          image.Point
	decay         float64
	down, across  waves     // in a column and in a row of pixels
	extent        []int     // per wave across, the number of waves down that it goes with
	amplitude     []float64 // of all frequencies in the order of draw
	re, im, lines []float32
}

const omitted = 0.002

// reach is where frequencies end, in periods: beyond k, the sum of frequency^(-2 decay)
// over the plane is about pi / (decay-1) * k^(2-2 decay), and in total it is above 4. The
// lowest frequency always counts.
func reach(decay float64) float64 {
	if decay <= 1 {
		return math.Inf(1)
	}
	power := float64(2 * (decay - 1))
	return max(exact.Exp(exact.Log(math.Pi/(2*power*omitted*omitted))/power), 1)
}

// prepare works out all that does not depend on the seed, unless it is there already.
func (s *spectrum) prepare(size image.Point, decay float64) {
	if s.size == size && s.decay == decay {
		return
	}
	s.size, s.decay = size, decay
	longer, end := float64(max(size.X, size.Y)), reach(decay)
	fit := func(end float64, length int) int { // the largest frequency, in periods of a side
		return int(min(float64(end*float64(length))/longer, float64(length/2)))
	}
	s.across = newWaves(s.across, size.X, fit(end, size.X)+1)
	s.down = newWaves(s.down, size.Y, fit(end, size.Y)+1)
	s.extent, s.amplitude = s.extent[:0], s.amplitude[:0]
	for v := range s.across.count {
		x := float64(v) * longer / float64(size.X)
		rest := math.Sqrt(max(float64(end*end)-float64(x*x), 0))
		s.extent = append(s.extent, fit(rest, size.Y)+1)
		for u := range s.extent[v] {
			y := float64(u) * longer / float64(size.Y)
			f := math.Sqrt(max(float64(x*x)+float64(y*y), 1))
			amplitude := exact.Exp(float64(-decay * exact.Log(f)))
			if v > 0 && 2*v != size.X { // with its mirror image, of the negative frequency
				amplitude += amplitude
			}
			s.amplitude = append(s.amplitude, amplitude)
		}
	}
	coefficients := 2 * s.across.count * s.down.count
	s.re = slices.Grow(s.re[:0], coefficients)[:coefficients]
	s.im = slices.Grow(s.im[:0], coefficients)[:coefficients]
	s.lines = slices.Grow(s.lines[:0], 2*s.across.count*size.Y)[:2*s.across.count*size.Y]
}

// draw writes the noise, row by row: the real inverse Fourier transform of a random
// spectrum. Each frequency (u, v) has two normal numbers, a real and an imaginary part, in
// the order v = 0, 1, 2, ... across, and for each u = 0, 1, -1, 2, -2, ... down.
func (s *spectrum) draw(values []float32, seed rng.Seed) {
	r := seed.Stream("fmix")
	clear(s.re)
	clear(s.im)
	amplitudes := s.amplitude
	for v, extent := range s.extent {
		// The sum over u is complex: two rows of coefficients, of real values each.
		first, second := 2*v*s.down.count, (2*v+1)*s.down.count
		for u := range extent {
			amplitude := amplitudes[u]
			a, b := r.Normals() // of u
			c, d := 0.0, 0.0    // of -u
			if u > 0 && 2*u != s.size.Y {
				c, d = r.Normals()
			}
			s.re[first+u], s.im[first+u] = float32(amplitude*(a+c)), float32(amplitude*(b-d))
			s.re[second+u], s.im[second+u] = float32(amplitude*(b+d)), float32(amplitude*(c-a))
		}
		amplitudes = amplitudes[extent:]
	}
	s.down.sum(s.lines, s.re, s.im, s.down.count, 1)
	s.across.sum(values, s.lines, s.lines[s.size.Y:], 1, 2*s.size.Y)
}
