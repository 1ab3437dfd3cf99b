// Package dataset derives classes, labels and splits from the names of files: those of
// a folder with one subfolder per class, or those of a list. It works on any source.
package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"

	"mixfolder/core/label"
	"mixfolder/core/source"
)

// Dataset is the result of a scan, or the contents of a list of files. It is never
// changed and may be shared.
type Dataset struct {
	Source source.Source
	// Table has the labels. Classes are folder names, any bytes. A flat folder has one,
	// "". If a list has the labels of several heads, these are those of the first.
	label.Table
	// More are the labels of the other heads.
	More []label.Table
	// Flat is true if there are no class folders.
	Flat bool
	// Names are the files' names in Source. Scan sorts them by class, then by folder,
	// then by name, in byte order.
	Names []string
	// Masks is nil if there are none.
	Masks *Masks
	// Groups has the name of each file's group; nil if files do not belong together.
	Groups []string
	// Unused are the folders that a scan was told to leave out, by its classes.
	Unused []string
	// Skipped lists the folders that a tolerant scan could not use.
	Skipped []SkippedFolder
	// Warnings are messages for the user: what was left out, and why.
	Warnings []string
}

// SkippedFolder is a folder that could not be used.
type SkippedFolder struct {
	Name   string // in the source
	Reason string
}

// Path is the name of the i-th file in messages.
func (d *Dataset) Path(i int32) string { return d.Source.Path(d.Names[i]) }

// Heads returns the labels of each head.
func (d *Dataset) Heads() []label.Table { return append([]label.Table{d.Table}, d.More...) }

// All returns the indices of all files.
func (d *Dataset) All() []int32 {
	files := make([]int32, len(d.Names))
	for i := range files {
		files[i] = int32(i)
	}
	return files
}

// Digest identifies classes, labels and the names of images and masks (not the files'
// content), so that a loader that is opened again elsewhere can tell whether it has the
// same data set.
func (d *Dataset) Digest() string {
	h := sha256.New()
	write := func(names []string) {
		for _, n := range names {
			h.Write([]byte(n))
			h.Write([]byte{0})
		}
		h.Write([]byte{0})
	}
	write(d.Classes)
	write(d.Names)
	if d.Masks != nil {
		write(d.Masks.Names)
	}
	for i, t := range d.Heads() {
		if i > 0 {
			write(t.Classes)
		}
		writeLabels(h, &t)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeLabels(h hash.Hash, t *label.Table) {
	var number [4]byte
	for _, label := range t.Index {
		binary.LittleEndian.PutUint32(number[:], uint32(label))
		h.Write(number[:])
	}
	for _, v := range t.Values {
		binary.LittleEndian.PutUint32(number[:], math.Float32bits(v))
		h.Write(number[:])
	}
}

func (d *Dataset) warn(format string, arguments ...any) {
	d.Warnings = append(d.Warnings, fmt.Sprintf(format, arguments...))
}
