package loader

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// stage is one step of a job: n pieces of work that may run at the same time, each on a
// worker of its own.
type stage struct {
	n   int
	run func(w *worker, i int) error

	taken, finished int
}

// job is a list of stages. A stage starts when the one before it is finished. All
// fields but done and cancelled are guarded by the pool's lock while the job is in the
// pool, and read-only once done is closed.
type job struct {
	stages  []stage
	release func() // called once when no worker will touch the job again
	urgent  bool   // short: it comes before the others
	done    chan struct{}
	// cancelled is set under the lock. A piece of work that may be long looks at it,
	// and ends with any error.
	cancelled atomic.Bool

	at      int // the stage that runs
	running int
	err     error
	errAt   int
}

var errCancelled = errors.New("loader: cancelled")

// stopped tells that nothing more of the job is to be started.
func (j *job) stopped() bool { return j.err != nil || j.cancelled.Load() || j.at == len(j.stages) }

// pool runs jobs, the pieces of an earlier one before those of a later one: a slow
// image does not hold up the other workers, who go on with the next job. A pool is safe
// for concurrent use.
type pool struct {
	mu     sync.Mutex
	more   sync.Cond
	queue  []*job
	closed bool
	group  errgroup.Group
	joined chan struct{}
}

// newPool starts the workers, and beside them helper, which must end when the pool is
// closed.
func newPool(threads int, s *pipelineConfig, helper func() error) *pool {
	p := &pool{joined: make(chan struct{})}
	p.more.L = &p.mu
	for range threads {
		w := newWorker(s)
		p.group.Go(func() error { p.work(w); return nil })
	}
	p.group.Go(func() error { return Recover(helper) })
	go func() {
		p.group.Wait()
		close(p.joined)
	}()
	return p
}

// start queues a job.
func (p *pool) start(j *job) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	j.done = make(chan struct{})
	if j.urgent {
		p.queue = slices.Insert(p.queue, 0, j)
	} else {
		p.queue = append(p.queue, j)
	}
	p.more.Broadcast()
	return nil
}

// cancel stops a job. Its done channel is closed when no worker touches its buffers any
// more.
func (p *pool) cancel(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.queue, j) {
		j.cancelled.Store(true)
		p.settle(j)
	}
}

// close cancels all jobs, and lets the workers end: joined is closed then.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, j := range slices.Clone(p.queue) {
		j.cancelled.Store(true)
		p.settle(j)
	}
	p.more.Broadcast()
}

func (p *pool) work(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		j, s, i := p.take()
		if j == nil {
			if p.closed {
				return
			}
			p.more.Wait()
			continue
		}
		p.mu.Unlock()
		w.job = j
		err := Recover(func() error { return s.run(w, i) })
		p.mu.Lock()
		p.finish(j, s, i, err)
	}
}

// take finds the next piece of work: the first job's that has any.
func (p *pool) take() (*job, *stage, int) {
	for _, j := range p.queue {
		if j.stopped() {
			continue
		}
		if s := &j.stages[j.at]; s.taken < s.n {
			s.taken++
			j.running++
			return j, s, s.taken - 1
		}
	}
	return nil, nil, 0
}

// finish books one piece. Of several errors the one of the lowest piece stays: pieces
// are taken in order, so it does not depend on the number of threads.
func (p *pool) finish(j *job, s *stage, i int, err error) {
	j.running--
	s.finished++
	if err != nil && !j.cancelled.Load() && (j.err == nil || i < j.errAt) {
		j.err, j.errAt = err, i
	}
	for j.at < len(j.stages) && j.stages[j.at].finished == j.stages[j.at].n {
		j.at++
		p.more.Broadcast()
	}
	p.settle(j)
}

// settle ends a job that is stopped and that no worker holds.
func (p *pool) settle(j *job) {
	at := slices.Index(p.queue, j)
	if at < 0 || !j.stopped() || j.running > 0 {
		return
	}
	p.queue = slices.Delete(p.queue, at, at+1)
	if j.release != nil {
		j.release()
	}
	close(j.done)
}

// Recover turns a panic of f into an error that wraps ErrInternal.
func Recover(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrInternal, r, debug.Stack())
		}
	}()
	return f()
}
