package loader

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestAFileChangesWhileItIsRead: whatever is read is what once stood there, and its
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
	r := reader{allowance: allowance{most: 1 << 30}}
	var buf []byte
	for deadline := time.Now().Add(200 * time.Millisecond); time.Now().Before(deadline); {
		var err error
		if buf, err = r.read(root, "x", buf); err != nil {
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

func TestALargeFileIsLookedAtFirst(t *testing.T) {
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
	const png = "\x89PNG\r\n\x1a\n"
	file("film", "no image", 1<<40)
	file("huge", png, 1<<40)
	file("large", png, largeFile+1)
	var asked int64
	r := reader{allowance: allowance{most: 1 << 30,
		enter: func(n int64) error { asked += n; return nil }}}
	for name, words := range map[string]string{"film": "not an image",
		"huge": "has 1099511627776 bytes"} {
		if buf, err := r.read(root, name, nil); err == nil || !strings.Contains(err.Error(),
			words) || cap(buf) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	buf, err := r.read(root, "large", nil)
	if err != nil || len(buf) != largeFile+1 || asked != largeFile+1 {
		t.Errorf("%d bytes, asked for %d: %v", len(buf), asked, err)
	}
}
