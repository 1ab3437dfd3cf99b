package loader

import (
	"context"
	"runtime"

	"golang.org/x/sync/semaphore"
)

const (
	// bytes: a photograph of 24 megapixels takes some 170 million while it is decoded
	memPerWorker = 256 << 20
	minMem       = 1 << 30 // bytes: a worker or two may have larger ones
)

// room is the memory that decoding may take: the file, what its decoder allocates, and
// the pixels. Half of it belongs to the workers in equal shares, which they use and
// keep without asking. An image that needs more than a share takes all that it needs
// from the other half, and waits until there is so much; one that needs more than that
// half takes the whole of it. So many huge images at a time are decoded a few at a
// time, no image is refused, and usual ones pay nothing. Nobody who holds a part waits
// for another, so all go on at last.
//
// A room is safe for concurrent use.
type memLimiter struct {
	quota  int64 // bytes
	shared *sharedLimit
	// open ends when the loader is closed: nobody waits any longer.
	open  context.Context
	close context.CancelCauseFunc
}

// largeRoom is the part that is asked for. The loaders of one folder share it.
type sharedLimit struct {
	size int64 // bytes
	free *semaphore.Weighted
}

// newRoom is the room of so many workers; like is nil or another loader's.
func newMemLimiter(threads int, like *memLimiter) memLimiter {
	half := min(max(minMem, int64(threads)*memPerWorker), memory()/4) / 2
	r := memLimiter{quota: half / int64(threads), shared: &sharedLimit{half,
		semaphore.NewWeighted(half)}}
	if like != nil {
		r.shared = like.shared
	}
	r.open, r.close = context.WithCancelCause(context.Background())
	return r
}

// enter waits for room for n bytes, and gives how much of it must be given back.
func (r *memLimiter) acquire(n int64) (int64, error) {
	if n <= r.quota {
		return 0, nil
	}
	n = min(n, r.shared.size)
	if r.shared.free.Acquire(r.open, n) != nil {
		return 0, context.Cause(r.open)
	}
	return n, nil
}

// change takes room for n bytes in the place of what is held. What is held is given
// back first, as nobody may wait who holds a part.
func (r *memLimiter) exchange(held, n int64) (int64, error) {
	if held > 0 {
		r.shared.free.Release(held)
	}
	return r.acquire(n)
}

// leave gives back what enter gave. By then the memory must not be referred to any
// more: it is collected, as the next one to enter is not to come on top of it.
func (r *memLimiter) release(n int64) {
	if n > 0 {
		runtime.GC()
		r.shared.free.Release(n)
	}
}
