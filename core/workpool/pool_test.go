package workpool

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// workers are numbered; a task gets the number of its worker.
func workers(n int) []int {
	w := make([]int, n)
	for i := range w {
		w[i] = i
	}
	return w
}

func newPool(t *testing.T, n int) *Pool[int] {
	p := New(workers(n))
	t.Cleanup(func() {
		p.Close()
		if !Within(p.Joined(), 10*time.Second) {
			t.Error("the workers did not end")
		}
	})
	return p
}

func start(t *testing.T, p *Pool[int], j *Job[int]) *Job[int] {
	t.Helper()
	if !p.Start(j) {
		t.Fatal("the pool is closed")
	}
	return j
}

func wait(t *testing.T, j *Job[int]) error {
	t.Helper()
	if !Within(j.Done(), 10*time.Second) {
		t.Fatal("the job does not end")
	}
	return j.Err()
}

// hanging is a job that closes begun and then waits for end.
func hanging(begun, end chan struct{}) *Job[int] {
	return &Job[int]{Stages: []Stage[int]{{N: 1, Run: func(int, int) error {
		close(begun)
		<-end
		return nil
	}}}}
}

func TestStagesComeOneAfterTheOther(t *testing.T) {
	p := newPool(t, 4)
	for range 100 {
		var first, second atomic.Int32
		released := 0
		j := start(t, p, &Job[int]{Stages: []Stage[int]{
			{N: 7, Run: func(int, int) error { first.Add(1); return nil }},
			{N: 0, Run: func(int, int) error { t.Error("a task of none"); return nil }},
			{N: 5, Run: func(int, int) error { second.Add(first.Load()); return nil }},
		}, Release: func() { released++ }})
		if err := wait(t, j); err != nil || second.Load() != 35 || released != 1 {
			t.Fatalf("%v, %d, released %d times", err, second.Load(), released)
		}
	}
}

func TestJobsRunInOrderAndUrgentOnesFirst(t *testing.T) {
	p := newPool(t, 1)
	begun, end := make(chan struct{}), make(chan struct{})
	start(t, p, hanging(begun, end))
	<-begun
	var ran []int
	job := func(name int, urgent bool) *Job[int] {
		return start(t, p, &Job[int]{Urgent: urgent, Stages: []Stage[int]{
			{N: 1, Run: func(int, int) error { ran = append(ran, name); return nil }}}})
	}
	jobs := []*Job[int]{job(1, false), job(2, false), job(3, true), job(4, false)}
	close(end)
	for _, j := range jobs {
		if err := wait(t, j); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(ran, []int{3, 1, 2, 4}) {
		t.Error(ran)
	}
}

func TestASlowTaskDoesNotHoldUpOtherJobs(t *testing.T) {
	p := newPool(t, 2)
	begun, end := make(chan struct{}), make(chan struct{})
	slow := start(t, p, hanging(begun, end))
	<-begun
	if err := wait(t, start(t, p, &Job[int]{Stages: []Stage[int]{
		{N: 9, Run: func(int, int) error { return nil }}}})); err != nil {
		t.Error(err)
	}
	close(end)
	wait(t, slow)
}

func TestTheFirstTasksErrorCounts(t *testing.T) {
	p := newPool(t, 8)
	for range 100 {
		errs := []error{nil, nil, errors.New("2"), nil, errors.New("4"), errors.New("5")}
		j := start(t, p, &Job[int]{Stages: []Stage[int]{
			{N: len(errs), Run: func(_, i int) error { return errs[i] }},
			{N: 1, Run: func(int, int) error { t.Error("the next stage runs"); return nil }}}})
		if err := wait(t, j); err != errs[2] {
			t.Fatal(err)
		}
	}
}

func TestAPanicIsTheTasksError(t *testing.T) {
	p := newPool(t, 1)
	for range 3 {
		err := wait(t, start(t, p, &Job[int]{Stages: []Stage[int]{
			{N: 1, Run: func(int, int) error { panic("oops") }}}}))
		if !errors.Is(err, ErrInternal) || !strings.Contains(err.Error(), "oops") ||
			!strings.Contains(err.Error(), "pool_test.go") {
			t.Error(err)
		}
	}
}

func TestACancelledJobEndsWithItsTasks(t *testing.T) {
	p := newPool(t, 1)
	begun, end := make(chan struct{}), make(chan struct{})
	running := start(t, p, hanging(begun, end))
	queued := start(t, p, &Job[int]{Stages: []Stage[int]{
		{N: 1, Run: func(int, int) error { t.Error("it runs"); return nil }}}})
	<-begun
	p.Cancel(queued)
	p.Cancel(running)
	if !Within(queued.Done(), 0) || Within(running.Done(), time.Millisecond) ||
		!running.Cancelled() {
		t.Error("the queued job is to end at once, the other with its task")
	}
	close(end)
	if err := wait(t, running); err != nil {
		t.Error(err)
	}
	p.Cancel(running) // has no effect
}

func TestCloseCancelsAllJobs(t *testing.T) {
	p := New(workers(1))
	begun, end := make(chan struct{}), make(chan struct{})
	running := start(t, p, hanging(begun, end))
	<-begun
	queued := start(t, p, &Job[int]{Stages: []Stage[int]{{N: 1}}})
	p.Close()
	p.Close()
	if !Within(queued.Done(), 0) || !queued.Cancelled() || Within(p.Joined(), time.Millisecond) {
		t.Error("the queued job is to end at once, the workers later")
	}
	close(end)
	wait(t, running)
	if !Within(p.Joined(), 10*time.Second) || p.Start(&Job[int]{}) {
		t.Error("the pool is still open")
	}
}

// TestEverythingAtOnce starts and ends jobs in all ways, for the race detector.
func TestEverythingAtOnce(t *testing.T) {
	for round := range uint64(20) {
		p := New(workers(4))
		var users sync.WaitGroup
		for user := range uint64(6) {
			users.Go(func() {
				r := rand.New(rand.NewPCG(round, user))
				for {
					buffer, released := make([]int, 8), false
					j := &Job[int]{Urgent: r.IntN(4) == 0, Release: func() { released = true },
						Stages: []Stage[int]{
							{N: r.IntN(9), Run: func(_, i int) error {
								if buffer[i%8]++; i == 7 {
									return errors.New("bad")
								}
								return nil
							}}, {N: 1, Run: func(int, int) error { buffer[0]++; return nil }}}}
					if !p.Start(j) {
						return
					}
					if r.IntN(2) == 0 {
						p.Cancel(j)
					}
					<-j.Done()
					clear(buffer) // a task that still writes would be a race
					if !released {
						t.Error("not released")
					}
				}
			})
		}
		time.Sleep(2 * time.Millisecond)
		p.Close()
		users.Wait()
		if !Within(p.Joined(), 10*time.Second) {
			t.Fatal("the workers did not end")
		}
	}
}

// TestStagesAheadComeFirst: those of later jobs before the tasks of earlier ones. Such a
// stage may tell how many tasks the next one has.
func TestStagesAheadComeFirst(t *testing.T) {
	p := newPool(t, 1)
	begun, end := make(chan struct{}), make(chan struct{})
	start(t, p, hanging(begun, end))
	<-begun
	var ran []string
	job := func(name string) *Job[int] {
		j := &Job[int]{}
		j.Stages = []Stage[int]{{N: 1, Ahead: true, Run: func(int, int) error {
			ran = append(ran, "plan "+name)
			j.Stages[1].N = 2
			return nil
		}}, {Run: func(int, int) error { ran = append(ran, name); return nil }}}
		return start(t, p, j)
	}
	jobs := []*Job[int]{job("a"), job("b")}
	close(end)
	for _, j := range jobs {
		if err := wait(t, j); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(ran, []string{"plan a", "plan b", "a", "a", "b", "b"}) {
		t.Error(ran)
	}
}
