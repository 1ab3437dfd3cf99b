package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mixfolder/core/picture"
)

// walker gathers the pictures below one class folder.
type walker struct {
	root     string
	follow   bool
	tolerant bool
	left     leftOut
	paths    []string
	faults   []Fault
}

// walk adds the files of dir (relative to root), then those of its sub-folders. above are the folders that lead here: a link back
// to one of them is a loop and is not entered.
func (w *walker) walk(dir string, above []fs.FileInfo) error {
	full := filepath.Join(w.root, dir)
	here, err := os.Stat(full)
	if err != nil {
		return w.unreadable(dir, err)
	}
	for _, a := range above {
		if os.SameFile(a, here) {
			return nil
		}
	}
	above = append(above[:len(above):len(above)], here)
	entries, err := os.ReadDir(full)
	if err != nil {
		return w.unreadable(dir, err)
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
				w.left["a link to nothing or to itself"]++
				continue
			}
			mode = s.Mode().Type()
		}
		switch {
		case mode.IsDir() && (!linked || w.follow):
			below = append(below, path)
		case mode.IsRegular():
			w.file(path)
		case !mode.IsDir():
			w.left["a pipe, socket or device"]++
		}
	}
	for _, d := range below {
		if err := w.walk(d, above); err != nil {
			return err
		}
	}
	return nil
}

// unreadable is the error for a folder that cannot be read, or nil where the scan goes on.
func (w *walker) unreadable(dir string, err error) error {
	if !w.tolerant {
		return fmt.Errorf("folder: %q cannot be read: %w", filepath.Join(w.root, dir), err)
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err // without the path
	}
	w.faults = append(w.faults, Fault{dir, err.Error()})
	return nil
}

func (w *walker) file(path string) {
	if extensions[strings.ToLower(filepath.Ext(path))] || isPicture(filepath.Join(w.root, path)) {
		w.paths = append(w.paths, path)
		return
	}
	w.left.add(path)
}

// isPicture looks at the first bytes of a file whose name tells nothing. The file may have become a pipe since it was listed: neither
// opening nor reading may wait for one.
func isPicture(path string) bool {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	if s, err := f.Stat(); err != nil || !s.Mode().IsRegular() {
		return false
	}
	var head [16]byte
	n, _ := io.ReadFull(f, head[:])
	return picture.Sniff(head[:n]) != ""
}
