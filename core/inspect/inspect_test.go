package inspect

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mixfolder/core/dataset"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// folder has two classes of PNG files, of which one file is cut off, and an empty
// class.
func folder(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 30))); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"a/1.png": b.Bytes(), "a/2.png": b.Bytes()[:40],
		"b/1.png": b.Bytes(), "empty/.hidden": nil} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func open(t *testing.T, root string) *Inspection {
	t.Helper()
	o, err := ParseOptions([]byte(`{"follow_links": false, "threads": 2,
		"decode": {"color_mode": "rgb", "truncated": "raise", "exif": true}}`))
	if err != nil {
		t.Fatal(err)
	}
	n, err := Open(source.Dir(root), nil, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !n.Close(10 * time.Second) {
			t.Error("the workers did not end")
		}
	})
	return n
}

func TestInspection(t *testing.T) {
	n := open(t, folder(t))
	ticket, err := n.Inspect(0, 3)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := n.Wait(ticket, 10*time.Second); state != workpool.Done || err != nil {
		t.Fatal(state, err)
	}
	data, err := n.Result(ticket)
	if err != nil {
		t.Fatal(err)
	}
	var found []FileInfo
	if err := json.Unmarshal(data, &found); err != nil {
		t.Fatal(err)
	}
	good := found[0]
	if good.Format != "png" || good.Width != 20 || good.Height != 30 || good.Mode != "L" ||
		len(good.SHA256) != 64 || good.Reason != "" || found[2] != good {
		t.Errorf("%+v", found)
	}
	if bad := found[1]; bad.Reason == "" || bad.SHA256 == "" {
		t.Errorf("%+v", bad)
	}
	if skipped, err := n.List(dataset.Skipped); err != nil ||
		!strings.HasPrefix(string(skipped), "empty\x00it has no image") {
		t.Errorf("%q, %v", skipped, err)
	}
	for _, c := range [][2]int{{-1, 1}, {0, 0}, {0, 4}, {3, 1}} {
		if _, err := n.Inspect(c[0], c[1]); err == nil {
			t.Errorf("%v: no error", c)
		}
	}
}

// TestEverythingAtOnce runs users and closers concurrently, for the race detector.
func TestEverythingAtOnce(t *testing.T) {
	root := folder(t)
	for range 20 {
		n := open(t, root)
		var users sync.WaitGroup
		for user := range 4 {
			users.Go(func() {
				for {
					ticket, err := n.Inspect(user%3, 1)
					if errors.Is(err, workpool.ErrClosed) {
						return
					}
					for state := workpool.Running; state == workpool.Running && err == nil; {
						state, err = n.Cancel(ticket, time.Millisecond)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		time.Sleep(3 * time.Millisecond)
		for !n.Close(time.Millisecond) {
		}
		users.Wait()
		if n.Pending() != 0 {
			t.Fatal("requests are left")
		}
	}
}
