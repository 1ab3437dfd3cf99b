// Package loader runs the steps of an image's way: it opens a folder, takes orders for
// batches, and fills the caller's buffers with a pool of workers.
package loader

import (
	"errors"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"mixfolder/core/dataset"
	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
	"mixfolder/core/source"
)

var (
	// ErrClosed is the answer of a loader after Close.
	ErrClosed = errors.New("loader: it is closed: open the folder again for more batches")
	// ErrInternal wraps a panic of this package or of what it calls. It is a bug.
	ErrInternal = errors.New("loader: internal error, please report it")
	// ErrTicket is wrapped by the answer to a ticket that was never given or is already
	// released.
	ErrTicket = errors.New("loader: unknown ticket")

	errReleased = fmt.Errorf("%w: it was released already", ErrTicket)
)

// State is how a ticket stands.
type State int32

// States of a ticket.
const (
	Running   State = 0
	Done      State = 1
	Cancelled State = 2
)

// Ticket names a batch, a contact sheet or a part of a survey in the making.
type Ticket int64

// Loader fills batches from one subset of one folder. It is safe for concurrent use.
type Loader struct {
	listing   *dataset.Dataset
	labels    label.Table
	subset    string
	members   []int32  // this subset's files, as indices in the listing, ascending
	warnings  []string // sentences for the user about the scan and the split
	planner   *plan.Planner
	config    pipelineConfig
	mixer     *mix.Mixer
	threads   int
	pool      *pool
	stats     stats
	cache     cache
	bad       badFiles
	readahead readahead

	closing sync.Once
	closed  chan struct{} // closed when the workers have ended and all is freed

	mu      sync.Mutex
	tickets map[Ticket]*request
	last    Ticket
	scratch [][]byte // pixels between decoding and mixing, for reuse
}

// order is a job with what it gives back besides the buffers that it fills.
type request struct {
	job
	result []byte
	failed sync.Once // to count it
}

// Open scans src, or takes over the data set of another loader of the same folder, and
// starts the workers. classNames, if not empty, chooses the classes and their order.
// Close must be called.
func Open(src source.Source, classNames []string, o Options, like *Loader) (*Loader, error) {
	if o.Inspect {
		return openInspection(src, classNames, o)
	}
	listing, err := listingOf(src, classNames, o, like)
	if err != nil {
		return nil, err
	}
	return newLoader(listing, o, like)
}

// OpenDataset is Open for a data set that is known already.
func OpenDataset(listing *dataset.Dataset, o Options) (*Loader, error) {
	return newLoader(listing, o, nil)
}

func newLoader(listing *dataset.Dataset, o Options, like *Loader) (*Loader, error) {
	if listing.Flat && o.Subset == "" && o.ValidationSplit == nil {
		o.Subset = validation // a test set
	}
	l := emptyLoader(listing, o)
	var err error
	if l.config, err = o.pipelineConfig(&l.labels); err != nil {
		return nil, err
	}
	var split []string
	if l.members, split, err = o.members(listing); err != nil {
		return nil, err
	}
	if like == nil { // or the other has told them
		l.warnings = append(append(l.warnings, listing.Warnings...), split...)
	}
	if l.planner, err = plan.New(l.config.plan, l.members); err != nil {
		return nil, err
	}
	if l.mixer, err = mix.NewMixer(l.config.format); err != nil {
		return nil, err
	}
	b, err := o.budget()
	if err != nil {
		return nil, err
	}
	if b != nil && like != nil && like.cache.budget != nil {
		b = like.cache.budget
	}
	l.cache = newCache(len(listing.Names), b)
	l.start(like)
	return l, nil
}

func emptyLoader(listing *dataset.Dataset, o Options) *Loader {
	labels := label.Table{Classes: listing.Classes, Index: listing.Labels}
	return &Loader{listing: listing, labels: labels, subset: o.Subset, threads: o.threads(), warnings: []string{},
		tickets: map[Ticket]*request{}, closed: make(chan struct{})}
}

// start brings the workers to life.
func (l *Loader) start(like *Loader) {
	l.config.source = l.listing.Source
	l.bad = l.newFaults(l.config.skip)
	l.config.memLimit = newMemLimiter(l.threads, like.memLimiter())
	l.readahead = newReadahead()
	keepIdle(l.threads)
	l.pool = newPool(l.threads, &l.config, func() error { return l.readahead.run(l) })
}

// room is nil for no loader.
func (l *Loader) memLimiter() *memLimiter {
	if l == nil {
		return nil
	}
	return &l.config.memLimit
}

func listingOf(src source.Source, classNames []string, o Options, like *Loader) (*dataset.Dataset,
	error) {
	if like != nil {
		return like.listing, nil
	}
	return dataset.Scan(src, dataset.Options{Classes: classNames, Flat: o.LabelMode == "",
		FollowLinks: o.FollowLinks, Stopped: o.GivenUp})
}

// Batches is the number of batches in an epoch; 0 for a survey.
func (l *Loader) Batches() int {
	if l.planner == nil {
		return 0
	}
	return l.planner.Batches()
}

// Submit starts to fill x and y with a batch and returns at once. The buffers are the
// caller's, aligned for 4-byte values; they must stay until Wait or Cancel says that
// the ticket no longer runs, and nobody else may touch them before. y is empty where
// label_mode is None.
func (l *Loader) Submit(epoch uint64, number int, x, y []byte) (Ticket, error) {
	if err := l.checkNumber(number); err != nil {
		return 0, err
	}
	wantX, wantY := l.BatchBytes(number)
	if err := checkBuffer("x", x, wantX); err != nil {
		return 0, err
	}
	if err := checkBuffer("y", y, wantY); err != nil {
		return 0, err
	}
	o, err := l.fill(l.planner.Batch(epoch, number), l.mixer, l.config.unmixed, x, y)
	if err != nil {
		return 0, err
	}
	return l.enqueue(o)
}

func (l *Loader) checkNumber(number int) error {
	if number < 0 || number >= l.Batches() {
		return fmt.Errorf("loader: there is no batch %d: an epoch has %d, counted from 0", number,
			l.Batches())
	}
	return nil
}

func checkBuffer(name string, b []byte, want int) error {
	if len(b) != want {
		return fmt.Errorf("loader: buffer %s has %d bytes, but the batch takes %d", name, len(b),
			want)
	}
	if len(b) > 0 && uintptr(unsafe.Pointer(&b[0]))%4 != 0 {
		return fmt.Errorf("loader: buffer %s must be aligned for 4-byte values", name)
	}
	return nil
}

// give starts an order and names it.
func (l *Loader) enqueue(o *request) (Ticket, error) {
	if err := l.pool.start(&o.job); err != nil {
		return 0, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.tickets[l.last] = o
	return l.last, nil
}

func (l *Loader) request(t Ticket) (*request, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch o := l.tickets[t]; {
	case o != nil:
		return o, nil
	case t > 0 && t <= l.last:
		return nil, errReleased
	}
	return nil, ErrTicket
}

// Result gives what the job of a ticket that is done has made besides filling buffers.
func (l *Loader) Result(t Ticket) ([]byte, error) {
	o, err := l.request(t)
	if err != nil {
		return nil, err
	}
	if !within(o.done, 0) {
		return nil, fmt.Errorf("%w: it still runs, so there is no result yet", ErrTicket)
	}
	return o.result, o.err
}

// Wait tells how a ticket stands after at most timeout. When it is Done, Cancelled or
// failed, its buffers are free. The answer stays the same, however often it is asked
// for, until Cancel releases the ticket: an answer may be lost on its way.
func (l *Loader) Wait(t Ticket, timeout time.Duration) (State, error) {
	o, err := l.request(t)
	switch {
	case err != nil:
		return 0, err
	case !within(o.done, timeout):
		return Running, nil
	case o.err != nil:
		o.failed.Do(func() { l.stats.failed.Add(1) })
		return 0, o.err
	case o.cancelled.Load():
		return Cancelled, nil
	}
	return Done, nil
}

// Cancel releases a ticket: its job is stopped if it still runs, and then the ticket
// and its result are forgotten. Running means that a worker still touches the buffers:
// ask again. A ticket that is released already is Cancelled, so it may be called any
// number of times.
func (l *Loader) Cancel(t Ticket, timeout time.Duration) (State, error) {
	o, err := l.request(t)
	switch {
	case err == errReleased:
		return Cancelled, nil
	case err != nil:
		return 0, err
	}
	l.pool.cancel(&o.job)
	if !within(o.done, timeout) {
		return Running, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tickets, t)
	return Cancelled, nil
}

// Close cancels all tickets and ends the workers; false means that some still run after
// timeout: ask again, or leave it, as what the loader holds is freed without being
// asked when they have ended. A closed loader answers ErrClosed to new orders. Close
// may be called any number of times.
func (l *Loader) Close(timeout time.Duration) bool {
	l.closing.Do(func() {
		l.readahead.close()
		l.config.memLimit.close()
		l.pool.close()
		go func() {
			<-l.pool.joined
			l.cache.free()
			close(l.closed)
		}()
	})
	return within(l.closed, timeout)
}

// within tells whether c is closed, after timeout at most.
func within(c <-chan struct{}, timeout time.Duration) bool {
	select {
	case <-c:
		return true
	default:
	}
	if timeout <= 0 {
		return false
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-c:
		return true
	case <-timer.C:
		return false
	}
}
