package loader

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// counters are what Stats shows. All may be read and written at any time.
type stats struct {
	batches, images atomic.Int64
	sampleBits      atomic.Uint32 // the bit of each image.Image.Bits that has occurred
	clock           clock
}

// clock sums up the time of each step over all workers.
type clock struct{ read, decode, resample, augment, mix span }

type span struct{ ns atomic.Int64 }

// since adds the time from start until now, which it returns.
func (s *span) since(start time.Time) time.Time {
	now := time.Now()
	s.ns.Add(int64(now.Sub(start)))
	return now
}

// start begins to measure; the function that it returns ends it.
func (s *span) start() func() {
	begin := time.Now()
	return func() { s.since(begin) }
}

func (s *span) seconds() float64 { return time.Duration(s.ns.Load()).Seconds() }

// Stats tells what the loader has done since it was opened. Seconds are summed up over
// the workers.
type Stats struct {
	Threads         int     `json:"threads"`
	Batches         int64   `json:"batches"`
	Images          int64   `json:"images_decoded"`
	Failed          int64   `json:"failed"`
	BadFiles        int     `json:"bad_files"`
	Skipped         int64   `json:"skipped"` // images that others were put in the place of
	InFlight        int     `json:"in_flight"`
	ReadSeconds     float64 `json:"read_seconds"`
	DecodeSeconds   float64 `json:"decode_seconds"`
	ResampleSeconds float64 `json:"resample_seconds"`
	AugmentSeconds  float64 `json:"augment_seconds"`
	MixSeconds      float64 `json:"mix_seconds"`
	CacheHits       int64   `json:"cache_hits"`
	CacheMisses     int64   `json:"cache_misses"`
	CacheBytes      int64   `json:"cache_bytes"` // that it holds
	// SampleBits is how many low bits hold the samples of all images of 16 bits a
	// sample; 0 where there was none.
	SampleBits int `json:"sample_bits"`
}

// Stats may be asked at any time, also after Close.
func (l *Loader) Stats() Stats {
	c := &l.stats
	return Stats{
		Threads: l.threads, Batches: c.batches.Load(), Images: c.images.Load(), Failed: l.Failed(), InFlight: l.Pending(),
		BadFiles: len(l.BadFiles()), Skipped: l.bad.skipped.Load(),
		ReadSeconds: c.clock.read.seconds(), DecodeSeconds: c.clock.decode.seconds(),
		ResampleSeconds: c.clock.resample.seconds(), AugmentSeconds: c.clock.augment.seconds(), MixSeconds: c.clock.mix.seconds(),
		CacheHits: l.cache.hits.Load(), CacheMisses: l.cache.misses.Load(), CacheBytes: l.cache.bytes.Load(),
		SampleBits: max(bits.Len32(c.sampleBits.Load())-1, 0),
	}
}
