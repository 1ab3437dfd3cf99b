// Package folder turns a directory with one sub-folder a class into a Listing: classes, files and labels, in a fixed order,
// and splits a Listing in two.
package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// Options say how a folder is scanned. The zero value takes all classes and follows no links below them.
type Options struct {
	// Classes, if not empty, are the class folders to take, in the order of their labels.
	Classes []string
	// FollowLinks also descends into linked folders below a class. A class folder may itself always be a link.
	FollowLinks bool
	// Tolerant goes on past folders that cannot be read and classes without a picture: they are the Listing's Faults.
	Tolerant bool
}

// Listing is what a scan found, or a list of files says. It is never changed and may be shared.
type Listing struct {
	Root string
	// Classes are folder names, any bytes. Label i is Classes[i].
	Classes []string
	// Paths are relative to Root. Scan gives them class by class, within a class folder by folder and there by name, in the
	// order of their bytes.
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

// extensions are the names that are taken unopened. A file whose content does not fit is an error when it is decoded, not here.
var extensions = map[string]bool{
	".jpg": true, ".jpeg": true, ".jpe": true, ".jfif": true, ".png": true, ".gif": true, ".bmp": true, ".dib": true,
	".webp": true, ".tif": true, ".tiff": true,
}

// Scan lists root. Names that start with a dot are skipped. Only regular files are ever opened, and only those whose name does
// not tell that they are pictures. A missing or empty root, no class folder and a class without a picture are errors.
func Scan(root string, o Options) (*Listing, error) {
	entries, err := readRoot(root)
	if err != nil {
		return nil, err
	}
	var found []string
	loose := 0
	for _, e := range entries {
		switch {
		case hidden(e.Name()):
		case isDir(root, e):
			found = append(found, e.Name())
		default:
			loose++
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("folder: %q has no class folders: put the pictures of each class into a folder of its own below it, "+
			"such as %q (files directly in it: %d)", root, filepath.Join(root, "rose", "1.jpg"), loose)
	}
	classes, err := chooseClasses(root, found, o.Classes)
	if err != nil {
		return nil, err
	}
	l := &Listing{Root: root, Classes: classes}
	if loose > 0 {
		l.Warnings = append(l.Warnings, fmt.Sprintf("%d file(s) directly in %q belong to no class and are ignored", loose, root))
	}
	left := leftOut{}
	for label, class := range classes {
		w := walker{root: root, follow: o.FollowLinks, tolerant: o.Tolerant, left: left}
		if err := w.walk(class, nil); err != nil {
			return nil, err
		}
		if len(w.paths) == 0 {
			w.faults = append(w.faults, Fault{class, "it has no picture"})
		}
		if len(w.paths) == 0 && !o.Tolerant {
			return nil, fmt.Errorf("folder: class %q has no picture in %q: add pictures (JPEG, PNG, GIF, BMP, WebP, TIFF), remove the "+
				"folder, or name the wanted classes with class_names", class, filepath.Join(root, class))
		}
		l.Faults = append(l.Faults, w.faults...)
		l.Paths = append(l.Paths, w.paths...)
		l.Labels = append(l.Labels, slices.Repeat([]int32{int32(label)}, len(w.paths))...)
	}
	l.Warnings = append(l.Warnings, left.warnings()...)
	return l, nil
}

// readRoot reads the top folder and says what is wrong with it in the user's words.
func readRoot(root string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(root)
	switch {
	case err == nil && len(entries) > 0:
		return entries, nil
	case err == nil:
		return nil, fmt.Errorf("folder: %q is empty: it must have one sub-folder a class, with pictures in each", root)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("folder: %q does not exist: check the path: %w", root, err)
	}
	if s, e := os.Stat(root); e == nil && !s.IsDir() {
		return nil, fmt.Errorf("folder: %q is a file, not a directory: name the folder that holds the class folders", root)
	}
	return nil, fmt.Errorf("folder: %q cannot be read: %w", root, err)
}

func chooseClasses(root string, found, wanted []string) ([]string, error) {
	if len(wanted) == 0 {
		return found, nil
	}
	for i, c := range wanted {
		if !slices.Contains(found, c) {
			return nil, fmt.Errorf("folder: class_names has %q, which is no folder in %q: it has %s", c, root, quoted(found))
		}
		if slices.Contains(wanted[:i], c) {
			return nil, fmt.Errorf("folder: class_names has %q twice: name each class once", c)
		}
	}
	return slices.Clone(wanted), nil
}

func quoted(names []string) string {
	const most = 20
	var b strings.Builder
	for i, n := range names {
		if i == most {
			fmt.Fprintf(&b, ", and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", n)
	}
	return b.String()
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// isDir follows a link, as a class folder may be one.
func isDir(parent string, e os.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	s, err := os.Stat(filepath.Join(parent, e.Name()))
	return err == nil && s.IsDir()
}

// leftOut counts by extension the files that are no pictures.
type leftOut map[string]int

func (l leftOut) add(name string) {
	ext := strings.ToLower(filepath.Ext(name))
	if ext == "" {
		ext = "no extension"
	}
	l[ext]++
}

func (l leftOut) warnings() []string {
	if len(l) == 0 {
		return nil
	}
	var kinds []string
	total := 0
	for ext, n := range l {
		kinds = append(kinds, fmt.Sprintf("%s: %d", ext, n))
		total += n
	}
	sort.Strings(kinds)
	return []string{fmt.Sprintf("%d file(s) in the class folders are no pictures and are left out (%s)", total, strings.Join(kinds, ", "))}
}
