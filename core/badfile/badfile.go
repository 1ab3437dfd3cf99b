// Package badfile names the file of which no image could be made, and tells whether the
// file, its disk or something else is to blame.
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

// Error says that no image could be made of a file.
type Error struct {
	Path, Class string
	Index       int // in the subset's list of files
	Err         error
	// BadFile is false if the system or this package is to blame, and not the file.
	BadFile bool
	// Transient tells of a bad file that it may be good the next time: its disk is to
	// blame, or it is there again.
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
	switch {
	case errors.Is(e.Err, ErrNoneLeft):
		return ": repair them, or remove the class"
	case errors.Is(e.Err, ErrDisk):
		return ""
	case e.BadFile && errors.As(e.Err, &hasRemedy):
		return `, or let on_error="skip" put the next good image of the class in its place`
	case e.BadFile:
		return `: repair or remove the file, or let on_error="skip" put the next good image of ` +
			`the class in its place`
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

// New adds to an error in making an image of a file which file it was, and what is to
// blame. The system says the same of a missing file and of a file whose disk is
// missing: so if it refuses a file, its folder is checked. index is the file's in the
// subset.
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
	name := d.Names[file]
	class, _, below := strings.Cut(name, "/")
	if !below {
		class = "."
	}
	if gone := d.Source.Check(class); gone != nil {
		e.Err, e.BadFile, e.Transient = fmt.Errorf("%w: %w", err, gone), false, false
	} else if errors.Is(err, fs.ErrNotExist) {
		_, missing := d.Source.Stat(name)
		e.Transient = missing == nil // it was being replaced, or its disk mounted
	}
	return e
}
