package workpool

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

// request writes a text, or fails.
func request(text string, err error) *Request[int] {
	q := &Request[int]{}
	q.Stages = []Stage[int]{{N: 1, Run: func(int, int) error {
		q.Output = []byte(text)
		return err
	}}}
	return q
}

// TestATicketIsKnownUntilItIsReleased asks for everything more than once, as an answer
// may be lost.
func TestATicketIsKnownUntilItIsReleased(t *testing.T) {
	r := NewRequests(workers(2))
	defer r.Close()
	oops := errors.New("oops")
	good, _ := r.Start(request("text", nil))
	bad, err := r.Start(request("", oops))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if state, err := r.Wait(good, 10*time.Second); state != Done || err != nil {
			t.Error(state, err)
		}
		if out, err := r.Result(good); !bytes.Equal(out, []byte("text")) || err != nil {
			t.Error(out, err)
		}
		if _, err := r.Wait(bad, 10*time.Second); err != oops {
			t.Error(err)
		}
	}
	if r.Pending() != 2 || r.Failed() != 1 {
		t.Errorf("%d are pending, %d failed", r.Pending(), r.Failed())
	}
	for _, ticket := range []Ticket{good, bad, good, bad} {
		if state, err := r.Cancel(ticket, 0); state != Cancelled || err != nil {
			t.Error(state, err)
		}
		if _, err := r.Wait(ticket, 0); !errors.Is(err, ErrTicket) {
			t.Error(err)
		}
		if _, err := r.Result(ticket); !errors.Is(err, ErrTicket) {
			t.Error(err)
		}
	}
	for _, never := range []Ticket{-1, 0, bad + 1} {
		if _, err := r.Cancel(never, 0); !errors.Is(err, ErrTicket) {
			t.Error(err)
		}
	}
}

func TestARunningRequestHasNoResult(t *testing.T) {
	r := NewRequests(workers(1))
	begun, end := make(chan struct{}), make(chan struct{})
	q := &Request[int]{}
	q.Stages = hanging(begun, end).Stages
	ticket, err := r.Start(q)
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	if _, err := r.Result(ticket); !errors.Is(err, ErrTicket) {
		t.Error(err)
	}
	if state, err := r.Wait(ticket, time.Millisecond); state != Running || err != nil {
		t.Error(state, err)
	}
	if state, err := r.Cancel(ticket, time.Millisecond); state != Running || err != nil {
		t.Error(state, err)
	}
	r.Close()
	close(end)
	if state, err := r.Wait(ticket, 10*time.Second); state != Cancelled || err != nil {
		t.Error(state, err)
	}
	if _, err := r.Start(q); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
