package dataset

import (
	"errors"
	"fmt"
	"strings"
)

// FromList makes a Listing of files that the caller has found: paths relative to root,
// and the label of each, an index in classes. The files may come in any order, and a
// class may have none of them. Nothing is opened or looked for: a file that is missing
// is an error when it is read. The Listing keeps the slices, which nobody may change
// afterwards.
func FromList(root string, classes, paths []string, labels []int32) (*Listing, error) {
	switch {
	case len(paths) == 0:
		return nil, errors.New("dataset: the list has no files: name one at least")
	case len(paths) != len(labels):
		return nil, fmt.Errorf("dataset: the list has %d files but %d labels: give one label a file", len(paths), len(labels))
	}
	for _, names := range [][]string{{root}, classes, paths} {
		for _, n := range names {
			if n == "" || strings.Contains(n, "\x00") {
				return nil, fmt.Errorf("dataset: the list has the name %q: a name must not be "+
					"empty or hold a NUL", n)
			}
		}
	}
	for i, label := range labels {
		if label < 0 || int(label) >= len(classes) {
			return nil, fmt.Errorf("dataset: file %q has label %d: it must be one of 0 to %d, "+
				"the places of the classes", paths[i], label, len(classes)-1)
		}
	}
	return &Listing{Root: root, Classes: classes, Paths: paths, Labels: labels}, nil
}
