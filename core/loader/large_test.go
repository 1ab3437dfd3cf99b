//go:build unix

package loader

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mixfolder/core/source"
)

// TestALargeFileIsLookedAtFirst reads nothing of a video, and nothing that does not fit
// into memory.
func TestALargeFileIsLookedAtFirst(t *testing.T) {
	root := flowers(t, 2)
	l := open(t, root, options(1))
	l.config.memLimit.shared.size = 1 << 30
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
	file("rose/a.png", "no image", 1<<40)
	file("rose/b.png", png, 1<<40)
	file("tulip/a.png", png, source.LargeFile+1)
	w := newWorker(&l.config)
	for i, words := range []string{"not an image", "has 1099511627776 bytes"} {
		if err := w.read(l, int32(i)); err == nil || !strings.Contains(err.Error(), words) ||
			cap(w.file) > 0 || w.holds != 0 {
			t.Errorf("%d: %v, %d bytes", i, err, cap(w.file))
		}
	}
	l.config.memLimit.quota = source.LargeFile
	if err := w.read(l, 2); err != nil || len(w.file) != source.LargeFile+1 ||
		w.holds != source.LargeFile+1 {
		t.Errorf("%d bytes, %d of the limit: %v", len(w.file), w.holds, err)
	}
	w.leave()
}
