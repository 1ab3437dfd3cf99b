//go:build unix

package loader

import (
	"bytes"
	"testing"
	"time"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
	"mixfolder/core/workpool"
)

// slowSampler takes until ready to begin an epoch, which has each image once.
type slowSampler struct {
	images int
	ready  chan struct{}
}

func (s slowSampler) Samples() int { return s.images }

func (s slowSampler) Epoch(rng.Seed) plan.Order {
	<-s.ready
	return fileOrder{}
}

type fileOrder struct{}

func (fileOrder) At(position int) int { return position }

// TestASlowPlanIsMadeByAWorker: no call waits for it, and later changes of weights do not
// reach it.
func TestASlowPlanIsMadeByAWorker(t *testing.T) {
	o := options(1)
	o.SampleWeights = true
	l := open(t, flowers(t, 4), o)
	s := slowSampler{len(l.members), make(chan struct{})}
	l.samplers.set(0, s)
	nx, ny := l.BatchBytes(0, 0)
	x, y := make([]byte, nx), make([]byte, ny)
	ticket, err := l.Submit(0, 0, x, y)
	if err != nil {
		t.Fatal(err)
	}
	explained, err := l.Explain(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SetWeights(LossWeights, 0, make([]float32, s.images)); err != nil {
		t.Fatal(err)
	}
	if state, err := l.Wait(ticket, 10*time.Millisecond); state != workpool.Running || err != nil {
		t.Fatal(state, err)
	}
	close(s.ready)
	if state, err := l.Wait(ticket, patience); state != workpool.Done || err != nil {
		t.Fatal(state, err)
	}
	release(t, l, ticket)
	if len(result(t, l, explained)) == 0 {
		t.Error("nothing is explained")
	}
	x2, y2, err := batch(t, l, 0, 0)
	if err != nil || !bytes.Equal(x, x2) || bytes.Equal(y, y2) {
		t.Errorf("%v: the images must be the same, the weights those of Submit", err)
	}
}

// TestACancelledPlanKeepsNoMemory for later batches, as it took none.
func TestACancelledPlanKeepsNoMemory(t *testing.T) {
	l := open(t, flowers(t, 4), options(1))
	s := slowSampler{len(l.members), make(chan struct{})}
	l.samplers.set(0, s)
	nx, ny := l.BatchBytes(0, 0)
	var tickets []workpool.Ticket
	for range 2 {
		ticket, err := l.Submit(0, 0, make([]byte, nx), make([]byte, ny))
		if err != nil {
			t.Fatal(err)
		}
		tickets = append(tickets, ticket)
	}
	release(t, l, tickets[1]) // it has not begun
	if len(l.scratch) != 0 {
		t.Errorf("%d blocks are kept", len(l.scratch))
	}
	close(s.ready)
	finish(t, l, tickets[0], false)
}
