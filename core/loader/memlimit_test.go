package loader

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/semaphore"

	"mixfolder/core/workpool"
)

// tinyRoom makes every image a large one: two of the test's fit at a time, and one that
// needs more than all waits for all.
func tinyRoom(l *Loader, size int64) {
	l.config.memLimit.quota, l.config.memLimit.shared = 1, &sharedLimit{size,
		semaphore.NewWeighted(size)}
}

func TestImagesTakeTurnsWhereRoomIsScarce(t *testing.T) {
	root := flowers(t, 7)
	free := open(t, root, options(4))
	for _, size := range []int64{2, 12000, 1 << 30} {
		scarce := open(t, root, options(4))
		tinyRoom(scarce, size)
		var users sync.WaitGroup
		for n := range scarce.Batches() {
			users.Go(func() {
				x, y, err := batch(t, scarce, 0, n)
				wantX, wantY, wantErr := batch(t, free, 0, n)
				if err != nil || wantErr != nil || !bytes.Equal(x, wantX) || !bytes.Equal(y,
					wantY) {
					t.Errorf("room %d: batch %d is another (%v, %v)", size, n, err, wantErr)
				}
			})
		}
		users.Wait()
		if !scarce.config.memLimit.shared.free.TryAcquire(size) {
			t.Errorf("room %d: not all is given back", size)
		}
	}
}

// TestNobodyWaitsForRoomAfterClose holds all room, so that the workers wait.
func TestNobodyWaitsForRoomAfterClose(t *testing.T) {
	l := open(t, flowers(t, 4), options(3))
	tinyRoom(l, 2)
	l.config.memLimit.shared.free.TryAcquire(2)
	nx, ny := l.BatchBytes(0)
	ticket, err := l.Submit(0, 0, make([]byte, nx), make([]byte, ny))
	if err != nil {
		t.Fatal(err)
	}
	if state, err := l.Wait(ticket, 20*time.Millisecond); state != workpool.Running || err != nil {
		t.Fatalf("state %v, %v", state, err)
	}
	if state, _ := l.Cancel(ticket, time.Millisecond); state != workpool.Running {
		t.Fatalf("state %v", state)
	}
	if !l.Close(10 * time.Second) {
		t.Fatal("a worker still waits")
	}
	if state, err := l.Cancel(ticket, time.Second); state != workpool.Cancelled || err != nil {
		t.Errorf("state %v, %v", state, err)
	}
}

func TestRoom(t *testing.T) {
	r := newMemLimiter(4, nil)
	if r.quota*4 > r.shared.size || r.shared.size > memory()/8 {
		t.Fatalf("%+v", r)
	}
	if n, err := r.acquire(r.quota); n != 0 || err != nil {
		t.Errorf("a share is counted: %d, %v", n, err)
	}
	all, err := r.acquire(100 * r.shared.size)
	if all != r.shared.size || err != nil {
		t.Errorf("a huge one gets %d, %v", all, err)
	}
	other := newMemLimiter(4, &r)
	if other.shared.free.TryAcquire(1) {
		t.Error("two loaders of a folder have room of their own")
	}
	other.close(workpool.ErrClosed)
	if _, err := other.acquire(r.quota + 1); !errors.Is(err, workpool.ErrClosed) {
		t.Errorf("waiting ends with %v", err)
	}
	if r.open.Err() != nil {
		t.Error("the other is closed as well")
	}
	r.release(all)
	n, err := r.acquire(r.quota + 1)
	if n != r.quota+1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if n, err = r.exchange(n, r.shared.size); n != r.shared.size || err != nil {
		t.Errorf("all in the place of a part: %d, %v", n, err)
	}
	r.release(n)
	r.close(workpool.ErrClosed)
}
