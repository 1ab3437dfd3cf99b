package folder

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mixfolder/core/picture"
)

// walker gathers the pictures below one class folder.
type walker struct {
	root   string
	follow bool
	left   leftOut
	paths  []string
}

// walk adds the files of dir (relative to root), then those of its sub-folders. above are the folders that lead here: a link back
// to one of them is a loop and is not entered.
func (w *walker) walk(dir string, above []fs.FileInfo) error {
	full := filepath.Join(w.root, dir)
	here, err := os.Stat(full)
	if err != nil {
		return fmt.Errorf("folder: %q cannot be read: %w", full, err)
	}
	for _, a := range above {
		if os.SameFile(a, here) {
			return nil
		}
	}
	above = append(above[:len(above):len(above)], here)
	entries, err := os.ReadDir(full)
	if err != nil {
		return fmt.Errorf("folder: %q cannot be read: %w", full, err)
	}
	var below []string
	for _, e := range entries {
		if hidden(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		mode := e.Type()
		linked := mode&fs.ModeSymlink != 0
		if linked {
			s, err := os.Stat(filepath.Join(w.root, path))
			if err != nil {
				w.left.add(".dangling link")
				continue
			}
			mode = s.Mode().Type()
		}
		switch {
		case mode.IsDir() && (!linked || w.follow):
			below = append(below, path)
		case mode.IsRegular():
			w.file(path)
		}
	}
	for _, d := range below {
		if err := w.walk(d, above); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) file(path string) {
	if extensions[strings.ToLower(filepath.Ext(path))] || isPicture(filepath.Join(w.root, path)) {
		w.paths = append(w.paths, path)
		return
	}
	w.left.add(path)
}

// isPicture looks at the first bytes of a file whose name tells nothing.
func isPicture(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var head [16]byte
	n, _ := io.ReadFull(f, head[:])
	return picture.Sniff(head[:n]) != ""
}
