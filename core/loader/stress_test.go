//go:build unix

package loader

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"mixfolder/core/workpool"
)

// TestEverythingAtOnce submits, waits, cancels, explains and closes at the same time,
// while files come and go, memory is scarce and bad files are skipped. The race
// detector checks it; and nobody may wait for ever.
func TestEverythingAtOnce(t *testing.T) {
	root := flowers(t, 9)
	o := options(4)
	o.OnError, o.Cache, o.Pairing = "skip", "memory", "dataset"
	deadline := time.Now().Add(1200 * time.Millisecond)
	for round := uint64(0); time.Now().Before(deadline); round++ {
		l := open(t, root, o)
		limitMemory(l, 2)
		var users sync.WaitGroup
		for user := range uint64(8) {
			users.Go(func() { useUntilClosed(t, l, rand.New(rand.NewPCG(round, user))) })
		}
		users.Go(func() { comeAndGo(t, filepath.Join(root, "rose", "c.png"), 10) })
		time.Sleep(time.Duration(1+round%7) * time.Millisecond)
		for range 3 { // closers
			users.Go(func() {
				for start := time.Now(); !l.Close(time.Millisecond); {
					if time.Since(start) > 20*time.Second {
						t.Error("close does not end")
						return
					}
				}
			})
		}
		users.Wait()
		if s := l.Stats(); s.InFlight != 0 || s.CacheBytes != 0 {
			t.Fatalf("left behind: %+v", s)
		}
	}
}

// useUntilClosed requests batches, sheets and explanations, and ends them in one of the
// ways.
func useUntilClosed(t *testing.T, l *Loader, r *rand.Rand) {
	nx, ny := l.BatchBytes(0, 0)
	for {
		x, y := make([]byte, nx), make([]byte, ny)
		var ticket workpool.Ticket
		var err error
		switch r.IntN(6) {
		case 0:
			ticket, err = l.Preview(0, 0)
		case 1:
			ticket, err = l.Explain(r.Uint64(), 0)
			l.BadFiles()
		default:
			ticket, err = l.Submit(r.Uint64N(4), 0, x, y)
		}
		if errors.Is(err, workpool.ErrClosed) {
			return
		}
		if err != nil {
			t.Error(err)
			return
		}
		ask := l.Wait
		if r.IntN(2) == 1 {
			ask = l.Cancel
		}
		for state := workpool.Running; state == workpool.Running && err == nil; {
			state, err = ask(ticket, time.Millisecond)
		}
		if err != nil && !errors.Is(err, workpool.ErrClosed) {
			t.Error(err)
		}
		l.Result(ticket) // perhaps released already
		if state, err := l.Cancel(ticket, 0); state != workpool.Cancelled || err != nil {
			t.Error(state, err)
		}
		clear(x) // the race detector sees a worker that still writes
		clear(y)
	}
}

// comeAndGo removes and restores a file, a few times.
func comeAndGo(t *testing.T, path string, times int) {
	for range times {
		if err := os.Rename(path, path+".away"); err != nil {
			t.Error(err)
			return
		}
		time.Sleep(200 * time.Microsecond)
		if err := os.Rename(path+".away", path); err != nil {
			t.Error(err)
			return
		}
		time.Sleep(200 * time.Microsecond)
	}
}
