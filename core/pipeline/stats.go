package pipeline

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Stats count what workers have done since the start, and sum up the time of each stage
// over all workers. All may be read and written at any time. The zero value is ready.
type Stats struct {
	Images                          atomic.Int64 // that were decoded
	Read, Decode, Resample, Augment Timer

	sampleBits atomic.Uint32 // the bit of each Image.Bits that has occurred
}

// SampleBits is how many low bits hold the samples of all images of 16 bits per sample;
// 0 if there was none.
func (s *Stats) SampleBits() int { return max(bits.Len32(s.sampleBits.Load())-1, 0) }

// Timer sums up durations.
type Timer struct{ ns atomic.Int64 }

// Since adds the time from start until now.
func (t *Timer) Since(start time.Time) { t.ns.Add(int64(time.Since(start))) }

// Seconds is the sum.
func (t *Timer) Seconds() float64 { return time.Duration(t.ns.Load()).Seconds() }
