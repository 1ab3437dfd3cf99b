package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"mixfolder/core/source"
	"mixfolder/core/text"
)

// Masks are the files with the class of each pixel of the images.
type Masks struct {
	Source source.Source
	Names  []string // in Source, one per file of the data set
}

// Path is the name of the mask of the i-th file in messages.
func (m *Masks) Path(i int32) string { return m.Source.Path(m.Names[i]) }

// ListMasks gives a data set that is not shared yet its masks: those in a source with
// these names, one per file.
func (d *Dataset) ListMasks(src source.Source, names []string) error {
	if len(names) != len(d.Names) {
		return fmt.Errorf("dataset: there are %d files, but %d masks: give one mask per file",
			len(d.Names), len(names))
	}
	d.Masks = &Masks{src, names}
	return nil
}

// FindMasks gives a data set that is not shared yet its masks: those in a source with
// the names of the files, except for the extension. A missing mask is an error, or a
// warning if it is tolerated: then it is an error when it is read.
func (d *Dataset) FindMasks(src source.Source, tolerate bool) error {
	if _, err := src.ReadDir("."); err != nil {
		return err
	}
	m := &Masks{src, make([]string, len(d.Names))}
	folders := map[string]map[string][]string{}
	var missing []string
	for i, name := range d.Names {
		folder := path.Dir(name)
		if folders[folder] == nil {
			var err error
			if folders[folder], err = byStem(src, folder); err != nil {
				return err
			}
		}
		base := path.Base(name)
		switch found := folders[folder][stem(base)]; {
		case len(found) == 0:
			missing = append(missing, name)
			m.Names[i] = path.Join(folder, stem(base)+".png")
		case slices.Contains(found, base):
			m.Names[i] = name
		case len(found) > 1:
			return fmt.Errorf("dataset: the image %q has several masks in %q: %s: keep one of "+
				"them", name, src.Path(folder), text.QuotedList(found))
		default:
			m.Names[i] = path.Join(folder, found[0])
		}
	}
	d.Masks = m
	if len(missing) == 0 {
		return nil
	}
	found := fmt.Sprintf("%d of %d image(s) have no mask in %q: %s", len(missing), len(d.Names),
		src.Path("."), text.QuotedList(missing))
	if tolerate && len(missing) < len(d.Names) {
		d.warn("%s", found)
		return nil
	}
	return fmt.Errorf("dataset: %s: a mask has the name of its image and any extension, such as "+
		"%q; pass masks of other names to from_files", found, src.Path(path.Join(path.Dir(
		missing[0]), stem(path.Base(missing[0]))+".png")))
}

// byStem lists the files of a folder by their names without extension. A missing folder
// has none.
func byStem(src source.Source, folder string) (map[string][]string, error) {
	files := map[string][]string{}
	entries, err := src.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if name := e.Name(); !e.IsDir() && !hidden(name) {
			files[stem(name)] = append(files[stem(name)], name)
		}
	}
	return files, nil
}

// stem is the name of a file without the extension of an image.
func stem(name string) string {
	if ext := path.Ext(name); extensions[strings.ToLower(ext)] {
		return strings.TrimSuffix(name, ext)
	}
	return name
}
