package dataset

import (
	"errors"
	"fmt"
	"strings"

	"mixfolder/core/label"
	"mixfolder/core/source"
)

// FromList makes a Dataset of files that the caller has found: names in src, and the
// label of each, an index in classes. The files may come in any order, and a class may
// have none of them. Nothing is opened or looked for: a file that is missing is an
// error when it is read. The Dataset keeps the slices, which nobody may change
// afterwards.
func FromList(src source.Source, classes, files []string, labels []int32) (*Dataset, error) {
	switch {
	case len(files) == 0:
		return nil, errors.New("dataset: the list has no files: name one at least")
	case len(files) != len(labels):
		return nil, fmt.Errorf("dataset: the list has %d files but %d labels: give one label per "+
			"file", len(files), len(labels))
	}
	for _, names := range [][]string{{src.Path(".")}, classes, files} {
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
				"the indices of the classes", files[i], label, len(classes)-1)
		}
	}
	return &Dataset{Source: src, Names: files,
		Table: label.Table{Classes: classes, Index: labels}}, nil
}
