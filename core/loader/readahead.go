package loader

import (
	"sync"

	"mixfolder/core/plan"
)

// ahead asks the system to read the files of batches that are submitted, so that a
// worker finds them in memory. It only asks: a file that cannot be opened is the
// worker's to complain of.
type readahead struct {
	batches chan []plan.Image
	stop    chan struct{}
	ended   chan struct{} // closed when run has returned
	stopped sync.Once
}

// mostAhead is the number of batches that wait to be asked for; what comes on top is
// not asked for.
const maxAhead = 16

func newReadahead() readahead {
	return readahead{batches: make(chan []plan.Image, maxAhead), stop: make(chan struct{}),
		ended: make(chan struct{})}
}

// want names the files of a batch, and returns at once. images are not kept longer than
// the loader.
func (a *readahead) request(images []plan.Image) {
	select {
	case a.batches <- images:
	default:
	}
}

// run asks until close.
func (a *readahead) run(l *Loader) {
	defer close(a.ended)
	r := l.listing.Source.NewReader()
	for {
		select {
		case <-a.stop:
			return
		case images := <-a.batches:
			for _, m := range images {
				if file, ok := l.shown(m.File); ok && !l.cache.has(file) {
					r.Prefetch(l.listing.Names[file])
				}
			}
		}
	}
}

func (a *readahead) close() { a.stopped.Do(func() { close(a.stop) }) }
