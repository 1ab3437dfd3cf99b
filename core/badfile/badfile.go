// Package badfile defines the error for a file that could not be turned into an image:
// which file it is, and whether the file, its disk or something else is to blame.
package badfile

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"mixfolder/core/dataset"
	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// Error reports that a file could not be turned into an image.
type Error struct {
	Path, Class string
	Index       int // in the subset's list of files
	Err         error
	// BadFile is false if the system or this package is to blame, and not the file.
	BadFile bool
	// Transient is true for a bad file that may be good the next time: its disk is to
	// blame, or the file exists again.
	Transient bool
}

func (e *Error) Error() string {
	class := ""
	if e.Class != "" { // of a flat folder
		class = fmt.Sprintf("class %q, ", e.Class)
	}
	return fmt.Sprintf("cannot read image %q (%sfile_paths[%d]): %v%s", e.Path, class, e.Index,
		e.Err, e.remedy())
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) remedy() string {
	var hasRemedy interface{ Remedy() string } // in the text of the error
	ofClass := " of the class"
	if e.Class == "" {
		ofClass = ""
	}
	switch {
	case errors.Is(e.Err, ErrNoneLeft):
		if e.Class == "" {
			return ": repair them"
		}
		return ": repair them, or remove the class"
	case errors.Is(e.Err, ErrDisk):
		return ""
	case e.BadFile && errors.As(e.Err, &hasRemedy):
		return `, or let on_error="skip" put the next good image` + ofClass + ` in its place`
	case e.BadFile:
		return `: repair or remove the file, or let on_error="skip" put the next good image` +
			ofClass + ` in its place`
	case errors.Is(e.Err, syscall.EMFILE), errors.Is(e.Err, syscall.ENFILE):
		return ": " + source.MoreFiles + "; the file itself may be good"
	}
	return ""
}

var (
	// ErrNoneLeft is wrapped if all files of a class are bad.
	ErrNoneLeft = errors.New("no image of its class can be read")
	// ErrDisk is wrapped if many files in a row are refused.
	ErrDisk = errors.New("does its disk fail?")
)

// MaskError is the error in reading the mask of an image.
type MaskError struct {
	Path string // of the mask
	Err  error
}

func (e *MaskError) Error() string { return fmt.Sprintf("its mask %q: %v", e.Path, e.Err) }

func (e *MaskError) Unwrap() error { return e.Err }

// New wraps an error in making an image with the name of the file and what is to blame.
// The system returns the same error for a missing file and for a missing disk, so if a
// file cannot be opened, its folder is checked. index is the file's index in the
// subset. A MaskError is about the file's mask.
func New(d *dataset.Dataset, file int32, index int, err error) *Error {
	e := &Error{Path: d.Path(file), Class: d.Class(file), Index: index, Err: err}
	if errors.Is(err, workpool.ErrInternal) || errors.Is(err, workpool.ErrClosed) {
		return e
	}
	blame := source.BlameOf(err)
	e.BadFile, e.Transient = blame != source.System, blame == source.Disk
	if blame == source.Nothing || blame == source.System {
		return e
	}
	src, name := d.Source, d.Names[file]
	if mask := new(MaskError); errors.As(err, &mask) {
		src, name = d.Masks.Source, d.Masks.Names[file]
	}
	class, _, below := strings.Cut(name, "/")
	if !below {
		class = "."
	}
	if gone := src.Check(class); gone != nil {
		e.Err, e.BadFile, e.Transient = fmt.Errorf("%w: %w", err, gone), false, false
	} else if errors.Is(err, fs.ErrNotExist) {
		_, missing := src.Stat(name)
		e.Transient = missing == nil // it was being replaced, or its disk mounted
	}
	return e
}
