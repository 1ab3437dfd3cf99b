// Package source reads the files of a data set from where they are stored: a directory
// of this machine or, by a Source of its own, an archive or an object store.
//
// A Source has the semantics of a file system of package io/fs, but not its type:
// fs.ValidPath refuses names that are not UTF-8, which file systems of Linux have, and
// fs.File has no way to read into memory that is reused from file to file. Names are
// slash-separated paths below the top of the source and may have any bytes but NUL; "."
// is the top itself.
package source

import (
	"errors"
	"io/fs"
)

// Source is a tree of files. It is safe for concurrent use.
type Source interface {
	// Path returns the name of a file or folder in messages.
	Path(name string) string
	// Stat describes a file or folder; it follows links.
	Stat(name string) (fs.FileInfo, error)
	// ReadDir lists a folder in byte order of the names. The text of its error contains
	// the path; Cause shortens it.
	ReadDir(name string) ([]fs.DirEntry, error)
	// NewReader returns a reader for one goroutine.
	NewReader() Reader
	// Check returns why no file below a folder can be reached, such as a missing disk
	// or a server that does not answer; nil if they can. It is called after a file
	// could not be read, in order not to blame the file.
	Check(folder string) error
}

// Reader reads files into memory of its caller. It is not safe for concurrent use. Its
// errors do not name the file; Blame tells them apart.
type Reader interface {
	// Read returns the content of a regular file in buf, which grows as needed and is
	// also returned with an error. admit is called before memory is allocated for a
	// file of more than LargeFile bytes, and again if such a file turns out to be
	// longer. Read returns its error.
	Read(name string, buf []byte, admit Admit) ([]byte, error)
	// Head returns the first bytes of a regular file in buf, n at most or more where it
	// is no more effort, and the size of the file.
	Head(name string, buf []byte, n int) ([]byte, int64, error)
	// Prefetch requests a file that will be read soon, without waiting for it. It
	// ignores errors: Read reports them.
	Prefetch(name string)
}

// Admit decides by the size and the first bytes of a large file whether to read it, and
// may wait until there is memory for it.
type Admit func(size int64, head []byte) error

// LargeFile is the size in bytes above which Admit is called: such a file may be a
// video or a disk image.
const LargeFile = 64 << 20

// HeadBytes is the length of the head that Admit gets, which is less for a shorter
// file. It is enough to detect the format of an image.
const HeadBytes = 16

// Kind is a kind of source, such as archives of one format.
type Kind struct {
	// Match reports whether a location, such as "scheme:rest" or a name with an
	// extension, is of this kind.
	Match func(location string) bool
	Open  func(location string) (Source, error)
}

var kinds []Kind

// Register adds a kind of source. It is called by init functions only.
func Register(k Kind) { kinds = append(kinds, k) }

// Open returns the source at a location: of the first kind that matches, or else the
// directory with this path, which need not exist yet.
func Open(location string) (Source, error) {
	for _, k := range kinds {
		if k.Match(location) {
			return k.Open(location)
		}
	}
	return Dir(location), nil
}

// grow returns buf with space for a file of n bytes and one more, which detects its
// end.
func grow(buf []byte, n int64) []byte {
	if n >= int64(cap(buf)) {
		buf = make([]byte, n+min(n/4, LargeFile)+512)
	}
	return buf[:cap(buf)]
}

// Cause returns the system's message, without the path.
func Cause(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}
