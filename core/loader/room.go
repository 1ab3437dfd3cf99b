package loader

import (
	"context"
	"runtime"

	"golang.org/x/sync/semaphore"
)

const (
	roomPerWorker = 256 << 20 // bytes: a photograph of 24 megapixels takes some 170 million while it is decoded
	leastRoom     = 1 << 30   // bytes: a worker or two may have larger ones
)

// room is the memory that decoding may take: the file, what its decoder allocates, and the pixels. Half of it belongs to the workers in equal
// shares, which they use and keep without asking. A picture that needs more than a share takes all that it needs from the other half, and
// waits until there is so much; one that needs more than that half takes the whole of it. So many huge pictures at a time are decoded
// a few at a time, no picture is refused, and usual ones pay nothing. Nobody who holds a part waits for another, so all go on at last.
//
// A room is safe for concurrent use.
type room struct {
	share int64 // bytes
	large *largeRoom
	// open ends when the loader is closed: nobody waits any longer.
	open  context.Context
	close context.CancelFunc
}

// largeRoom is the part that is asked for. The loaders of one folder share it.
type largeRoom struct {
	size int64 // bytes
	free *semaphore.Weighted
}

// newRoom is the room of so many workers; like is nil or another loader's.
func newRoom(threads int, like *room) room {
	half := min(max(leastRoom, int64(threads)*roomPerWorker), memory()/4) / 2
	r := room{share: half / int64(threads), large: &largeRoom{half, semaphore.NewWeighted(half)}}
	if like != nil {
		r.large = like.large
	}
	r.open, r.close = context.WithCancel(context.Background())
	return r
}

// enter waits for room for n bytes, and gives how much of it must be given back.
func (r *room) enter(n int64) (int64, error) {
	if n <= r.share {
		return 0, nil
	}
	n = min(n, r.large.size)
	if r.large.free.Acquire(r.open, n) != nil {
		return 0, ErrClosed
	}
	return n, nil
}

// change takes room for n bytes in the place of what is held. What is held is given back first, as nobody may wait who holds a part.
func (r *room) change(held, n int64) (int64, error) {
	if held > 0 {
		r.large.free.Release(held)
	}
	return r.enter(n)
}

// leave gives back what enter gave. By then the memory must not be referred to any more: it is collected, as the next one to enter is not to
// come on top of it.
func (r *room) leave(n int64) {
	if n > 0 {
		runtime.GC()
		r.large.free.Release(n)
	}
}
