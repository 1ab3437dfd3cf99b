// Package handle gives numbers to what the C ABI opens, which happens in the background
// and may be given up at any time.
package handle

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"mixfolder/core/workpool"
)

// ErrOpening is the error of an Opening that is not done.
var ErrOpening = errors.New("handle: it is still being opened: wait until it is open")

// Opened is what an Opening opens.
type Opened interface {
	// Close tells whether all has ended and is freed, after at most timeout. It may be
	// called any number of times.
	Close(timeout time.Duration) bool
	// Closed is closed when all has ended and is freed after Close.
	Closed() <-chan struct{}
}

// Opening opens something in the background, which takes as long as the scan of a
// folder: for ever, if a disk hangs. It may be given up at any time. It is safe for
// concurrent use.
type Opening struct {
	done    chan struct{} // closed when opened or err is set
	closing sync.Once
	closed  chan struct{} // closed when all is freed, or will be without being asked

	mu      sync.Mutex
	opened  Opened
	err     error
	givenUp bool
}

// Start begins to open something by open, which may ask whether it is given up. Close
// must be called.
func Start(open func(givenUp func() bool) (Opened, error)) (*Opening, error) {
	if err := startPoller(); err != nil {
		return nil, err
	}
	o := &Opening{done: make(chan struct{}), closed: make(chan struct{})}
	go o.run(open)
	return o, nil
}

func (o *Opening) run(open func(givenUp func() bool) (Opened, error)) {
	var opened Opened
	err := workpool.Recover(func() (err error) {
		opened, err = open(o.isGivenUp)
		return err
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.givenUp:
		o.err = workpool.ErrClosed
		if err == nil {
			opened.Close(0)
		}
	case err != nil:
		o.err = err
	default:
		o.opened = opened
	}
	close(o.done)
}

func (o *Opening) isGivenUp() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.givenUp
}

// Wait returns Done when it is open, or Running after timeout. An error is that of the
// opening; it stays the same until Close.
func (o *Opening) Wait(timeout time.Duration) (workpool.State, error) {
	if !workpool.Within(o.done, timeout) {
		return workpool.Running, nil
	}
	_, err := o.Opened()
	return workpool.Done, err
}

// Opened is what was opened, or the error in opening it.
func (o *Opening) Opened() (Opened, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.opened == nil && o.err == nil {
		return nil, ErrOpening
	}
	return o.opened, o.err
}

// Close closes what was opened, as its own Close does. If it is still being opened, it
// is given up: Close does not wait for it, and what is opened later is closed at once.
func (o *Opening) Close(timeout time.Duration) bool {
	o.closing.Do(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.givenUp = true
		opened := o.opened
		if opened == nil {
			close(o.closed)
			return
		}
		opened.Close(0)
		go func() {
			<-opened.Closed()
			close(o.closed)
		}()
	})
	return workpool.Within(o.closed, timeout)
}

// Table has the openings by their handles. The zero value is empty. It is safe for
// concurrent use.
type Table struct {
	mu   sync.Mutex
	open map[int64]*Opening
	last int64
}

// Add returns a handle for an opening, which is removed once the opening is closed.
func (t *Table) Add(o *Opening) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[int64]*Opening{}
	}
	t.last++
	handle := t.last
	t.open[handle] = o
	go func() {
		<-o.closed
		t.Remove(handle)
	}()
	return handle
}

// Remove forgets a handle.
func (t *Table) Remove(handle int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, handle)
}

// Find returns the opening of a handle. The error of one that was closed is
// workpool.ErrClosed.
func (t *Table) Find(handle int64) (*Opening, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.open[handle]
	switch {
	case o != nil:
		return o, nil
	case handle > 0 && handle <= t.last:
		return nil, workpool.ErrClosed
	}
	return nil, fmt.Errorf("handle: there is no handle %d", handle)
}

// TakeAll removes all openings, which the caller must close, and starts again with the
// first handle.
func (t *Table) TakeAll() []*Opening {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Collect(maps.Values(t.open))
	clear(t.open)
	t.last = 0
	return all
}
