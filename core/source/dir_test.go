//go:build unix

package source

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestAFileChangesWhileItIsRead: the data read were the content at some time, and its
// length one that the file had.
func TestAFileChangesWhileItIsRead(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "x")
	content := make([]byte, 1<<20)
	for i := range content {
		content[i] = byte(i * 7 >> 3)
	}
	if err := os.WriteFile(path, content[:1<<10], 0o600); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for n := 1 << 10; ; n = max(1<<10, (n+37<<10)%len(content)) {
			select {
			case <-stop:
				return
			default:
			}
			if err := f.Truncate(int64(min(n, 1<<10))); err != nil {
				t.Error(err)
			}
			if _, err := f.WriteAt(content[1<<10:max(n, 1<<10)], 1<<10); err != nil {
				t.Error(err)
			}
		}
	})
	r := Dir(root).NewReader()
	var buf []byte
	for deadline := time.Now().Add(200 * time.Millisecond); time.Now().Before(deadline); {
		var err error
		if buf, err = r.Read("x", buf, nil); err != nil {
			t.Fatal(err)
		}
		if len(buf) < 1<<10 || len(buf) > len(content) {
			t.Fatalf("%d bytes", len(buf))
		}
		for i, v := range buf {
			// 0 where the file was cut and had not been written again
			if v != content[i] && v != 0 {
				t.Fatalf("byte %d of %d is %d", i, len(buf), v)
			}
		}
	}
	close(stop)
	writer.Wait()
}

func TestALargeFileIsAdmittedFirst(t *testing.T) {
	root := t.TempDir()
	file := func(name, head string, size int64) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(head), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Skipf("no sparse files here: %v", err)
		}
	}
	file("video", "no image", 1<<40)
	file("large", "\x89PNG\r\n\x1a\n", LargeFile+1)
	file("usual", "\x89PNG\r\n\x1a\n", 1<<20)
	refused := errors.New("refused")
	asked := map[string]int64{}
	admit := func(size int64, head []byte) error {
		asked[string(head[:8])] += size
		if size > 1<<30 {
			return refused
		}
		return nil
	}
	r := Dir(root).NewReader()
	if buf, err := r.Read("video", nil, admit); err != refused || cap(buf) > 0 {
		t.Errorf("%v, %d bytes taken", err, cap(buf))
	}
	for name, size := range map[string]int{"large": LargeFile + 1, "usual": 1 << 20} {
		if buf, err := r.Read(name, nil, admit); err != nil || len(buf) != size {
			t.Errorf("%s: %d bytes, %v", name, len(buf), err)
		}
	}
	want := map[string]int64{"no image": 1 << 40, "\x89PNG\r\n\x1a\n": LargeFile + 1}
	if !maps.Equal(asked, want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
}

func TestAPipeDoesNotBlock(t *testing.T) {
	root := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(root, "pipe"), 0o600); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	for _, name := range []string{"pipe", "."} {
		_, err := Dir(root).NewReader().Read(name, nil, nil)
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
