package loader

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"mixfolder/core/source"
	"mixfolder/core/workpool"
)

// ImageError is an image that could not be made of a file.
type ImageError struct {
	Path, Class string
	Position    int // in the subset's list of files
	Err         error
	// Fault tells that the file cannot be read, as opposed to a fault of the system or
	// of this package.
	Fault bool
	// Passing tells of a Fault that it may be over the next time: the disk is at fault,
	// or the file is there again.
	Passing bool
}

func (e *ImageError) Error() string {
	class := ""
	if e.Class != "" { // of a flat folder
		class = fmt.Sprintf("class %q, ", e.Class)
	}
	return fmt.Sprintf("cannot read image %q (%sfile_paths[%d]): %v%s", e.Path, class, e.Position,
		e.Err, e.remedy())
}

func (e *ImageError) Unwrap() error { return e.Err }

func (e *ImageError) remedy() string {
	var told interface{ Remedy() string } // which the error's text has
	switch {
	case errors.Is(e.Err, errNoneLeft):
		return ": repair them, or remove the class"
	case errors.Is(e.Err, errDisk):
		return ""
	case e.Fault && errors.As(e.Err, &told):
		return `, or let on_error="skip" put the next good image of the class in its place`
	case e.Fault:
		return `: repair or remove the file, or let on_error="skip" put the next good image of the class in its place`
	case errors.Is(e.Err, syscall.EMFILE), errors.Is(e.Err, syscall.ENFILE):
		return ": " + moreFiles + "; the file itself may be good"
	}
	return ""
}

const moreFiles = "close other files, or raise the limit (ulimit -n)"

var (
	errNoneLeft = errors.New("no image of its class can be read")
	errDisk     = errors.New("does its disk fail?")
)

// blame tells whether an error in making an image of a file is that file's fault, and
// whether it may be over the next time.
func blame(err error) (fault, passing bool) {
	if errors.Is(err, workpool.ErrInternal) || errors.Is(err, workpool.ErrClosed) {
		return false, false
	}
	b := source.BlameOf(err)
	return b != source.System, b == source.Disk
}

// named adds to an error in making an image which file it was, and whether that is to
// blame. The system says the same of a file that is missing and of a file whose disk
// is: so if it refuses a file, the folder is checked.
func (l *Loader) named(file int32, err error) *ImageError {
	e := &ImageError{Path: l.listing.Path(file), Class: l.listing.Class(file),
		Position: int(l.position(file)), Err: err}
	e.Fault, e.Passing = blame(err)
	if !e.Fault || source.BlameOf(err) == source.Nothing {
		return e
	}
	src, name := l.listing.Source, l.listing.Names[file]
	class, _, below := strings.Cut(name, "/")
	if !below {
		class = "."
	}
	if gone := src.Check(class); gone != nil {
		e.Err, e.Fault, e.Passing = fmt.Errorf("%w: %w", err, gone), false, false
	} else if errors.Is(err, fs.ErrNotExist) {
		_, missing := src.Stat(name)
		e.Passing = missing == nil // it was being replaced, or its disk mounted
	}
	return e
}
