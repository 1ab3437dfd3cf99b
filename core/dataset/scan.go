// Package dataset turns a directory with one sub-folder a class into a Listing:
// classes, files and labels, in a fixed order, and splits a Listing in two.
package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Options say how a folder is scanned. The zero value takes all classes and follows no
// links below them.
type Options struct {
	// Classes, if not empty, are the class folders to take, in the order of their
	// labels. One that is missing or has no image keeps its place, with a warning.
	Classes []string
	// Flat takes a folder that has images directly in it as one class without a name:
	// those and all that lie below, at any depth. A tolerant scan does so where there
	// are no class folders.
	Flat bool
	// FollowLinks also descends into linked folders below a class. A class folder may
	// itself always be a link.
	FollowLinks bool
	// Tolerant goes on past folders that cannot be read and classes without an image:
	// they are the Listing's Faults.
	Tolerant bool
	// Stopped, if set, is asked at each file; the scan ends with ErrStopped where it is
	// true.
	Stopped func() bool
}

// ErrStopped is the error of a scan that is not wanted any more.
var ErrStopped = errors.New("dataset: the scan was stopped")

// Listing is what a scan found, or a list of files says. It is never changed and may be
// shared.
type Listing struct {
	Root string
	// Classes are folder names, any bytes. Label i is Classes[i]. A flat folder has
	// one, "".
	Classes []string
	// Flat tells that there are no class folders.
	Flat bool
	// Paths are relative to Root. Scan gives them class by class, within a class folder
	// by folder and there by name, in the order of their bytes.
	Paths  []string
	Labels []int32
	// Faults are folders that a tolerant scan has passed over.
	Faults []Fault
	// Warnings are sentences for the user: what was left out, and why.
	Warnings []string
}

// Fault is a folder from which nothing could be taken.
type Fault struct {
	Path   string // relative to Root
	Reason string
}

// Path is the i-th file's path with the root before it.
func (l *Listing) Path(i int32) string { return filepath.Join(l.Root, l.Paths[i]) }

// Class is the i-th file's class.
func (l *Listing) Class(i int32) string { return l.Classes[l.Labels[i]] }

// extensions are the names that are taken unopened. A file whose content does not fit
// is an error when it is decoded, not here.
var extensions = map[string]bool{
	".jpg": true, ".jpeg": true, ".jpe": true, ".jfif": true, ".png": true, ".gif": true, ".bmp": true, ".dib": true,
	".webp": true, ".tif": true, ".tiff": true,
}

// Scan lists root. Names that start with a dot are skipped. Only regular files are ever
// opened, and only those whose name does not tell that they are images. A missing or
// empty root and no class folder are errors; so is a class without an image, unless
// Options.Classes names it and another one has some.
func Scan(root string, o Options) (*Listing, error) {
	entries, err := readRoot(root)
	if err != nil {
		return nil, err
	}
	var found []string
	var loose []os.DirEntry
	for _, e := range entries {
		switch {
		case hidden(e.Name()):
		case modeOf(root, e).IsDir():
			found = append(found, e.Name())
		default:
			loose = append(loose, e)
		}
	}
	images := func() bool {
		return slices.ContainsFunc(loose, func(e os.DirEntry) bool {
			return modeOf(root, e).IsRegular() && isImage(filepath.Join(root, e.Name()))
		})
	}
	l := &Listing{Root: root}
	c := chosen{names: []string{""}}
	switch {
	case o.Flat && len(o.Classes) == 0 && (!o.Tolerant || len(found) == 0) && images():
		l.Flat = true
	case len(found) == 0:
		return nil, errNoClasses(root, images(), len(loose))
	default:
		if c, err = chooseClasses(root, found, o.Classes); err != nil {
			return nil, err
		}
		if len(loose) > 0 {
			l.warn("%d file(s) directly in %q belong to no class and are ignored", len(loose), root)
		}
	}
	l.Classes = c.names
	if c.warning != "" && !o.Tolerant {
		l.warn("%s", c.warning)
	}
	return l, l.gather(c, o)
}

// gather fills the listing with the files of its classes.
func (l *Listing) gather(c chosen, o Options) error {
	left, linked := leftOut{}, 0
	var empty []string
	for label, class := range l.Classes {
		w := walker{root: l.Root, follow: o.FollowLinks, tolerant: o.Tolerant, stopped: o.Stopped, left: left}
		var paths []string
		reason := "there is no such folder"
		if !c.missing[class] {
			var err error
			if paths, err = w.class(class); err != nil {
				return err
			}
			linked += w.linked
			reason = "it has no image" + w.hint()
			if len(paths) == 0 {
				empty = append(empty, class)
			}
		}
		switch {
		case len(paths) > 0:
		case o.Tolerant:
			w.faults = append(w.faults, Fault{class, reason})
		case len(o.Classes) == 0:
			return fmt.Errorf("dataset: class %q has no image in %q%s: add images (JPEG, PNG, "+
				"GIF, BMP, WebP, TIFF), remove the "+
				"folder, or name the wanted classes with class_names", class, filepath.Join(l.Root,
				class), w.hint())
		}
		l.Faults = append(l.Faults, w.faults...)
		l.Paths = append(l.Paths, paths...)
		l.Labels = append(l.Labels, slices.Repeat([]int32{int32(label)}, len(paths))...)
	}
	if len(l.Paths) == 0 && !o.Tolerant {
		return fmt.Errorf("dataset: none of the classes in class_names has an image in %q: add "+
			"images (JPEG, PNG, GIF, BMP, WebP, TIFF)", l.Root)
	}
	if len(empty) > 0 && !o.Tolerant {
		l.warn("%d class(es) in %q have no image and keep their places: %s", len(empty), l.Root,
			quoted(empty))
	}
	if linked > 0 {
		l.warn("%d linked folder(s) are not entered: follow_links=True enters them", linked)
	}
	l.Warnings = append(l.Warnings, left.warnings()...)
	return nil
}

func (l *Listing) warn(format string, arguments ...any) {
	l.Warnings = append(l.Warnings, fmt.Sprintf(format, arguments...))
}

// errNoClasses is for a folder without class folders; images tells whether some lie
// directly in it.
func errNoClasses(root string, images bool, files int) error {
	other := ""
	if images {
		other = ", or take them without classes, with label_mode=None"
	}
	return fmt.Errorf("dataset: %q has no class folders: put the images of each class into a "+
		"folder of its own below it, "+
		"such as %q%s (files directly in it: %d)", root, filepath.Join(root, "rose",
		"1.jpg"), other, files)
}

// readRoot reads the top folder and says what is wrong with it in the user's words.
func readRoot(root string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(root)
	switch {
	case err == nil && len(entries) > 0:
		return entries, nil
	case err == nil:
		return nil, fmt.Errorf("dataset: %q is empty: it must have one sub-folder a class, with "+
			"images in each", root)
	case errors.Is(err, fs.ErrNotExist):
		if other, ok := otherForm(root); ok {
			return nil, refused(err, "%q does not exist: %s", root, other)
		}
		return nil, refused(err, "%q does not exist: check the path", root)
	}
	if s, e := os.Stat(root); e == nil && !s.IsDir() {
		return nil, fmt.Errorf("dataset: %q is a file, not a directory: name the folder that "+
			"holds the class folders", root)
	}
	return nil, refused(err, "%q cannot be read", root)
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// modeOf is the type of an entry, or of what it links to: a class folder may be a link.
// One that leads nowhere is a link.
func modeOf(parent string, e os.DirEntry) fs.FileMode {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type()
	}
	s, err := os.Stat(filepath.Join(parent, e.Name()))
	if err != nil {
		return e.Type()
	}
	return s.Mode().Type()
}

// leftOut counts by extension the files that are no images.
type leftOut map[string]int

func (l leftOut) add(name string) {
	ext := strings.ToLower(filepath.Ext(name))
	if ext == "" {
		ext = "no extension"
	}
	l[ext]++
}

// warnings is one sentence with the kinds that are most frequent, or none.
func (l leftOut) warnings() []string {
	if len(l) == 0 {
		return nil
	}
	const mostKinds = 10
	kinds := slices.SortedFunc(maps.Keys(l), func(a, b string) int {
		return cmp.Or(cmp.Compare(l[b],
			l[a]), cmp.Compare(a, b))
	})
	total := 0
	for _, n := range l {
		total += n
	}
	shown := make([]string, min(len(kinds), mostKinds))
	for i := range shown {
		shown[i] = fmt.Sprintf("%s: %d", Printable(kinds[i]), l[kinds[i]])
	}
	return []string{fmt.Sprintf("%d file(s) are no images and are left out (%s)", total,
		few(shown, len(kinds)))}
}
