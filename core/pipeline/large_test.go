package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mixfolder/core/imagefile"
	"mixfolder/core/source"
)

// TestALargeFileIsLookedAtFirst reads nothing of a video, and nothing that does not fit
// into memory.
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
	file("video", "no image", 1<<40)
	file("huge", png, 1<<40)
	file("large", png, source.LargeFile+1)
	w := NewWorker(&Config{Source: source.Dir(root), Names: []string{"video", "huge", "large"},
		Decode: imagefile.Options{Mode: imagefile.RGB}, Stats: &Stats{},
		Limiter: NewMemLimiter(source.LargeFile, 1<<30)})
	for i, words := range []string{"not an image", "has 1099511627776 bytes"} {
		if err := w.Read(int32(i)); err == nil || !strings.Contains(err.Error(), words) ||
			cap(w.file) > 0 || w.held != 0 {
			t.Errorf("%d: %v, %d bytes", i, err, cap(w.file))
		}
	}
	if err := w.Read(2); err != nil || len(w.file) != source.LargeFile+1 ||
		w.held != source.LargeFile+1 {
		t.Errorf("%d bytes, %d of the limit: %v", len(w.file), w.held, err)
	}
	w.Release()
	if w.held != 0 {
		t.Error("the memory is not released")
	}
}
