package loader

// Stats summarizes the work since the loader was opened. Seconds are sums over all
// workers.
type Stats struct {
	Threads         int     `json:"threads"`
	Batches         int64   `json:"batches"`
	Images          int64   `json:"images_decoded"`
	Failed          int64   `json:"failed"`
	BadFiles        int     `json:"bad_files"`
	Skipped         int64   `json:"skipped"` // images that were replaced by others
	InFlight        int     `json:"in_flight"`
	ReadSeconds     float64 `json:"read_seconds"`
	DecodeSeconds   float64 `json:"decode_seconds"`
	ResampleSeconds float64 `json:"resample_seconds"`
	AugmentSeconds  float64 `json:"augment_seconds"`
	MixSeconds      float64 `json:"mix_seconds"`
	CacheHits       int64   `json:"cache_hits"`
	CacheMisses     int64   `json:"cache_misses"`
	CacheBytes      int64   `json:"cache_bytes"` // of the images and masks in the cache
	// SampleBits is the number of low bits that hold the samples of all images with 16
	// bits per sample; 0 if there were none.
	SampleBits int `json:"sample_bits"`
}

// Stats may be called at any time, also after Close.
func (l *Loader) Stats() Stats {
	p, cache := l.config.Stats, l.config.Cache
	bytes := cache.Bytes()
	if m := l.config.masks; m != nil {
		bytes += m.config.Cache.Bytes()
	}
	return Stats{
		Threads: l.threads, Batches: l.batches.Load(), Images: p.Images.Load(),
		Failed: l.Failed(), InFlight: l.Pending(),
		BadFiles: len(l.BadFiles()), Skipped: l.bad.skipped.Load(),
		ReadSeconds: p.Read.Seconds(), DecodeSeconds: p.Decode.Seconds(),
		ResampleSeconds: p.Resample.Seconds(), AugmentSeconds: p.Augment.Seconds(),
		MixSeconds: l.mixTime.Seconds(),
		CacheHits:  cache.Hits(), CacheMisses: cache.Misses(), CacheBytes: bytes,
		SampleBits: p.SampleBits(),
	}
}
