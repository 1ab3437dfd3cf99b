package source

import (
	"errors"
	"slices"
	"syscall"
)

// Blame is the cause of an error of a Source.
type Blame int

const (
	Nothing Blame = iota // not an error of the operating system
	File                 // the file or its path
	Disk                 // the disk or its file system: the file may be good another time
	System               // anything else, which has nothing to do with this file
)

// fileErrors are the system's errors about a file or its path. All others, such as too
// many open files, no memory or a server that does not answer, may be transient, and
// treating the file as bad would skip good ones.
var fileErrors = []error{
	syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP, syscall.EACCES, syscall.EPERM,
	syscall.ENAMETOOLONG, syscall.EINVAL, syscall.ENXIO, syscall.ENODEV,
}

// BlameOf returns the cause of an error.
func BlameOf(err error) Blame {
	var number syscall.Errno
	switch {
	case !errors.As(err, &number):
		return Nothing
	case slices.Contains(DiskErrors, error(number)):
		return Disk
	case slices.Contains(fileErrors, error(number)):
		return File
	}
	return System
}

// Reopening returns a Reader that retries a file once if its server has lost the handle
// (ESTALE): opening its path again finds it.
func Reopening(r Reader) Reader { return reopening{r} }

type reopening struct{ Reader }

func (r reopening) Read(name string, buf []byte, admit Admit) ([]byte, error) {
	buf, err := r.Reader.Read(name, buf, admit)
	if errors.Is(err, syscall.ESTALE) {
		buf, err = r.Reader.Read(name, buf, admit)
	}
	return buf, err
}

// MoreFiles is the remedy where the system says that too many files are open.
const MoreFiles = "close other files, or raise the limit (ulimit -n)"
