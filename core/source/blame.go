package source

import (
	"errors"
	"slices"
	"syscall"
)

// Blame is what an error of a Source is to be blamed on.
type Blame int

const (
	Nothing Blame = iota // it is no error of the operating system
	File                 // the file or its path
	Disk                 // the disk or its file system: the file may be good another time
	System               // anything else, which has nothing to do with this file
)

// fileErrors are what the system says of a file or its path. Whatever else it says,
// such as that there are too many open files, that there is no memory or that a server
// does not answer, may be transient, and treating the file as a bad one would skip good
// ones.
var fileErrors = []error{
	syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.ELOOP, syscall.EACCES, syscall.EPERM,
	syscall.ENAMETOOLONG, syscall.EINVAL, syscall.ENXIO, syscall.ENODEV,
}

// BlameOf tells what an error is to be blamed on.
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

// Reopening returns a Reader that tries a file once more where a server had forgotten
// it (ESTALE): opening its path anew finds it again.
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
