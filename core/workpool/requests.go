package workpool

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrClosed is the error for a request after Close.
	ErrClosed = errors.New("workpool: it is closed: open the folder again for more batches")
	// ErrTicket is wrapped by the error for a ticket that does not exist or was
	// released.
	ErrTicket = errors.New("workpool: unknown ticket")

	errReleased = fmt.Errorf("%w: it was released already", ErrTicket)
)

// State is the state of a request. The numbers are part of the C ABI.
type State int32

// States of a request.
const (
	Running   State = 0
	Done      State = 1
	Cancelled State = 2
)

// Ticket identifies a request.
type Ticket int64

// Request is a job with a result besides the buffers that it fills.
type Request[W any] struct {
	Job[W]
	Output []byte // set by the last stage

	counted sync.Once // as failed
}

// Requests runs requests on workers. It is safe for concurrent use.
type Requests[W any] struct {
	pool   *Pool[W]
	failed atomic.Int64

	mu      sync.Mutex
	pending map[Ticket]*Request[W] // that are not released
	last    Ticket
}

// NewRequests starts the workers. Close must be called.
func NewRequests[W any](workers []W) *Requests[W] {
	return &Requests[W]{pool: New(workers), pending: map[Ticket]*Request[W]{}}
}

// Start queues a request and returns its ticket, which Cancel releases.
func (r *Requests[W]) Start(q *Request[W]) (Ticket, error) {
	if !r.pool.Start(&q.Job) {
		return 0, ErrClosed
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	r.pending[r.last] = q
	return r.last, nil
}

func (r *Requests[W]) find(t Ticket) (*Request[W], error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch q := r.pending[t]; {
	case q != nil:
		return q, nil
	case t > 0 && t <= r.last:
		return nil, errReleased
	}
	return nil, ErrTicket
}

// Result returns the output of a request that is done.
func (r *Requests[W]) Result(t Ticket) ([]byte, error) {
	q, err := r.find(t)
	if err != nil {
		return nil, err
	}
	if !Within(q.done, 0) {
		return nil, fmt.Errorf("%w: it still runs, so there is no result yet", ErrTicket)
	}
	return q.Output, q.err
}

// Wait returns the state of a request, after at most timeout. When it is Done,
// Cancelled or failed, its buffers are free. Further calls return the same answer until
// Cancel releases the ticket, because a signal may make the caller lose an answer.
func (r *Requests[W]) Wait(t Ticket, timeout time.Duration) (State, error) {
	q, err := r.find(t)
	switch {
	case err != nil:
		return 0, err
	case !Within(q.done, timeout):
		return Running, nil
	case q.err != nil:
		q.counted.Do(func() { r.failed.Add(1) })
		return 0, q.err
	case q.Cancelled():
		return Cancelled, nil
	}
	return Done, nil
}

// Cancel releases a ticket: its request is stopped if it still runs, then removed.
// Running means that a worker still uses the buffers: call it again. A released ticket
// is Cancelled, so Cancel may be called any number of times.
func (r *Requests[W]) Cancel(t Ticket, timeout time.Duration) (State, error) {
	q, err := r.find(t)
	switch {
	case err == errReleased:
		return Cancelled, nil
	case err != nil:
		return 0, err
	}
	r.pool.Cancel(&q.Job)
	if !Within(q.done, timeout) {
		return Running, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.pending, t)
	return Cancelled, nil
}

// Pending is the number of requests that are not released.
func (r *Requests[W]) Pending() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.pending)
}

// Failed is the number of requests for which Wait returned an error.
func (r *Requests[W]) Failed() int64 { return r.failed.Load() }

// Close cancels all requests and lets the workers end; Start fails from now on.
func (r *Requests[W]) Close() { r.pool.Close() }

// Joined is closed when all workers have ended.
func (r *Requests[W]) Joined() <-chan struct{} { return r.pool.Joined() }

// Within waits for at most timeout and reports whether c is closed.
func Within(c <-chan struct{}, timeout time.Duration) bool {
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
