//go:build unix

package loader

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mixfolder/core/badfile"
	"mixfolder/core/dataset"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// faultySource refuses files before they are opened, as a disk would, and reads those
// for which it has no error.
type faultySource struct {
	source.Source
	refuse func(name string) error
}

func (s faultySource) NewReader() source.Reader {
	return source.Reopening(faultyReader{s.Source.NewReader(), s.refuse})
}

type faultyReader struct {
	source.Reader
	refuse func(name string) error
}

func (r faultyReader) Read(name string, buf []byte, admit source.Admit) ([]byte, error) {
	if err := r.refuse(name); err != nil {
		return buf, err
	}
	return r.Reader.Read(name, buf, admit)
}

// disk answers for files instead of the system, by their names; what it has no answer
// for is read.
type disk struct {
	mu      sync.Mutex
	answers map[string][]error // the last one is repeated
	asked   atomic.Int64
}

// on opens a folder that is on the disk.
func (d *disk) on(t *testing.T, root string, o Options) *Loader {
	return openSource(t, faultySource{source.Dir(root), d.answer}, o)
}

func (d *disk) answer(name string) error {
	d.asked.Add(1)
	d.mu.Lock()
	defer d.mu.Unlock()
	left := d.answers[name]
	if len(left) == 0 {
		return nil
	}
	if len(left) > 1 {
		d.answers[name] = left[1:]
	}
	return left[0]
}

// inOrder are options for unmixed batches in the order of the files, of which bad ones
// are skipped.
func inOrder(size int) Options {
	o := options(1)
	o.Mix, o.Shuffle, o.BatchSize, o.OnError = nil, false, size, "skip"
	return o
}

func TestAnInputOutputErrorIsSkippedAndTriedAgain(t *testing.T) {
	for _, number := range source.DiskErrors {
		root := flowers(t, 4)
		d := &disk{}
		l := d.on(t, root, inOrder(8))
		good, _, err := batch(t, l, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		size := len(good) / 8
		d.answers = map[string][]error{"rose/b.png": {number}}
		for range 2 {
			got, _, err := batch(t, l, 0, 0)
			if err != nil || !bytes.Equal(got[size:2*size], good[2*size:3*size]) {
				t.Fatalf("%v: the next file does not replace the bad one (%v)", number, err)
			}
		}
		if bad := l.BadFiles(); len(bad) != 1 || bad[0].Position != 1 ||
			bad[0].Reason != number.Error() {
			t.Errorf("%v: bad files %v", number, bad)
		}
		d.answers = nil
		if got, _, err := batch(t, l, 0, 0); err != nil || !bytes.Equal(got, good) {
			t.Errorf("%v: the file is still replaced after the disk answers again (%v)", number,
				err)
		}
	}
}

func TestAStaleHandleIsOpenedOnceMore(t *testing.T) {
	d := &disk{answers: map[string][]error{"rose/b.png": {syscall.ESTALE, nil}}}
	o := inOrder(8)
	o.OnError = "raise"
	l := d.on(t, flowers(t, 4), o)
	if _, _, err := batch(t, l, 0, 0); err != nil || len(l.BadFiles()) != 0 {
		t.Errorf("%v, bad files %v", err, l.BadFiles())
	}
	d.answers = map[string][]error{"rose/b.png": {syscall.ESTALE}}
	d.asked.Store(0)
	_, _, err := batch(t, l, 0, 0)
	var bad *badfile.Error
	if !errors.As(err, &bad) || !bad.BadFile || !bad.Transient || !errors.Is(err, syscall.ESTALE) ||
		d.asked.Load() != 3 {
		t.Errorf("%v after %d files", err, d.asked.Load())
	}
}

func TestADiskThatFailsIsAnError(t *testing.T) {
	answers := map[string][]error{}
	for i := range 12 {
		answers["rose/"+string(rune('a'+i))+".png"] = []error{syscall.EIO}
	}
	d := &disk{}
	l := d.on(t, flowers(t, 12), inOrder(24))
	good, _, err := batch(t, l, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	d.answers = answers
	d.asked.Store(0)
	_, _, err = batch(t, l, 0, 0)
	if !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "so with 8 files of its "+
		"class in a row: does its disk fail?") {
		t.Errorf("got %v", err)
	}
	d.answers = nil
	if got, _, err := batch(t, l, 0, 0); err != nil || !bytes.Equal(got, good) {
		t.Errorf("batches are others after the disk answers again (%v)", err)
	}
}

func TestAFaultOfTheSystemIsNoFilesFault(t *testing.T) {
	for _, number := range []error{syscall.ETIMEDOUT, syscall.ENOMEM, syscall.EMFILE,
		syscall.EAGAIN, syscall.ENOTCONN} {
		d := &disk{answers: map[string][]error{"rose/b.png": {number}}}
		l := d.on(t, flowers(t, 4), inOrder(8))
		if _, _, err := batch(t, l, 0, 0); !errors.Is(err, number) || len(l.BadFiles()) != 0 {
			t.Errorf("%v: %v, bad files %v", number, err, l.BadFiles())
		}
		d.answers = nil
		if _, _, err := batch(t, l, 0, 0); err != nil {
			t.Error(err)
		}
	}
}

// TestAFolderThatIsGoneIsNoFilesFault: nothing is remembered, and all is as before once
// it is back.
func TestAFolderThatIsGoneIsNoFilesFault(t *testing.T) {
	for name, words := range map[string]string{"": "the whole folder is gone",
		"rose": "its folder is gone or empty"} {
		for _, empty := range []bool{false, true} {
			root := flowers(t, 4)
			l := open(t, root, inOrder(8))
			good, _, err := batch(t, l, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			folder, away := filepath.Join(root, name), filepath.Join(t.TempDir(), "away")
			if err := os.Rename(folder, away); err != nil {
				t.Fatal(err)
			}
			if empty { // as a folder in which a disk was mounted
				if err := os.Mkdir(folder, 0o755); err != nil {
					t.Fatal(err)
				}
				words = "its folder is gone or empty"
			}
			_, _, err = batch(t, l, 0, 0)
			var bad *badfile.Error
			if !errors.As(err, &bad) || bad.BadFile || !strings.Contains(err.Error(), words) {
				t.Errorf("%q, empty %v: %v", name, empty, err)
			}
			if empty {
				if err := os.Remove(folder); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Rename(away, folder); err != nil {
				t.Fatal(err)
			}
			if got, _, err := batch(t, l, 0, 0); err != nil || !bytes.Equal(got, good) ||
				len(l.BadFiles()) != 0 {
				t.Errorf("%q, empty %v: %v, bad files %v", name, empty, err, l.BadFiles())
			}
		}
	}
}

// badClasses opens two classes of n files each, all of which are refused.
func badClasses(t *testing.T, n int, o Options, refuse func(name string) error) *Loader {
	t.Helper()
	names, labels := make([]string, 2*n), make([]int32, 2*n)
	for i := range names {
		labels[i] = int32(i / n)
		names[i] = fmt.Sprintf("%d/%06d.png", labels[i], i)
	}
	src := faultySource{source.Dir(t.TempDir()), refuse}
	list, err := dataset.FromList(src, dataset.List{Classes: []string{"0", "1"}, Names: names,
		Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	return closedLater(t)(OpenDataset(list, o))
}

// TestAClassOfBadFilesIsNotQuadratic: n*n steps would take minutes, and batch does not
// wait so long.
func TestAClassOfBadFilesIsNotQuadratic(t *testing.T) {
	const n = 100_000
	asked := 0
	l := badClasses(t, n, inOrder(50), func(string) error { asked++; return errors.New("bad") })
	for number := range 20 {
		if _, _, err := batch(t, l, 0, number); !errors.Is(err, badfile.ErrNoneLeft) {
			t.Fatal(err)
		}
	}
	if asked != n || len(l.BadFiles()) != n {
		t.Errorf("%d files read, %d are bad, want %d", asked, len(l.BadFiles()), n)
	}
}

// TestALongSearchCanBeStopped: 50 seconds of bad files are left before long.
func TestALongSearchCanBeStopped(t *testing.T) {
	begun := make(chan struct{}, 1)
	refuse := func(string) error {
		select {
		case begun <- struct{}{}:
		default:
		}
		time.Sleep(time.Millisecond)
		return errors.New("bad")
	}
	for _, closes := range []bool{false, true} {
		l := badClasses(t, 50_000, inOrder(4), refuse)
		nx, ny := l.BatchBytes(0, 0)
		ticket, err := l.Submit(0, 0, make([]byte, nx), make([]byte, ny))
		if err != nil {
			t.Fatal(err)
		}
		<-begun
		if closes {
			if !l.Close(patience) {
				t.Error("Close: the search continues")
			}
			state, err := l.Wait(ticket, patience)
			if state != workpool.Cancelled || err != nil {
				t.Errorf("the ticket of a closed loader: %v, %v", state, err)
			}
		} else if state, err := l.Cancel(ticket,
			patience); state != workpool.Cancelled || err != nil {
			t.Errorf("Cancel: %v, %v", state, err)
		}
	}
}

// TestWhoFindsABadFileDoesNotMatter: from each file on, in any order and by many at a
// time, the next good one of its class is found.
func TestWhoFindsABadFileDoesNotMatter(t *testing.T) {
	const n = 300
	l := badClasses(t, n, inOrder(4), nil)
	bad := func(file int32) bool { return file/n == 0 && file%7 != 3 || file/n == 1 && file != n+5 }
	for range 20 {
		l.bad = l.newBadFiles(true)
		var users sync.WaitGroup
		for user := range 8 {
			users.Go(func() {
				for i := range int32(2 * n) {
					file := (i*37 + int32(user)*101) % (2 * n)
					want := file
					for bad(want) {
						if want++; want%n == 0 {
							want -= n
						}
					}
					var shown int32
					err := l.use(&job{}, file, func(file int32) error {
						if shown = file; bad(file) {
							return errors.New("bad")
						}
						return nil
					})
					if err != nil || shown != want {
						t.Errorf("%d is shown in the place of %d, want %d (%v)", shown, file, want,
							err)
						return
					}
				}
			})
		}
		users.Wait()
	}
}
