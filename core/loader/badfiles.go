package loader

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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
	errNoRoot   = errors.New("the whole folder is gone: is its disk still there?")
	errNoFolder = errors.New("the folder of its class is gone or empty: is its disk still there?")
)

// faultsOfFiles are what the system says of a file or its path. Whatever else it says,
// such as that there are too many open files, that there is no memory or that a server
// does not answer, may be otherwise in a moment, and good files would be taken for bad
// ones.
var faultsOfFiles = []error{
	syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP, syscall.EACCES, syscall.EPERM, syscall.ENAMETOOLONG, syscall.EINVAL,
	syscall.ENXIO, syscall.ENODEV,
}

// blame tells whether an error in making an image of a file is that file's fault, and
// whether it may be over the next time.
func blame(err error) (fault, passing bool) {
	var system syscall.Errno
	switch {
	case errors.Is(err, ErrInternal), errors.Is(err, ErrClosed):
		return false, false
	case errors.As(err, &system):
		passing = slices.Contains(faultsOfDisks, error(system))
		return passing || slices.Contains(faultsOfFiles, error(system)), passing
	}
	return true, false
}

// named adds to an error in making an image which file it was, and whether that is to
// blame. The system says the same of a file that is missing and of a file whose disk
// is: so where it refuses a file, the folder is looked at.
func (l *Loader) named(file int32, err error) *ImageError {
	e := &ImageError{Path: l.listing.Path(file), Class: l.listing.Class(file),
		Position: int(l.position(file)), Err: err}
	e.Fault, e.Passing = blame(err)
	var system syscall.Errno
	if !e.Fault || !errors.As(err, &system) {
		return e
	}
	if gone := l.gone(file, system); gone != nil {
		e.Err, e.Fault, e.Passing = fmt.Errorf("%w: %w", err, gone), false, false
	} else if system == syscall.ENOENT {
		_, missing := os.Stat(e.Path)
		e.Passing = missing == nil // it was being replaced, or its disk mounted
	}
	return e
}

// gone tells whether the folder or the class folder of a file that was refused cannot
// be used at all. One in which a disk was mounted is there, but empty.
func (l *Loader) gone(file int32, refused syscall.Errno) error {
	if _, err := os.Stat(l.listing.Root); err != nil {
		return errNoRoot
	}
	folder := l.listing.Root
	if class, _, below := strings.Cut(l.listing.Paths[file], "/"); below {
		folder = filepath.Join(folder, class)
	}
	if _, err := os.Stat(folder + "/."); err != nil {
		return errNoFolder
	}
	if refused != syscall.ENOENT {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return nil // it can be entered, but not listed
	}
	defer d.Close()
	if _, err := d.Readdirnames(1); err == io.EOF {
		return errNoFolder
	}
	return nil
}
