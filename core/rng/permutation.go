package rng

import "math/bits"

// Permutation is a random order of 0, ..., n-1. It takes the same memory for any n, and
// each element is computed by itself, in O(log n). It is the swap-or-not shuffle (Hoang,
// Morris and Rogaway, "An Enciphering Scheme Based on a Card Shuffle", CRYPTO 2012): in
// each round, x and K-x modulo n change places or not, by a coin that belongs to the pair
// and the round. All orders are equally likely but for a difference that falls
// exponentially with the rounds. It is a plain value that any number of goroutines may
// use at once. The zero value has no elements.
type Permutation struct {
	n      uint64
	length int
	rounds [maxRounds]round
}

type round struct{ sum, coins uint64 }

// Rounds are 6 per bit of n, as the authors suggest, and some more, which short orders
// need.
const (
	moreRounds = 32
	maxRounds  = moreRounds + 6*32
)

// Permutation draws an order of n elements, from 1 to 2^32.
func (r *Stream) Permutation(n int) Permutation {
	p := Permutation{n: uint64(n), length: moreRounds + 6*bits.Len64(uint64(n)-1)}
	for i := range p.rounds[:p.length] {
		p.rounds[i] = round{uint64(r.IntN(n)), r.Uint64()}
	}
	return p
}

// At is the element at index i.
func (p *Permutation) At(i int) int {
	x := uint64(i)
	for k := range p.rounds[:p.length] {
		x = p.rounds[k].swap(x, p.n)
	}
	return int(x)
}

// Fill writes the elements from index first on. It is At for each, but several times as
// fast, as no element waits for another.
func (p *Permutation) Fill(elements []int, first int) {
	for i := range elements {
		elements[i] = first + i
	}
	for k := range p.rounds[:p.length] {
		r := p.rounds[k]
		for i, x := range elements {
			elements[i] = int(r.swap(uint64(x), p.n))
		}
	}
}

// Index is the index of an element: Index(At(i)) is i.
func (p *Permutation) Index(element int) int {
	x := uint64(element)
	for k := p.length - 1; k >= 0; k-- {
		x = p.rounds[k].swap(x, p.n)
	}
	return int(x)
}

// swap is its own inverse.
func (r round) swap(x, n uint64) uint64 {
	other := r.sum - x
	if x > r.sum {
		other += n
	}
	coin := Mix64(max(x, other)+r.coins) >> 63
	return x ^ (x^other)&-coin // without a branch, which no processor could predict
}
