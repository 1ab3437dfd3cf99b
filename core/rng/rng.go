// Package rng derives independent random streams from a seed, an epoch, a position and
// the name of a purpose. Equal arguments give equal streams on every platform; a new
// purpose needs no change elsewhere and does not change the draws of any other.
package rng

import (
	"math"
	"math/bits"
	"math/rand/v2"

	"mixfolder/core/exact"
)

// Seed determines all random choices about one thing, such as one image in one epoch.
type Seed [2]uint64

// golden is 2^64 divided by the golden ratio.
const golden = 0x9e3779b97f4a7c15

// Mix64 is the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014): a bijection in which each bit of the result
// depends on each bit of z.
func Mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Key returns the seed of one position of one epoch.
func Key(seed, epoch, position uint64) Seed {
	a := Mix64(seed + golden)
	b := Mix64(a ^ Mix64(epoch*golden+1))
	return Seed{b, Mix64(b ^ Mix64(position*golden+2))}
}

// Derive returns the seed of the n-th thing of that name below s. Renaming changes what
// is drawn.
func (s Seed) Derive(name string, n int) Seed {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	a := Mix64(s[0] ^ Mix64(h+golden))
	return Seed{a, Mix64(s[1] ^ Mix64(a^Mix64(uint64(n)*golden+3)))}
}

// Stream returns the random stream for one purpose.
func (s Seed) Stream(purpose string) Stream {
	var r Stream
	s = s.Derive(purpose, 0)
	r.Seed(s[0], s[1])
	return r
}

// Stream is a source of random numbers. It is a value without pointers, so that it can
// live on the stack (a rand.Rand escapes to the heap). It is not safe for concurrent
// use; copies continue independently from the same state.
type Stream struct{ rand.PCG }

// Float64 draws from [0, 1).
func (r *Stream) Float64() float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// IntN draws from 0, ..., n-1. Its bias, below n/2^64, is negligible.
func (r *Stream) IntN(n int) int {
	high, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(high)
}

// Bernoulli is true with probability p.
func (r *Stream) Bernoulli(p float64) bool { return r.Float64() < p }

// Uniform draws from [bounds[0], bounds[1]).
func (r *Stream) Uniform(bounds [2]float64) float64 {
	return bounds[0] + float64((bounds[1]-bounds[0])*r.Float64())
}

// LogUniform draws from [bounds[0], bounds[1]), both above 0, so that the logarithm is
// uniform.
func (r *Stream) LogUniform(bounds [2]float64) float64 {
	return exact.Exp(r.Uniform([2]float64{exact.Log(bounds[0]), exact.Log(bounds[1])}))
}

// Shuffle puts perm into a random order, all of them equally likely: Durstenfeld,
// "Algorithm 235: Random permutation", Communications of the ACM 7, 1964.
func (r *Stream) Shuffle(perm []int32) {
	for i := len(perm) - 1; i > 0; i-- {
		j := r.IntN(i + 1)
		perm[i], perm[j] = perm[j], perm[i]
	}
}

// symmetric draws from (-1, 1), but never 0.
func (r *Stream) symmetric() float64 { return (float64(r.Uint64()>>12)+0.5)/(1<<51) - 1 }

// Normals draws two independent numbers from the standard normal distribution: Marsaglia
// and Bray, "A convenient method for generating normal variables", SIAM Review 6, 1964.
func (r *Stream) Normals() (x, y float64) {
	for {
		x, y = r.symmetric(), r.symmetric()
		w := float64(x*x) + float64(y*y)
		if w < 1 {
			factor := math.Sqrt(-2 * exact.Log(w) / w)
			return float64(x * factor), float64(y * factor)
		}
	}
}

// Beta draws from Beta(alpha, alpha), for any alpha above 0; a very small one is a fair
// coin. T is Student's t with 2 alpha degrees of freedom by Bailey ("Polar generation
// of random variates with the t-distribution", Mathematics of Computation 62, 1994);
// then 1/2 + T/(2 sqrt(2 alpha + T^2)) is Beta(alpha, alpha) (Devroye, "Random variate
// generation in one line of code", 1996). It is written out here for the point (x, y)
// of the unit disc, in a form that keeps all digits of results near 0.
func (r *Stream) Beta(alpha float64) float64 {
	for {
		x, y := r.symmetric(), r.symmetric()
		xx, yy := float64(x*x), float64(y*y)
		w := xx + yy
		if w >= 1 {
			continue
		}
		u := exact.Exp(exact.Log(w) / alpha) // w^(1/alpha)
		d := float64(u*yy) + xx
		// 2 alpha / (2 alpha + T^2), and 1 minus that
		fraction, rest := float64(u*w)/d, float64((1-u)*xx)/d
		low := fraction / (2 * (1 + math.Sqrt(rest))) // 1/2 - sqrt(rest)/2
		if x > 0 {
			return 1 - low
		}
		return low
	}
}
