package pipeline

import (
	"context"
	"runtime"

	"golang.org/x/sync/semaphore"

	"mixfolder/core/sysmem"
)

const (
	// A photograph of 24 megapixels needs about 170 million bytes while it is decoded.
	memPerWorker = 256 << 20
	minMem       = 1 << 30 // so that a worker or two may decode larger ones
)

// MemLimiter limits the memory used by decoding: the file, what its decoder allocates,
// and the pixels. Half of it is a fixed quota per worker, which needs no request. An
// image that needs more than the quota acquires all that it needs from the shared half,
// at once, so no worker ever holds one part while waiting for another (no deadlock);
// one that needs more than the shared half acquires all of it. So huge images are
// decoded a few at a time, no image is refused, and usual ones cost nothing.
//
// A MemLimiter is safe for concurrent use.
type MemLimiter struct {
	quota  int64 // bytes
	shared *sharedLimit
	// open is cancelled when the loader is closed, which ends all waiting.
	open  context.Context
	close context.CancelCauseFunc
}

// sharedLimit is common to the loaders of one folder.
type sharedLimit struct {
	size int64 // bytes
	free *semaphore.Weighted
}

// NewMemLimiter makes a limiter; both sizes are in bytes. Close must be called.
func NewMemLimiter(quota, shared int64) *MemLimiter {
	m := &MemLimiter{quota: quota, shared: &sharedLimit{shared, semaphore.NewWeighted(shared)}}
	m.open, m.close = context.WithCancelCause(context.Background())
	return m
}

// DefaultMemory returns the quota and the shared half for a number of workers on this
// machine.
func DefaultMemory(workers int) (quota, shared int64) {
	shared = min(max(minMem, int64(workers)*memPerWorker), sysmem.Total()/4) / 2
	return shared / int64(workers), shared
}

// ShareWith makes m use the shared half of other. It must be called before any use of
// m.
func (m *MemLimiter) ShareWith(other *MemLimiter) { m.shared = other.shared }

// Close ends all waiting for memory with an error.
func (m *MemLimiter) Close(err error) { m.close(err) }

// Acquire waits for n bytes, and returns how many of them are to be released.
func (m *MemLimiter) Acquire(n int64) (int64, error) {
	if n <= m.quota {
		return 0, nil
	}
	n = min(n, m.shared.size)
	if m.shared.free.Acquire(m.open, n) != nil {
		return 0, context.Cause(m.open)
	}
	return n, nil
}

// exchange acquires n bytes in place of those that are held. These are released first,
// as a worker must not hold a part while waiting.
func (m *MemLimiter) exchange(held, n int64) (int64, error) {
	if held > 0 {
		m.shared.free.Release(held)
	}
	return m.Acquire(n)
}

// Release returns n acquired bytes. Nothing may refer to the memory any more: it is
// collected at once, so that it does not add to that of the next image.
func (m *MemLimiter) Release(n int64) {
	if n > 0 {
		runtime.GC()
		m.shared.free.Release(n)
	}
}
