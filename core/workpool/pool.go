// Package workpool runs jobs on a fixed number of workers. A requested job is
// identified by a ticket that its caller polls, cancels and releases. The package does
// not know what the jobs do.
package workpool

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
)

// ErrInternal wraps a panic of a task, which is a bug.
var ErrInternal = errors.New("workpool: internal error, please report it")

// Stage is a part of a job: N tasks that may run in parallel, each on a worker of its
// own.
type Stage[W any] struct {
	N   int // a task of an earlier stage may still set it
	Run func(w W, i int) error
	// Ahead: the tasks run before all others, also those of jobs that were started
	// earlier.
	Ahead bool

	started, finished int
}

// Job is a list of stages, each of which starts when the one before it is finished. It
// belongs to the pool from Start until Done is closed.
type Job[W any] struct {
	Stages  []Stage[W]
	Release func() // called once, if set, when no worker will touch the job again
	Urgent  bool   // a short job that runs before the others

	done      chan struct{}
	cancelled atomic.Bool // set under the pool's lock

	// Guarded by the pool's lock until done is closed, and read-only afterwards.
	stage   int // the one that runs
	running int // tasks
	err     error
	errTask int
}

// Done is closed when no worker will touch the job again.
func (j *Job[W]) Done() <-chan struct{} { return j.done }

// Err returns the error of the first task that failed, in the order of the tasks. It
// may be called once Done is closed.
func (j *Job[W]) Err() error { return j.err }

// Cancelled reports whether the result is no longer needed. A task that may take long
// checks it, and ends with any error.
func (j *Job[W]) Cancelled() bool { return j.cancelled.Load() }

// stopped reports whether no more tasks are to be started.
func (j *Job[W]) stopped() bool {
	return j.err != nil || j.cancelled.Load() || j.stage == len(j.Stages)
}

// Pool runs jobs in the order in which they were started, task by task. A slow task
// does not block the other workers, which move on to the next job. A Pool is safe for
// concurrent use.
type Pool[W any] struct {
	mu      sync.Mutex
	changed sync.Cond
	queue   []*Job[W]
	closed  bool
	workers sync.WaitGroup
	joined  chan struct{}
}

// New starts a goroutine for each worker. Close must be called.
func New[W any](workers []W) *Pool[W] {
	keepIdle(len(workers))
	p := &Pool[W]{joined: make(chan struct{})}
	p.changed.L = &p.mu
	for _, w := range workers {
		p.workers.Go(func() { p.work(w) })
	}
	go func() {
		p.workers.Wait()
		close(p.joined)
	}()
	return p
}

// Start queues a job. It returns false if the pool is closed.
func (p *Pool[W]) Start(j *Job[W]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	j.done = make(chan struct{})
	if j.Urgent {
		p.queue = slices.Insert(p.queue, 0, j)
	} else {
		p.queue = append(p.queue, j)
	}
	p.changed.Broadcast()
	return true
}

// Cancel stops a job that was started, without waiting for its running tasks.
func (p *Pool[W]) Cancel(j *Job[W]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.queue, j) {
		j.cancelled.Store(true)
		p.finish(j)
	}
}

// Close cancels all jobs and lets the workers end.
func (p *Pool[W]) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, j := range slices.Clone(p.queue) {
		j.cancelled.Store(true)
		p.finish(j)
	}
	p.changed.Broadcast()
}

// Joined is closed when all workers have ended.
func (p *Pool[W]) Joined() <-chan struct{} { return p.joined }

func (p *Pool[W]) work(w W) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		j, s, i := p.next()
		if j == nil {
			if p.closed {
				return
			}
			p.changed.Wait()
			continue
		}
		p.mu.Unlock()
		err := Recover(func() error { return s.Run(w, i) })
		p.mu.Lock()
		p.taskDone(j, s, i, err)
	}
}

// next starts the next task: that of the first job that has any.
func (p *Pool[W]) next() (*Job[W], *Stage[W], int) {
	for _, ahead := range [...]bool{true, false} {
		for _, j := range p.queue {
			if j.stopped() {
				continue
			}
			if s := &j.Stages[j.stage]; s.Ahead == ahead && s.started < s.N {
				s.started++
				j.running++
				return j, s, s.started - 1
			}
		}
	}
	return nil, nil, 0
}

// taskDone records the end of a task. Of several errors, that of the first task is
// kept: tasks start in order, so it does not depend on the number of threads.
func (p *Pool[W]) taskDone(j *Job[W], s *Stage[W], i int, err error) {
	j.running--
	s.finished++
	if err != nil && !j.cancelled.Load() && (j.err == nil || i < j.errTask) {
		j.err, j.errTask = err, i
	}
	for j.stage < len(j.Stages) && j.Stages[j.stage].finished == j.Stages[j.stage].N {
		j.stage++
		p.changed.Broadcast()
	}
	p.finish(j)
}

// finish removes a job that is stopped and of which no task runs.
func (p *Pool[W]) finish(j *Job[W]) {
	at := slices.Index(p.queue, j)
	if at < 0 || !j.stopped() || j.running > 0 {
		return
	}
	p.queue = slices.Delete(p.queue, at, at+1)
	if j.Release != nil {
		j.Release()
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
