// Package dataset turns the names of files into classes, labels and splits: of a folder
// with one subfolder per class, or of a list. It works on any source.
package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"mixfolder/core/label"
	"mixfolder/core/source"
)

// Dataset is what a scan found, or what a list of files says. It is never changed and
// may be shared.
type Dataset struct {
	Source source.Source
	// Table has the labels. Classes are folder names, any bytes. A flat folder has one,
	// "".
	label.Table
	// Flat tells that there are no class folders.
	Flat bool
	// Names are the files' names in Source. Scan gives them class by class, within a
	// class folder by folder and there by name, in the order of their bytes.
	Names []string
	// Skipped are folders that a tolerant scan could not take anything from.
	Skipped []SkippedFolder
	// Warnings are sentences for the user: what was left out, and why.
	Warnings []string
}

// SkippedFolder is a folder from which nothing could be taken.
type SkippedFolder struct {
	Name   string // in the source
	Reason string
}

// Path is what messages call the i-th file.
func (d *Dataset) Path(i int32) string { return d.Source.Path(d.Names[i]) }

// All are the indices of all files.
func (d *Dataset) All() []int32 {
	files := make([]int32, len(d.Names))
	for i := range files {
		files[i] = int32(i)
	}
	return files
}

// Digest identifies classes, names and labels (not the files' content), so that a
// loader that is opened again elsewhere can tell whether it has the same data set.
func (d *Dataset) Digest() string {
	h := sha256.New()
	for _, names := range [][]string{d.Classes, d.Names} {
		for _, n := range names {
			h.Write([]byte(n))
			h.Write([]byte{0})
		}
		h.Write([]byte{0})
	}
	for _, label := range d.Index {
		h.Write([]byte{byte(label), byte(label >> 8), byte(label >> 16), byte(label >> 24)})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (d *Dataset) warn(format string, arguments ...any) {
	d.Warnings = append(d.Warnings, fmt.Sprintf(format, arguments...))
}
