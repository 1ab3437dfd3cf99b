package mix

import (
	"math"
	"slices"
)

// ranking finds the largest of many values. It is the memory of one goroutine.
type ranking struct {
	indices []int32
	rest    []float32
	sample  []uint32
	keys    []uint64
}

// ramp replaces the `first` largest values by 1, those after the `last` largest by 0, and
// those in between by numbers from 1 to 0 in equal steps. Of equal values, the first one
// counts as the largest.
func (s *ranking) ramp(values []float32, first, last int) {
	s.indices = slices.Grow(s.indices[:0], len(values))
	infinity := float32(math.Inf(1))
	high, larger, low := infinity, 0, -infinity
	if first > 0 {
		high, larger = s.nth(values, first)
	}
	if last == first {
		low = high
	} else if last < len(values) {
		low, _ = s.nth(values, last)
	}
	found, _ := within(s.indices, values, low, high)
	s.keys = s.keys[:0]
	for _, i := range found {
		s.keys = append(s.keys, uint64(descending(values[i]))<<32|uint64(i))
	}
	slices.Sort(s.keys)
	above(values, high)
	for k, key := range s.keys {
		weight := float32(0)
		if rank := larger + k; rank < first {
			weight = 1
		} else if rank < last {
			weight = float32(1 - float64(rank-first)/float64(last-first-1))
		}
		values[uint32(key)] = weight
	}
}

// descending maps numbers to integers in the opposite order, which are faster to sort.
func descending(v float32) uint32 {
	bits := math.Float32bits(v + 0) // no negative zero
	if bits>>31 == 0 {
		return ^bits &^ (1 << 31)
	}
	return bits
}

// number is the inverse of descending.
func number(key uint32) float32 {
	if key>>31 == 0 {
		return math.Float32frombits(^key &^ (1 << 31))
	}
	return math.Float32frombits(key)
}

// nth returns the n-th largest value, n from 1 on, and how many values are larger. It
// looks for values between two that a sample says are near, and so on among these.
func (s *ranking) nth(values []float32, n int) (nth float32, larger int) {
	const few = 128
	rest := values
	for len(rest) > few {
		low, high := s.bracket(rest, n-larger, few)
		found, over := within(s.indices, rest, low, high)
		if over >= n-larger { // it is above high
			found, over = within(s.indices, rest, math.Nextafter32(high, float32(math.Inf(1))),
				float32(math.Inf(1)))
		} else if over+len(found) < n-larger { // it is below low
			found, _ = within(s.indices, rest, float32(math.Inf(-1)),
				math.Nextafter32(low, float32(math.Inf(-1))))
			over = len(rest) - len(found)
		} else if low == high {
			return low, larger + over
		}
		if len(found) == len(rest) {
			break
		}
		s.rest = slices.Grow(s.rest[:0], len(found))[:len(found)]
		for k, i := range found {
			s.rest[k] = rest[i] // may be the same memory: i is k or more
		}
		rest, larger = s.rest, larger+over
	}
	s.sample = s.sample[:0]
	for _, v := range rest {
		s.sample = append(s.sample, descending(v))
	}
	slices.Sort(s.sample)
	at := n - larger - 1
	for at > 0 && s.sample[at-1] == s.sample[at] {
		at--
	}
	return number(s.sample[at]), larger + at
}

// bracket returns bounds of the n-th largest value, which are right most of the time: two
// of a sample of count values.
func (s *ranking) bracket(values []float32, n, count int) (low, high float32) {
	s.sample = s.sample[:0]
	for i := range count {
		s.sample = append(s.sample, descending(values[i*len(values)/count]))
	}
	slices.Sort(s.sample)
	at, margin := n*count/len(values), count/20
	low, high = float32(math.Inf(-1)), float32(math.Inf(1))
	if at-margin >= 0 {
		high = number(s.sample[at-margin])
	}
	if at+margin < count {
		low = number(s.sample[at+margin])
	}
	return low, high
}
