// Package handle opens things in the background for the C ABI, which refers to them by
// numbers and may abandon them at any time.
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

// ErrOpening is the error for an Opening that has not finished.
var ErrOpening = errors.New("handle: it is still being opened: wait until it is open")

// Opened is what an Opening opens.
type Opened interface {
	// Close waits for at most timeout and reports whether everything has ended and is
	// freed. It may be called any number of times.
	Close(timeout time.Duration) bool
	// Closed is closed when, after Close, everything has ended and is freed.
	Closed() <-chan struct{}
}

// Opening opens something in the background. That takes as long as the scan of a
// folder, which is forever if a disk hangs, so it may be abandoned at any time. It is
// safe for concurrent use.
type Opening struct {
	done    chan struct{} // closed when opened or err is set
	closing sync.Once
	closed  chan struct{} // closed when everything is freed, or will be without another call

	mu        sync.Mutex
	opened    Opened
	err       error
	abandoned bool
}

// Start calls open in the background; open may ask whether the opening was abandoned.
// Close must be called.
func Start(open func(abandoned func() bool) (Opened, error)) (*Opening, error) {
	if err := startPoller(); err != nil {
		return nil, err
	}
	o := &Opening{done: make(chan struct{}), closed: make(chan struct{})}
	go o.run(open)
	return o, nil
}

func (o *Opening) run(open func(abandoned func() bool) (Opened, error)) {
	var opened Opened
	err := workpool.Recover(func() (err error) {
		opened, err = open(o.isAbandoned)
		return err
	})
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.abandoned:
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

func (o *Opening) isAbandoned() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.abandoned
}

// Wait returns Done once it is open, or Running after timeout. An error in opening is
// returned by every call until Close.
func (o *Opening) Wait(timeout time.Duration) (workpool.State, error) {
	if !workpool.Within(o.done, timeout) {
		return workpool.Running, nil
	}
	_, err := o.Opened()
	return workpool.Done, err
}

// Opened returns what was opened, or the error in opening it.
func (o *Opening) Opened() (Opened, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.opened == nil && o.err == nil {
		return nil, ErrOpening
	}
	return o.opened, o.err
}

// Close closes what was opened, as its own Close does. If it is still being opened, the
// opening is abandoned: Close does not wait for it, and what is opened later is closed
// at once.
func (o *Opening) Close(timeout time.Duration) bool {
	o.closing.Do(func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.abandoned = true
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

// Table maps handles to openings. The zero value is empty. It is safe for concurrent
// use.
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
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.open[handle] == o { // RemoveAll starts again with the first handle
			delete(t.open, handle)
		}
	}()
	return handle
}

// Remove removes a handle.
func (t *Table) Remove(handle int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, handle)
}

// Find returns the opening of a handle. The error for a closed one is
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

// RemoveAll removes all openings, which the caller must close, and starts again with
// the first handle.
func (t *Table) RemoveAll() []*Opening {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := slices.Collect(maps.Values(t.open))
	clear(t.open)
	t.last = 0
	return all
}
