package plan

import (
	"math/bits"
	"math/rand/v2"
)

// purpose keeps the streams of different draws apart: a new kind of draw gets a new purpose and leaves the others' values alone.
// The numbers are part of what a seed means: never change one.
type purpose uint64

const (
	forSplit purpose = iota + 1
	forOrder
	forPartnerOrder
	forShift
	forLonePartner
	forLambda
	forFlip
	forPartnerFlip
	forCrop
	forPartnerCrop
	forAugment
	forPartnerAugment
)

// mix64 is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
func mix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// stream is the source of chance for one purpose at one place of one pass. Equal arguments give equal streams; others are independent.
func stream(seed, pass, position uint64, p purpose) *rand.PCG {
	const golden = 0x9e3779b97f4a7c15
	a := mix64(seed + golden)
	b := mix64(a ^ mix64(uint64(p)*golden+1))
	c := mix64(b ^ mix64(pass*golden+2))
	d := mix64(c ^ mix64(position*golden+3))
	return rand.NewPCG(c, d)
}

// SplitRand is the chance by which the files of a class are split.
func SplitRand(seed uint64, label int) *rand.Rand {
	return rand.New(stream(seed, 0, uint64(label), forSplit))
}

// unit draws from [0, 1).
func unit(r *rand.PCG) float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// below draws from 0..n-1. Its bias, less than n in 2^64, is not to be measured.
func below(r *rand.PCG, n int) int {
	high, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(high)
}

// between draws from [bounds[0], bounds[1]).
func between(r *rand.PCG, bounds [2]float64) float64 {
	return bounds[0] + (bounds[1]-bounds[0])*unit(r)
}
