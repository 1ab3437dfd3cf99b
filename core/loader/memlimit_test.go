package loader

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"mixfolder/core/pipeline"
	"mixfolder/core/workpool"
)

// limitMemory makes every image a large one: two of the test's fit at a time, and one
// that needs more than all waits for all.
func limitMemory(l *Loader, size int64) {
	l.config.Limiter = pipeline.NewMemLimiter(1, size)
}

func TestImagesTakeTurnsIfMemoryIsScarce(t *testing.T) {
	root := flowers(t, 7)
	free := open(t, root, options(4))
	for _, size := range []int64{2, 12000, 1 << 30} {
		scarce := open(t, root, options(4))
		limitMemory(scarce, size)
		var users sync.WaitGroup
		for n := range scarce.Batches(0) {
			users.Go(func() {
				x, y, err := batch(t, scarce, 0, n)
				wantX, wantY, wantErr := batch(t, free, 0, n)
				if err != nil || wantErr != nil || !bytes.Equal(x, wantX) || !bytes.Equal(y,
					wantY) {
					t.Errorf("limit %d: batch %d is another (%v, %v)", size, n, err, wantErr)
				}
			})
		}
		users.Wait()
		released := make(chan struct{})
		go func() {
			scarce.config.Limiter.Acquire(size)
			close(released)
		}()
		if !workpool.Within(released, patience) {
			t.Errorf("limit %d: not all is released", size)
		}
	}
}

// TestNobodyWaitsForMemoryAfterClose holds all memory, so that the workers wait.
func TestNobodyWaitsForMemoryAfterClose(t *testing.T) {
	l := open(t, flowers(t, 4), options(3))
	limitMemory(l, 2)
	if n, err := l.config.Limiter.Acquire(2); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	nx, ny := l.BatchBytes(0, 0)
	ticket, err := l.Submit(0, 0, make([]byte, nx), make([]byte, ny))
	if err != nil {
		t.Fatal(err)
	}
	for l.Stats().ReadSeconds == 0 { // until a worker has a file, for which it waits
		if state, err := l.Wait(ticket, time.Millisecond); state != workpool.Running || err != nil {
			t.Fatalf("state %v, %v", state, err)
		}
	}
	if state, _ := l.Cancel(ticket, time.Millisecond); state != workpool.Running {
		t.Fatalf("state %v", state)
	}
	if !l.Close(patience) {
		t.Fatal("a worker still waits")
	}
	if state, err := l.Cancel(ticket, time.Second); state != workpool.Cancelled || err != nil {
		t.Errorf("state %v, %v", state, err)
	}
}
