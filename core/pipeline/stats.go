package pipeline

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Stats counts the work since the start and sums up the time of each stage over all
// workers. It is safe for concurrent use. The zero value is ready.
type Stats struct {
	Images                          atomic.Int64 // decoded so far
	Read, Decode, Resample, Augment Timer

	sampleBits atomic.Uint32 // the bit of each Image.Bits that has occurred
}

// SampleBits returns the number of low bits that hold the samples of all images with 16
// bits per sample; 0 if there were none.
func (s *Stats) SampleBits() int { return max(bits.Len32(s.sampleBits.Load())-1, 0) }

// Timer sums up durations.
type Timer struct{ ns atomic.Int64 }

// Since adds the time from start until now.
func (t *Timer) Since(start time.Time) { t.ns.Add(int64(time.Since(start))) }

// Seconds returns the sum.
func (t *Timer) Seconds() float64 { return time.Duration(t.ns.Load()).Seconds() }
