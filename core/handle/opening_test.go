package handle

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"mixfolder/core/workpool"
)

// opened closes on request.
type opened struct {
	asked  chan struct{} // gets a value when Close is called
	closed chan struct{}
}

func newOpened() *opened { return &opened{make(chan struct{}, 10), make(chan struct{})} }

func (o *opened) Close(timeout time.Duration) bool {
	o.asked <- struct{}{}
	return workpool.Within(o.closed, timeout)
}

func (o *opened) Closed() <-chan struct{} { return o.closed }

func start(t *testing.T, open func(abandoned func() bool) (Opened, error)) *Opening {
	t.Helper()
	o, err := Start(open)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAnOpeningHasWhatItOpened(t *testing.T) {
	want := newOpened()
	o := start(t, func(func() bool) (Opened, error) { return want, nil })
	for range 2 {
		if state, err := o.Wait(10 * time.Second); state != workpool.Done || err != nil {
			t.Fatal(state, err)
		}
	}
	if got, err := o.Opened(); got != want || err != nil {
		t.Fatal(got, err)
	}
	if o.Close(time.Millisecond) {
		t.Error("Close does not wait")
	}
	<-want.asked
	close(want.closed)
	if !o.Close(10*time.Second) || !o.Close(0) {
		t.Error("it does not close")
	}
}

func TestAnOpeningKeepsItsError(t *testing.T) {
	oops := errors.New("oops")
	for _, open := range []func(func() bool) (Opened, error){
		func(func() bool) (Opened, error) { return nil, oops },
		func(func() bool) (Opened, error) { return (*opened)(nil), oops },
		func(func() bool) (Opened, error) { panic(oops) },
	} {
		o := start(t, open)
		for range 2 {
			if _, err := o.Wait(10 * time.Second); err == nil {
				t.Error("no error")
			}
			if _, err := o.Opened(); err == nil {
				t.Error("no error")
			}
		}
		if !o.Close(0) {
			t.Error("there is something to wait for")
		}
	}
}

// TestAbandonedOpeningIsClosedLater closes before it is open: what is opened later is
// closed at once.
func TestAbandonedOpeningIsClosedLater(t *testing.T) {
	before := runtime.NumGoroutine()
	disk, late := make(chan struct{}), newOpened()
	o := start(t, func(abandoned func() bool) (Opened, error) {
		<-disk
		if !abandoned() {
			t.Error("it is not abandoned")
		}
		return late, nil
	})
	if state, err := o.Wait(time.Millisecond); state != workpool.Running || err != nil {
		t.Fatal(state, err)
	}
	if _, err := o.Opened(); !errors.Is(err, ErrOpening) {
		t.Error(err)
	}
	if !o.Close(0) {
		t.Error("Close waits for the disk")
	}
	close(disk)
	select {
	case <-late.asked:
	case <-time.After(10 * time.Second):
		t.Fatal("what was opened is left open")
	}
	if _, err := o.Wait(10 * time.Second); !errors.Is(err, workpool.ErrClosed) {
		t.Error(err)
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; {
		time.Sleep(time.Millisecond)
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}

func TestTable(t *testing.T) {
	var table Table
	first, second := newOpened(), newOpened()
	a := table.Add(start(t, func(func() bool) (Opened, error) { return first, nil }))
	b := table.Add(start(t, func(func() bool) (Opened, error) { return second, nil }))
	for _, h := range []int64{a, b} {
		o, err := table.Find(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Wait(10 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
	o, _ := table.Find(a)
	o.Close(0)
	close(first.closed)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := table.Find(a); errors.Is(err, workpool.ErrClosed) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a closed handle stays in the table")
		}
	}
	table.Remove(b)
	if _, err := table.Find(b); !errors.Is(err, workpool.ErrClosed) {
		t.Error(err)
	}
	for _, never := range []int64{-1, 0, b + 1} {
		if _, err := table.Find(never); err == nil || errors.Is(err, workpool.ErrClosed) {
			t.Error(never, err)
		}
	}
}
