//go:build !linux

package loader

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// faultsOfDisks are what the system says where a disk cannot give a file, for now or
// for ever.
var faultsOfDisks = []error{syscall.EIO, syscall.ESTALE}

// reader reads regular files. One a worker.
type reader struct{ allowance }

// once is one attempt of read.
func (r *reader) once(root, name string, buf []byte) ([]byte, error) {
	f, err := os.OpenFile(filepath.Join(root, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return buf, withoutPath(err)
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return buf, withoutPath(err)
	}
	if !s.Mode().IsRegular() {
		return buf, errNotRegular(s.Mode().Type())
	}
	if s.Size() > largeFile {
		head := make([]byte, 16)
		n, err := f.ReadAt(head, 0)
		if err == nil {
			err = r.check(s.Size(), head[:n])
		}
		if err != nil {
			return buf, withoutPath(err)
		}
	}
	buf = grown(buf, s.Size())
	n, err := io.ReadFull(f, buf)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return buf[:n], withoutPath(err)
}

// first gives the first bytes of root/name in buf, n at most, and the size of the file:
// here all of them, whatever n is.
func (r *reader) first(root, name string, buf []byte, _ int) ([]byte, int64, error) {
	data, err := r.read(root, name, buf)
	return data, int64(len(data)), err
}

// prefetch would ask the system to read a file; there is no portable way.
func (*reader) prefetch(root, name string) {}

func withoutPath(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
