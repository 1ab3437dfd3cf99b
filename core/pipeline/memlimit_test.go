package pipeline

import (
	"errors"
	"testing"

	"mixfolder/core/sysmem"
)

func TestMemLimiter(t *testing.T) {
	closed := errors.New("closed")
	quota, shared := DefaultMemory(4)
	if quota*4 > shared || shared > sysmem.Total()/8 {
		t.Fatal(quota, shared)
	}
	m := NewMemLimiter(quota, shared)
	if n, err := m.Acquire(quota); n != 0 || err != nil {
		t.Errorf("the quota is counted: %d, %v", n, err)
	}
	all, err := m.Acquire(100 * shared)
	if all != shared || err != nil {
		t.Errorf("a huge image gets %d, %v", all, err)
	}
	other := NewMemLimiter(quota, shared)
	other.ShareWith(m)
	if other.shared.free.TryAcquire(1) {
		t.Error("two loaders of a folder do not share")
	}
	other.Close(closed)
	if _, err := other.Acquire(quota + 1); err != closed {
		t.Errorf("waiting ends with %v", err)
	}
	if m.open.Err() != nil {
		t.Error("the other is closed as well")
	}
	m.Release(all)
	n, err := m.Acquire(quota + 1)
	if n != quota+1 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if n, err = m.exchange(n, shared); n != shared || err != nil {
		t.Errorf("all in place of a part: %d, %v", n, err)
	}
	m.Release(n)
	m.Close(closed)
}
