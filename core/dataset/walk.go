package dataset

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"mixfolder/core/imagefile"
	"mixfolder/core/source"
)

// walker collects the images below class folders. Its names are those of the source.
type walker struct {
	src    source.Source
	reader source.Reader
	head   []byte // scratch of isImage
	o      Options

	// of one class
	seen    map[source.FileID]bool // folders that were walked
	links   []string               // linked folders that were found
	linked  int                    // linked folders that are not followed
	folders []folder

	// of all classes
	allLinked  int
	otherFiles fileCounts
	skipped    []SkippedFolder
}

// folder holds the images directly in one folder.
type folder struct {
	name  string
	files []string
}

func newWalker(src source.Source, o Options) *walker {
	return &walker{src: src, reader: src.NewReader(), o: o, otherFiles: fileCounts{}}
}

// class returns the images below a class folder, folder by folder. A folder is walked
// once, by the path with the fewest links and, of several such paths, the first one.
func (w *walker) class(name string) ([]string, error) {
	w.seen, w.linked, w.folders = map[source.FileID]bool{}, 0, nil
	if name == "" { // of a flat folder
		name = "."
	}
	for level := []string{name}; len(level) > 0; level = w.links {
		w.links = nil
		for _, dir := range level {
			if err := w.walk(dir); err != nil {
				return nil, err
			}
		}
	}
	if w.o.FollowLinks {
		slices.SortStableFunc(w.folders, func(a, b folder) int {
			return slices.Compare(strings.Split(a.name, "/"), strings.Split(b.name, "/"))
		})
	}
	w.allLinked += w.linked
	var names []string
	for _, f := range w.folders {
		names = append(names, f.files...)
	}
	return names, nil
}

// walk adds the files of dir, then those of its subfolders.
func (w *walker) walk(dir string) error {
	info, err := w.src.Stat(dir)
	if err != nil {
		return w.unreadable(dir, err)
	}
	if id, ok := source.ID(info); ok {
		if w.seen[id] {
			return nil
		}
		w.seen[id] = true
	}
	entries, err := w.src.ReadDir(dir)
	if err != nil {
		return w.unreadable(dir, err)
	}
	var below []string
	found := folder{name: dir}
	for _, e := range entries {
		if w.o.Stopped != nil && w.o.Stopped() {
			return ErrStopped
		}
		if hidden(e.Name()) {
			continue
		}
		name, mode := path.Join(dir, e.Name()), w.typeOf(dir, e)
		switch {
		case e.IsDir():
			below = append(below, name)
		case mode.IsDir() && w.o.FollowLinks:
			w.links = append(w.links, name)
		case mode.IsDir():
			w.linked++
		case mode&fs.ModeSymlink != 0:
			w.otherFiles["a link to nothing or to itself"]++
		case !mode.IsRegular():
			w.otherFiles["a pipe, socket or device"]++
		case w.isImage(name):
			found.files = append(found.files, name)
		default:
			w.otherFiles.add(name)
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

// typeOf returns the type of an entry, or of the file that it links to: a class folder
// may be a link. A dangling link is a link.
func (w *walker) typeOf(dir string, e fs.DirEntry) fs.FileMode {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type()
	}
	info, err := w.src.Stat(path.Join(dir, e.Name()))
	if err != nil {
		return e.Type()
	}
	return info.Mode().Type()
}

// hint mentions linked folders where images are missing.
func (w *walker) hint() string {
	if w.linked == 0 {
		return ""
	}
	return fmt.Sprintf(", but %d linked folder(s), which follow_links=True enters", w.linked)
}

// unreadable returns the error for a folder that cannot be read, or nil if the scan
// continues.
func (w *walker) unreadable(dir string, err error) error {
	if !w.o.Tolerant {
		return err
	}
	w.skipped = append(w.skipped, SkippedFolder{dir, source.Cause(err)})
	return nil
}

// isImage reports whether a regular file is an image, by its extension or else by its
// first bytes.
func (w *walker) isImage(name string) bool {
	if extensions[strings.ToLower(path.Ext(name))] {
		return true
	}
	var err error
	w.head, _, err = w.reader.Head(name, w.head, source.HeadBytes)
	return err == nil && imagefile.Sniff(w.head[:min(len(w.head), source.HeadBytes)]) != ""
}
