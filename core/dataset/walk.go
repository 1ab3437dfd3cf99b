package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"mixfolder/core/imagefile"
)

// walker gathers the images below one class folder.
type walker struct {
	root     string
	follow   bool
	tolerant bool
	stopped  func() bool
	left     leftOut
	seen     map[identity]bool // folders that were walked
	links    []string          // linked folders that were met, relative to root
	linked   int               // how many are not followed
	folders  []gathered
	faults   []Fault
}

// identity names a folder, whatever path leads to it.
type identity struct{ device, inode uint64 }

// gathered are the images of one folder; all paths are relative to root.
type gathered struct {
	dir   string
	files []string
}

// class gives the images below a class folder, folder by folder. A folder is
// walked once: of several paths to it the one with the fewest links counts, and
// of these the first in order.
func (w *walker) class(name string) ([]string, error) {
	w.seen = map[identity]bool{}
	for level := []string{name}; len(level) > 0; level = w.links {
		w.links = nil
		for _, dir := range level {
			if err := w.walk(dir); err != nil {
				return nil, err
			}
		}
	}
	if w.follow {
		slices.SortStableFunc(w.folders, func(a, b gathered) int {
			return slices.Compare(strings.Split(a.dir, "/"), strings.Split(b.dir, "/"))
		})
	}
	var paths []string
	for _, f := range w.folders {
		paths = append(paths, f.files...)
	}
	return paths, nil
}

// walk adds the files of dir, then those of its sub-folders.
func (w *walker) walk(dir string) error {
	full := filepath.Join(w.root, dir)
	here, err := os.Stat(full)
	if err != nil {
		return w.unreadable(dir, err)
	}
	stat := here.Sys().(*syscall.Stat_t)
	id := identity{uint64(stat.Dev), stat.Ino}
	if w.seen[id] {
		return nil
	}
	w.seen[id] = true
	entries, err := os.ReadDir(full)
	if err != nil {
		return w.unreadable(dir, err)
	}
	var below []string
	found := gathered{dir: dir}
	for _, e := range entries {
		if w.stopped != nil && w.stopped() {
			return ErrStopped
		}
		if hidden(e.Name()) {
			continue
		}
		path, mode := filepath.Join(dir, e.Name()), modeOf(full, e)
		switch {
		case e.IsDir():
			below = append(below, path)
		case mode.IsDir() && w.follow:
			w.links = append(w.links, path)
		case mode.IsDir():
			w.linked++
		case mode&fs.ModeSymlink != 0:
			w.left["a link to nothing or to itself"]++
		case !mode.IsRegular():
			w.left["a pipe, socket or device"]++
		case isImage(filepath.Join(w.root, path)):
			found.files = append(found.files, path)
		default:
			w.left.add(path)
		}
	}
	w.folders = append(w.folders, found)
	for _, d := range below {
		if err := w.walk(d); err != nil {
			return err
		}
	}
	return nil
}

// hint tells of linked folders where images are missing.
func (w *walker) hint() string {
	if w.linked == 0 {
		return ""
	}
	return fmt.Sprintf(", but %d linked folder(s), which follow_links=True enters", w.linked)
}

// unreadable is the error for a folder that cannot be read, or nil where the scan goes
// on.
func (w *walker) unreadable(dir string, err error) error {
	if !w.tolerant {
		return refused(err, "%q cannot be read", filepath.Join(w.root, dir))
	}
	w.faults = append(w.faults, Fault{dir, cause(err)})
	return nil
}

// isImage tells by the name whether a regular file is to be read, or else by its first
// bytes.
func isImage(path string) bool {
	return extensions[strings.ToLower(filepath.Ext(path))] || startsAsImage(path)
}

// startsAsImage looks at the first bytes of a file whose name tells nothing.
// The file may have become a pipe since it was listed, or be one of the system
// that waits like a pipe, such as /proc/kmsg. Neither opening nor reading waits
// for these: package os would, as it polls. Those of the system have size 0.
func startsAsImage(path string) bool {
	fd, err := retried(func() (int, error) {
		return syscall.Open(path, syscall.O_RDONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	})
	if err != nil {
		return false
	}
	defer syscall.Close(fd)
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFREG ||
		stat.Size == 0 {
		return false
	}
	var head [16]byte
	n, err := retried(func() (int, error) { return syscall.Read(fd, head[:]) })
	return err == nil && imagefile.Sniff(head[:n]) != ""
}

// retried calls f again where a signal interrupts it.
func retried(f func() (int, error)) (int, error) {
	for {
		if n, err := f(); err != syscall.EINTR {
			return n, err
		}
	}
}
