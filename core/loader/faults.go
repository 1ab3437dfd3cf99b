package loader

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
)

// PictureError is a picture that could not be made of a file.
type PictureError struct {
	Path, Class string
	Position    int // in the subset's list of files
	Err         error
	// Fault tells that it is the file that is bad, and not the system or this package.
	Fault bool
}

func (e *PictureError) Error() string {
	return fmt.Sprintf("cannot read picture %q (class %q, file_paths[%d]): %v%s", e.Path, e.Class, e.Position, e.Err, e.remedy())
}

func (e *PictureError) Unwrap() error { return e.Err }

func (e *PictureError) remedy() string {
	var told interface{ Remedy() string } // which the error's text has
	switch {
	case errors.Is(e.Err, errNoneLeft):
		return ": repair them, or remove the class"
	case e.Fault && errors.As(e.Err, &told):
		return `, or let on_error="skip" put the next good picture of the class in its place`
	case e.Fault:
		return `: repair or remove the file, or let on_error="skip" put the next good picture of the class in its place`
	case errors.Is(e.Err, syscall.EMFILE), errors.Is(e.Err, syscall.ENFILE):
		return ": " + moreFiles + "; the file itself may be good"
	}
	return ""
}

const moreFiles = "close other files, or raise the limit (ulimit -n)"

var (
	errNoneLeft = errors.New("no picture of its class can be read")
	errNoRoot   = errors.New("the whole folder is gone: is its disk still there?")
)

// faultsOfFiles are what the system says of a file or its path. Whatever else it says, such as that there are too many open files, that
// there is no memory or that a disk does not answer, may be otherwise in a moment, and good files would be taken for bad ones.
var faultsOfFiles = []error{
	syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP, syscall.EACCES, syscall.EPERM, syscall.ENAMETOOLONG, syscall.EINVAL,
	syscall.ENXIO, syscall.ENODEV,
}

// isFault tells whether an error in making a picture of a file means that the file is bad.
func isFault(err error) bool {
	var system syscall.Errno
	switch {
	case errors.Is(err, ErrInternal), errors.Is(err, ErrClosed), errors.Is(err, errNoRoot):
		return false
	case errors.As(err, &system):
		return slices.Contains(faultsOfFiles, error(system))
	}
	return true
}

// faults are the files that could not be read, and what is done about them. They are safe for concurrent use.
//
// Where they are skipped, a picture that cannot be read is replaced by the first one after it, within its class and the subset and
// cyclically, that can. So what fills a place depends on which files are bad, and not on who found out, or when: while the files stay
// as they are, a batch is the same whenever it is made. A file that was found bad stays so for the life of the loader, even if it is
// repaired meanwhile; so a file that changes under way changes a batch once at most, from the file's picture to another's.
type faults struct {
	skip bool
	// reasons has one place a file of the listing: nil while the file is not known to be bad.
	reasons []atomic.Pointer[string]
	skipped atomic.Int64 // pictures that were replaced
}

func newFaults(files int, skip bool) faults {
	return faults{skip: skip, reasons: make([]atomic.Pointer[string], files)}
}

// Bad is a file that could not be read.
type Bad struct {
	Position int32  `json:"position"` // among the subset's files
	Reason   string `json:"reason"`   // of the first time
}

// Bad are the files of the subset that could not be read so far, in its order.
func (l *Loader) Bad() []Bad {
	found := []Bad{}
	for position, file := range l.members {
		if reason := l.faults.reasons[file].Load(); reason != nil {
			found = append(found, Bad{int32(position), *reason})
		}
	}
	return found
}

// named adds to an error in making a picture which file it was.
func (l *Loader) named(file int32, err error) *PictureError {
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Stat(l.listing.Root); gone != nil {
			err = fmt.Errorf("%w: %w", errNoRoot, err)
		}
	}
	return &PictureError{l.listing.Path(file), l.listing.Class(file), int(l.position(file)), err, isFault(err)}
}

// use makes a picture of a file by f; where bad files are skipped, of the next good one.
func (l *Loader) use(file int32, f func(file int32) error) error {
	for {
		shown, ok := l.shown(file)
		if !ok {
			reason := *l.faults.reasons[file].Load()
			return l.named(file, fmt.Errorf("%s: %w", reason, errNoneLeft))
		}
		err := Caught(func() error { return f(shown) })
		if err == nil {
			if shown != file {
				l.faults.skipped.Add(1)
			}
			return nil
		}
		bad := l.named(shown, err)
		if bad.Fault {
			reason := err.Error()
			l.faults.reasons[shown].CompareAndSwap(nil, &reason)
		}
		if !bad.Fault || !l.faults.skip {
			return bad
		}
	}
}

// shown is the file that is shown in the place of a file, as far as is known: itself where it is not known to be bad. It is false where
// the whole class is bad.
func (l *Loader) shown(file int32) (int32, bool) {
	known := func(file int32) bool { return l.faults.reasons[file].Load() != nil }
	if !l.faults.skip || !known(file) {
		return file, true
	}
	start := int(l.position(file))
	for i := range l.members {
		other := l.members[(start+i)%len(l.members)]
		if l.listing.Labels[other] == l.listing.Labels[file] && !known(other) {
			return other, true
		}
	}
	return file, false
}
