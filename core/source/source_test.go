package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOpenFindsTheKind(t *testing.T) {
	before := kinds
	t.Cleanup(func() { kinds = before })
	oops := errors.New("oops")
	Register(Kind{Match: func(location string) bool { return strings.HasPrefix(location, "fake:") },
		Open: func(string) (Source, error) { return nil, oops }})
	if _, err := Open("fake:x"); err != oops {
		t.Error(err)
	}
	for _, path := range []string{"x", "", "/a/fake:x"} {
		if src, err := Open(path); err != nil || src != Dir(path) {
			t.Errorf("%q: %v, %v", path, src, err)
		}
	}
}

func TestBlame(t *testing.T) {
	for err, want := range map[error]Blame{
		errors.New("no errno"): Nothing, syscall.ENOENT: File, syscall.EIO: Disk,
		syscall.ESTALE: Disk, syscall.EMFILE: System,
	} {
		if got := BlameOf(&fs.PathError{Err: err}); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}

// answers is a Reader with one answer after the other.
type answers []error

func (a *answers) Read(_ string, buf []byte, _ Admit) ([]byte, error) {
	err := (*a)[0]
	*a = (*a)[1:]
	return buf, err
}
func (*answers) Head(_ string, buf []byte, _ int) ([]byte, int64, error) { return buf, 0, nil }
func (*answers) Prefetch(string)                                         {}

func TestAStaleFileIsOpenedOnceMore(t *testing.T) {
	for _, c := range []struct {
		answers []error
		want    error
	}{
		{[]error{syscall.ESTALE, nil}, nil},
		{[]error{syscall.ESTALE, syscall.ESTALE}, syscall.ESTALE},
		{[]error{syscall.EIO}, syscall.EIO},
		{[]error{nil}, nil},
	} {
		a := answers(c.answers)
		if _, err := Reopening(&a).Read("x", nil, nil); err != c.want || len(a) != 0 {
			t.Errorf("%v: %v, %d answers are left", c.answers, err, len(a))
		}
	}
}

func TestErrorsOfADirNameTheRemedy(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ root, name, words string }{
		{root, "x", "x\" cannot be read: no such file"},
		{filepath.Join(root, "x"), ".", "x\" does not exist: check the path"},
		{"", ".", `"" does not exist: check the path`},
		{filepath.Join(root, "file"), ".", "is a file, not a directory"},
	} {
		_, err := Dir(c.root).ReadDir(c.name)
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestCheckTellsAMissingDisk(t *testing.T) {
	root := t.TempDir()
	d := Dir(root)
	if err := os.WriteFile(filepath.Join(root, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "full", "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string]error{".": nil, "full": nil, "empty": errNoFolder,
		"nowhere": errNoFolder, "file": errNoFolder} {
		if err := d.Check(folder); err != want {
			t.Errorf("%q: %v, want %v", folder, err, want)
		}
	}
	if err := Dir(filepath.Join(root, "nowhere")).Check("."); err != errNoRoot {
		t.Error(err)
	}
}

func TestHeadOfAFile(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "x"), []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := Dir(root).NewReader()
	for _, n := range []int{0, 4, 10, 4000} {
		buf, size, err := r.Head("x", nil, n)
		if err != nil || size != 10 || len(buf) < min(n, 10) ||
			!strings.HasPrefix("0123456789", string(buf)) {
			t.Errorf("%d: %q of %d bytes, %v", n, buf, size, err)
		}
	}
}

func TestFilesOfTheSystemAreNotWaitedFor(t *testing.T) {
	for _, path := range []string{"/proc/kmsg", "/proc/self/mem", "/proc/version", "/dev/zero",
		"/nowhere"} {
		done := make(chan int, 1)
		go func() {
			head, _, _ := Dir("/").NewReader().Head(path, nil, HeadBytes)
			done <- len(head)
		}()
		select {
		case n := <-done:
			if n > 0 {
				t.Errorf("%s has a head of %d bytes", path, n)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%s is waited for", path)
		}
	}
}
