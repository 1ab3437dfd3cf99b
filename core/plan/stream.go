package plan

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"mixfolder/core/exact"
)

// purpose keeps the streams of different draws apart: a new kind of draw gets a new
// purpose and leaves the others' values alone. The numbers are part of what a seed
// means: never change one.
type purpose uint64

const (
	forOrder purpose = iota + 2 // 1 was the split's
	forPartnerOrder
	forShift
	forOther
	forLambda
	forFlip
	forPartnerFlip
	forCrop
	forPartnerCrop
	forAugment
	forPartnerAugment
)

// mix64 is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014).
func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// stream is the source of chance for one purpose at one place of one epoch. Equal
// arguments give equal streams; others are independent.
func stream(seed, epoch, position uint64, p purpose) *rand.PCG {
	const golden = 0x9e3779b97f4a7c15
	a := mix64(seed + golden)
	b := mix64(a ^ mix64(uint64(p)*golden+1))
	c := mix64(b ^ mix64(epoch*golden+2))
	d := mix64(c ^ mix64(position*golden+3))
	return rand.NewPCG(c, d)
}

// unit draws from [0, 1).
func unit(r *rand.PCG) float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// below draws from 0..n-1. Its bias, less than n in 2^64, is not to be measured.
func below(r *rand.PCG, n int) int {
	high, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(high)
}

// between draws from [bounds[0], bounds[1]).
func between(r *rand.PCG, bounds [2]float64) float64 { return interpolate(bounds, unit(r)) }

// interpolate is the number at a share of the way from bounds[0] to bounds[1].
func interpolate(bounds [2]float64, share float64) float64 {
	return bounds[0] + float64((bounds[1]-bounds[0])*share)
}

// logBetween draws from bounds above 0, so that the logarithm is uniform.
func logBetween(r *rand.PCG, bounds [2]float64) float64 {
	return exact.Exp(between(r, [2]float64{exact.Log(bounds[0]), exact.Log(bounds[1])}))
}

// symmetric draws from (-1, 1); it never gives 0.
func symmetric(r *rand.PCG) float64 { return (float64(r.Uint64()>>12)+0.5)/(1<<51) - 1 }

// beta draws from Beta(alpha, alpha), for any alpha above 0; very small ones give a
// fair coin. T is Student's t with 2 alpha degrees of freedom by Bailey ("Polar
// generation of random variates with the t-distribution", Mathematics of Computation
// 62, 1994); then 1/2 + T/(2 sqrt(2 alpha + T^2)) is Beta(alpha, alpha) (Devroye,
// "Random variate generation in one line of code", 1996). Here this is written out for
// the point (x, y) of the unit disc, and so that what comes near to 0 keeps all of its
// digits.
func beta(r *rand.PCG, alpha float64) float64 {
	for {
		x, y := symmetric(r), symmetric(r)
		xx, yy := float64(x*x), float64(y*y)
		w := xx + yy
		if w >= 1 {
			continue
		}
		u := exact.Exp(exact.Log(w) / alpha) // w^(1/alpha)
		d := float64(u*yy) + xx
		// 2 alpha / (2 alpha + T^2), and what is left of 1
		share, rest := float64(u*w)/d, float64((1-u)*xx)/d
		low := share / (2 * (1 + math.Sqrt(rest))) // 1/2 - sqrt(rest)/2
		if x > 0 {
			return 1 - low
		}
		return low
	}
}
