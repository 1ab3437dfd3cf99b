//go:build unix

package loader

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mixfolder/core/badfile"
	"mixfolder/core/mix"
	"mixfolder/core/workpool"
)

func TestThreadsDoNotMatter(t *testing.T) {
	root := flowers(t, 7)
	one, many := open(t, root, options(1)), open(t, root, options(8))
	for epoch := range uint64(2) {
		for n := range one.Batches(0) {
			x1, y1, err1 := batch(t, one, epoch, n)
			x2, y2, err2 := batch(t, many, epoch, n)
			if err1 != nil || err2 != nil || !bytes.Equal(x1, x2) || !bytes.Equal(y1, y2) {
				t.Fatalf("epoch %d, batch %d differ (%v, %v)", epoch, n, err1, err2)
			}
		}
	}
}

func TestTheFirstBadFileIsNamed(t *testing.T) {
	root := flowers(t, 4)
	for _, name := range []string{"b.png", "c.png", "d.png"} {
		if err := os.WriteFile(filepath.Join(root, "tulip", name), []byte("\x89PNG\r\n\x1a\n"),
			0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := options(8)
	o.Mix, o.Shuffle = nil, false
	l := open(t, root, o)
	for range 20 {
		_, _, err := batch(t, l, 0, 1)
		var bad *badfile.Error
		if !errors.As(err, &bad) || bad.Index != 5 || bad.Class != "tulip" ||
			!strings.HasSuffix(bad.Path, "tulip/b.png") {
			t.Fatalf("got %v", err)
		}
	}
	if _, _, err := batch(t, l, 0, 0); err != nil {
		t.Errorf("the other batch fails too: %v", err)
	}
	if s := l.Stats(); s.Failed != 20 || s.InFlight != 0 {
		t.Errorf("stats %+v", s)
	}
}

// TestCancelAndCloseWhileWorking submits, waits and cancels at the same time, for the
// race detector.
func TestCancelAndCloseWhileWorking(t *testing.T) {
	root := flowers(t, 9)
	for range 10 {
		l := open(t, root, options(4))
		var users sync.WaitGroup
		for user := range 6 {
			users.Go(func() {
				for n := 0; ; n++ {
					nx, ny := l.BatchBytes(uint64(user), n%l.Batches(0))
					x, y := make([]byte, nx), make([]byte, ny)
					ticket, err := l.Submit(uint64(user), n%l.Batches(0), x, y)
					if errors.Is(err, workpool.ErrClosed) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					finish(t, l, ticket, user%2 == 0)
					clear(x) // the race detector sees a worker that still writes
				}
			})
		}
		time.Sleep(5 * time.Millisecond)
		for !l.Close(time.Millisecond) {
		}
		users.Wait()
		if s := l.Stats(); s.InFlight != 0 {
			t.Fatalf("%d tickets are left", s.InFlight)
		}
	}
}

// finish waits for a ticket or cancels it, and releases it.
func finish(t *testing.T, l *Loader, ticket workpool.Ticket, cancel bool) {
	ask := l.Wait
	if cancel {
		ask = l.Cancel
	}
	for {
		state, err := ask(ticket, time.Millisecond)
		if err != nil {
			t.Error(err)
			return
		}
		if state != workpool.Running {
			break
		}
	}
	if state, err := l.Cancel(ticket, 0); state != workpool.Cancelled || err != nil {
		t.Error(state, err)
	}
}

func TestAPanicBecomesAnError(t *testing.T) {
	l := open(t, flowers(t, 2), options(2))
	o := &request{Job: job{Stages: []stage{{N: 1, Run: func(*worker,
		int) error {
		panic("oops")
	}}}}}
	ticket, err := l.Requests.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Wait(ticket, patience); !errors.Is(err, workpool.ErrInternal) ||
		!strings.Contains(err.Error(), "oops") {
		t.Fatalf("got %v", err)
	}
	if _, _, err := batch(t, l, 0, 0); err != nil {
		t.Fatalf("the worker is gone: %v", err)
	}
}

// preview is the contact sheet of the first batch.
func preview(t *testing.T, l *Loader) []byte {
	t.Helper()
	ticket, err := l.Preview(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return result(t, l, ticket)
}

func TestPreview(t *testing.T) {
	l := open(t, flowers(t, 5), options(2))
	if _, err := png.Decode(bytes.NewReader(preview(t, l))); err != nil {
		t.Error(err)
	}
}

// TestATicketIsKnownUntilItIsReleased asks for everything more than once, as an answer
// may be lost.
func TestATicketIsKnownUntilItIsReleased(t *testing.T) {
	root := flowers(t, 5)
	if err := os.WriteFile(filepath.Join(root, "tulip", "a.png"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	o := options(2)
	o.Shuffle, o.Mix = false, nil
	l := open(t, root, o)
	x, y := make([]byte, 4*8*9*3*4), make([]byte, 4*2*4)
	good, _ := l.Submit(0, 0, x, y)
	bad, _ := l.Submit(0, 1, x, y)
	plan, err := l.Explain(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var broken *badfile.Error
	for range 3 {
		if state, err := l.Wait(good, patience); state != workpool.Done || err != nil {
			t.Error(state, err)
		}
		if _, err := l.Wait(bad, patience); !errors.As(err, &broken) {
			t.Error(err)
		}
		if state, err := l.Wait(plan, patience); state != workpool.Done || err != nil {
			t.Error(state, err)
		}
		if data, err := l.Result(plan); len(data) == 0 || err != nil {
			t.Error(data, err)
		}
	}
	if s := l.Stats(); s.Failed != 1 || s.InFlight != 3 {
		t.Errorf("%+v", s)
	}
	for _, ticket := range []workpool.Ticket{good, bad, plan} {
		release(t, l, ticket)
		release(t, l, ticket)
		if _, err := l.Wait(ticket, 0); !errors.Is(err, workpool.ErrTicket) {
			t.Error(err)
		}
		if _, err := l.Result(ticket); !errors.Is(err, workpool.ErrTicket) {
			t.Error(err)
		}
	}
	for _, never := range []workpool.Ticket{-1, 0, plan + 1} {
		if _, err := l.Cancel(never, 0); !errors.Is(err, workpool.ErrTicket) {
			t.Error(err)
		}
	}
}

func TestCaptions(t *testing.T) {
	l := open(t, flowers(t, 5), options(2))
	for n := range l.Batches(0) {
		b := l.phases[0].planner.Batch(0, n)
		for i, s := range b.Samples {
			got := l.caption(&b, i)
			same := strings.HasPrefix(got, "1.00 ") && !strings.Contains(got, "+")
			if !same && (!strings.Contains(got, "rose") || !strings.Contains(got, " tulip")) {
				t.Errorf("caption %q of %+v", got, s)
			}
		}
	}
}

func TestPreviewIsNotNormalized(t *testing.T) {
	f := rawFormat(mix.Format{Height: 2, Width: 3, Channels: 3, ChannelsFirst: true,
		Reverse: true, DType: mix.Float16})
	if f.ChannelsFirst || f.Reverse || f.DType != mix.Uint8 || f.Bytes() != 18 {
		t.Errorf("%+v", f)
	}
}
