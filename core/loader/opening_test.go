//go:build unix

package loader

import (
	"errors"
	"testing"
	"time"

	"mixfolder/core/dataset"
	"mixfolder/core/handle"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// TestAClosedLoaderRefusesBatches also closes twice.
func TestAClosedLoaderRefusesBatches(t *testing.T) {
	l := open(t, flowers(t, 3), options(2))
	if _, _, err := batch(t, l, 0, 0); err != nil {
		t.Error(err)
	}
	if !l.Close(patience) || !l.Close(0) {
		t.Error("it does not close")
	}
	<-l.Closed()
	if _, _, err := batch(t, l, 0, 0); !errors.Is(err, workpool.ErrClosed) {
		t.Error(err)
	}
}

// TestAScanThatNobodyWaitsForEnds abandons an opening while it waits for its disk, at
// its first file.
func TestAScanThatNobodyWaitsForEnds(t *testing.T) {
	root := flowers(t, 3)
	disk, ended := make(chan struct{}), make(chan error, 1)
	o, err := handle.Start(func(abandoned func() bool) (handle.Opened, error) {
		options := options(1)
		options.Abandoned = func() bool { <-disk; return abandoned() }
		l, err := Open(source.Dir(root), nil, options, nil)
		ended <- err
		return l, err
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Close(0)
	close(disk)
	if err := <-ended; !errors.Is(err, dataset.ErrStopped) {
		t.Error(err)
	}
}

// TestAClosedLoaderFreesAllUnasked asks once, while a worker hangs.
func TestAClosedLoaderFreesAllUnasked(t *testing.T) {
	o := options(1)
	o.Cache = "memory"
	l := open(t, flowers(t, 3), o)
	if _, _, err := batch(t, l, 0, 0); err != nil || l.Stats().CacheBytes == 0 {
		t.Fatal(err, l.Stats())
	}
	disk, begun := make(chan struct{}), make(chan struct{})
	if _, err := l.Requests.Start(hanging(begun, disk)); err != nil {
		t.Fatal(err)
	}
	<-begun
	if l.Close(0) || l.Stats().CacheBytes == 0 {
		t.Error("freed while it is in use")
	}
	close(disk)
	select {
	case <-l.closed:
	case <-time.After(patience):
		t.Fatal("still open")
	}
	if s := l.Stats(); s.CacheBytes != 0 {
		t.Errorf("%+v", s)
	}
}

// hanging is a request that closes begun and then waits for end.
func hanging(begun, end chan struct{}) *request {
	return &request{Job: job{Stages: []stage{{N: 1, Run: func(*worker, int) error {
		close(begun)
		<-end
		return nil
	}}}}}
}

// headSource records for each file whether its head or all of it is read.
type headSource struct {
	source.Source
	heads chan bool
}

func (s headSource) NewReader() source.Reader { return headReader{s.Source.NewReader(), s.heads} }

type headReader struct {
	source.Reader
	heads chan bool
}

func (r headReader) Head(name string, buf []byte, n int) ([]byte, int64, error) {
	r.heads <- true
	return r.Reader.Head(name, buf, n)
}

func (r headReader) Read(name string, buf []byte, admit source.Admit) ([]byte, error) {
	r.heads <- false
	return r.Reader.Read(name, buf, admit)
}

// TestAPlanComesBeforeBatches asks for a plan while a batch waits for the only worker:
// the plan reads heads, the batch does not.
func TestAPlanComesBeforeBatches(t *testing.T) {
	heads := make(chan bool, 100)
	l := openSource(t, headSource{source.Dir(flowers(t, 3)), heads}, options(1))
	disk, begun := make(chan struct{}), make(chan struct{})
	if _, err := l.Requests.Start(hanging(begun, disk)); err != nil {
		t.Fatal(err)
	}
	<-begun
	nx, ny := l.BatchBytes(0, 0)
	first, err := l.Submit(0, 0, make([]byte, nx), make([]byte, ny))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := l.Explain(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	close(disk)
	result(t, l, plan)
	result(t, l, first)
	if !<-heads {
		t.Error("the plan waits for a batch")
	}
}
