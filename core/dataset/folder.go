package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"mixfolder/core/imagefile"
	"mixfolder/core/source"
	"mixfolder/core/text"
)

// Options control how a folder is scanned. The zero value uses all classes and follows
// no links below them.
type Options struct {
	// Classes, if not empty, are the class folders to use, in the order of their
	// labels. A class that is missing or has no image keeps its label, with a warning.
	Classes []string
	// Flat treats a folder with images directly in it as one class without a name, with
	// all images below it, at any depth. A tolerant scan does so if there are no class
	// folders.
	Flat bool
	// FollowLinks also descends into linked folders below a class. A class folder may
	// itself always be a link.
	FollowLinks bool
	// Tolerant skips folders that cannot be read and classes without an image, and adds
	// them to Dataset.Skipped.
	Tolerant bool
	// Stopped, if set, is called for each file; the scan ends with ErrStopped once it
	// returns true.
	Stopped func() bool
}

// ErrStopped is the error of a scan that was stopped.
var ErrStopped = errors.New("dataset: the scan was stopped")

// extensions are those of files that are accepted unopened. A file whose content does
// not match is an error when it is decoded, not here.
var extensions = func() map[string]bool {
	known := map[string]bool{}
	for _, e := range imagefile.Extensions() {
		known[e] = true
	}
	return known
}()

// formatNames lists the formats for messages.
func formatNames() string { return strings.Join(imagefile.Names(), ", ") }

// Scan lists a folder with one subfolder per class. Names that start with a dot are
// skipped. Only regular files are ever opened, and only those whose extension is not
// that of an image. A missing or empty folder and a folder without class folders are
// errors; so is a class without an image, unless Options.Classes names it and another
// class has images; so are folders that seem to be the parts of a data set, such as train
// and val, unless there are Options.Classes or the scan is tolerant.
func Scan(src source.Source, o Options) (*Dataset, error) {
	entries, err := src.ReadDir(".")
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("dataset: %q is empty: it must have one subfolder per class, with "+
			"images in each", src.Path("."))
	}
	w := newWalker(src, o)
	var folders []string
	var files []fs.DirEntry
	for _, e := range entries {
		switch {
		case hidden(e.Name()):
		case w.typeOf(".", e).IsDir():
			folders = append(folders, e.Name())
		default:
			files = append(files, e)
		}
	}
	hasImages := func() bool {
		return slices.ContainsFunc(files, func(e fs.DirEntry) bool {
			return w.typeOf(".", e).IsRegular() && w.isImage(e.Name())
		})
	}
	d := &Dataset{Source: src}
	c := chosen{names: []string{""}}
	switch {
	case o.Flat && len(o.Classes) == 0 && (!o.Tolerant || len(folders) == 0) && hasImages():
		d.Flat = true
	case len(folders) == 0:
		return nil, errNoClasses(src, hasImages(), len(files))
	default:
		if len(o.Classes) == 0 && !o.Tolerant {
			if err := errParts(src.Path("."), folders); err != nil {
				return nil, err
			}
		}
		if c, err = chooseClasses(src.Path("."), folders, o.Classes); err != nil {
			return nil, err
		}
		if len(files) > 0 {
			d.warn("%d file(s) directly in %q belong to no class and are ignored", len(files),
				src.Path("."))
		}
	}
	d.Classes, d.Unused = c.names, c.unused
	if c.warning != "" && !o.Tolerant {
		d.warn("%s", c.warning)
	}
	return d, d.gather(w, c, o)
}

// gather adds the files of the classes.
func (d *Dataset) gather(w *walker, c chosen, o Options) error {
	var empty []string
	for label, class := range d.Classes {
		var names []string
		reason := "there is no such folder"
		if !c.missing[class] {
			var err error
			if names, err = w.class(class); err != nil {
				return err
			}
			reason = "it has no image" + w.hint()
			if len(names) == 0 {
				empty = append(empty, class)
			}
		}
		switch {
		case len(names) > 0:
		case o.Tolerant:
			w.skipped = append(w.skipped, SkippedFolder{class, reason})
		case len(o.Classes) == 0:
			return fmt.Errorf("dataset: class %q has no image in %q%s: add images (%s), remove "+
				"the folder, or name the wanted classes with class_names", class,
				d.Source.Path(class), w.hint(), formatNames())
		}
		d.Names = append(d.Names, names...)
		d.Index = append(d.Index, slices.Repeat([]int32{int32(label)}, len(names))...)
	}
	d.Skipped = w.skipped
	if len(d.Names) == 0 && !o.Tolerant {
		return fmt.Errorf("dataset: none of the classes in class_names has an image in %q: add "+
			"images (%s)", d.Source.Path("."), formatNames())
	}
	if len(empty) > 0 && !o.Tolerant {
		d.warn("%d class(es) in %q have no image and keep their labels: %s", len(empty),
			d.Source.Path("."), text.QuotedList(empty))
	}
	if w.allLinked > 0 {
		d.warn("%d linked folder(s) are not entered: follow_links=True enters them", w.allLinked)
	}
	d.Warnings = append(d.Warnings, w.otherFiles.warnings()...)
	return nil
}

// errNoClasses is the error for a folder without class folders.
func errNoClasses(src source.Source, images bool, files int) error {
	other := ""
	if images {
		other = ", or take them without classes, with label_mode=None"
	}
	return fmt.Errorf("dataset: %q has no class folders: put the images of each class into a "+
		"folder of its own below it, such as %q%s (files directly in it: %d)", src.Path("."),
		src.Path("rose/1.jpg"), other, files)
}

func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// fileCounts counts the files that are not images, by extension.
type fileCounts map[string]int

func (c fileCounts) add(name string) {
	ext := strings.ToLower(path.Ext(name))
	if ext == "" {
		ext = "no extension"
	}
	c[ext]++
}

// warnings returns one message with the most frequent kinds, or none.
func (c fileCounts) warnings() []string {
	if len(c) == 0 {
		return nil
	}
	const maxKinds = 10
	kinds := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b))
	})
	total := 0
	for _, n := range c {
		total += n
	}
	shown := make([]string, min(len(kinds), maxKinds))
	for i := range shown {
		shown[i] = fmt.Sprintf("%s: %d", text.Printable(kinds[i]), c[kinds[i]])
	}
	return []string{fmt.Sprintf("%d file(s) are no images and are left out (%s)", total,
		text.List(shown, len(kinds)))}
}
