package loader

import (
	"errors"
	"sync"
	"time"

	"mixfolder/core/workpool"
)

// ErrOpening is the answer of an Opening that is not done.
var ErrOpening = errors.New("loader: it is still being opened: wait until it is open")

// Opening is a Loader that is being opened, which takes as long as its scan: for ever,
// where a disk hangs. It may be given up at any time. It is safe for concurrent use.
type Opening struct {
	done    chan struct{} // closed when loader or err is there
	closing sync.Once
	closed  chan struct{} // closed when all is freed, or will be without being asked

	mu      sync.Mutex
	loader  *Loader
	err     error
	givenUp bool
}

// Start begins to open a loader by open, which may ask whether it is given up. Close
// must be called.
func Start(open func(givenUp func() bool) (*Loader, error)) (*Opening, error) {
	if err := startPoller(); err != nil {
		return nil, err
	}
	o := &Opening{done: make(chan struct{}), closed: make(chan struct{})}
	go o.run(open)
	return o, nil
}

func (o *Opening) run(open func(givenUp func() bool) (*Loader, error)) {
	var l *Loader
	err := workpool.Recover(func() (err error) {
		l, err = open(o.isGivenUp)
		return err
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	o.loader, o.err = l, err
	if o.givenUp {
		o.loader, o.err = nil, workpool.ErrClosed
		if l != nil {
			l.Close(0)
		}
	}
	close(o.done)
}

func (o *Opening) isGivenUp() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.givenUp
}

// Wait tells after at most timeout whether the loader is open: Done, or still Running.
// An error is that of the opening; it stays until Close.
func (o *Opening) Wait(timeout time.Duration) (workpool.State, error) {
	if !workpool.Within(o.done, timeout) {
		return workpool.Running, nil
	}
	_, err := o.Loader()
	return workpool.Done, err
}

// Loader is the open loader, or the error in opening it.
func (o *Opening) Loader() (*Loader, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.loader == nil && o.err == nil {
		return nil, ErrOpening
	}
	return o.loader, o.err
}

// Close closes the loader, as Loader.Close does. One that is still being opened is
// given up: whatever the opening waits for, it is done with it, and what it makes is
// freed when it returns.
func (o *Opening) Close(timeout time.Duration) bool {
	o.closing.Do(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.givenUp = true
		l := o.loader
		if l == nil {
			close(o.closed)
			return
		}
		l.Close(0)
		go func() {
			<-l.closed
			close(o.closed)
		}()
	})
	return workpool.Within(o.closed, timeout)
}

// Closed is closed when Close has nothing left to wait for.
func (o *Opening) Closed() <-chan struct{} { return o.closed }
