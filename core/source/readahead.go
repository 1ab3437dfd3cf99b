package source

import (
	"iter"
	"sync"

	"mixfolder/core/workpool"
)

// Readahead prefetches files in a goroutine of its own, so that workers find them in
// memory. It is safe for concurrent use.
type Readahead struct {
	batches chan iter.Seq[string]
	stop    chan struct{}
	stopped sync.Once
	ended   chan struct{}
}

// maxAhead is the length of the queue of batches to prefetch; further ones are not
// prefetched.
const maxAhead = 16

// NewReadahead starts the goroutine. Close must be called.
func NewReadahead(src Source) *Readahead {
	r := &Readahead{batches: make(chan iter.Seq[string], maxAhead), stop: make(chan struct{}),
		ended: make(chan struct{})}
	go r.run(src.NewReader())
	return r
}

// Request queues the files of a batch and returns at once. names is called later, if at
// all, by the goroutine, which has ended when Ended is closed.
func (r *Readahead) Request(names iter.Seq[string]) {
	select {
	case r.batches <- names:
	default:
	}
}

func (r *Readahead) run(reader Reader) {
	defer close(r.ended)
	for {
		select {
		case <-r.stop:
			return
		case names := <-r.batches:
			// Errors are ignored, as Prefetch does: Read reports them.
			_ = workpool.Recover(func() error {
				for name := range names {
					reader.Prefetch(name)
				}
				return nil
			})
		}
	}
}

// Close ends the goroutine soon: after the batch that it prefetches or, by chance, a few
// more.
func (r *Readahead) Close() { r.stopped.Do(func() { close(r.stop) }) }

// Ended is closed when the goroutine has ended.
func (r *Readahead) Ended() <-chan struct{} { return r.ended }
