//go:build !linux

package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// DiskErrors are the system's errors if a disk cannot deliver a file, temporarily or
// permanently.
var DiskErrors = []error{syscall.EIO, syscall.ESTALE}

type dirReader struct{ root string }

func (r *dirReader) Read(name string, buf []byte, admit Admit) ([]byte, error) {
	f, size, err := r.open(name)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	if size > LargeFile {
		head := make([]byte, HeadBytes)
		n, err := f.ReadAt(head, 0)
		if err == nil {
			err = admit(size, head[:n])
		}
		if err != nil {
			return buf, withoutPath(err)
		}
	}
	return readFull(f, grow(buf, size))
}

func (r *dirReader) Head(name string, buf []byte, n int) ([]byte, int64, error) {
	f, size, err := r.open(name)
	if err != nil {
		return buf, 0, err
	}
	defer f.Close()
	if size == 0 {
		return buf[:0], 0, nil
	}
	buf, err = readFull(f, grow(buf, int64(n))[:n])
	return buf, max(size, int64(len(buf))), err
}

// Prefetch does nothing: there is no portable way.
func (*dirReader) Prefetch(string) {}

// open opens a regular file. O_NONBLOCK makes opening a pipe return at once.
func (r *dirReader) open(name string) (*os.File, int64, error) {
	f, err := os.OpenFile(filepath.Join(r.root, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, withoutPath(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular(info.Mode().Type())
	}
	if err != nil {
		f.Close()
		return nil, 0, withoutPath(err)
	}
	return f, info.Size(), nil
}

func readFull(f *os.File, buf []byte) ([]byte, error) {
	n, err := io.ReadFull(f, buf)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return buf[:n], withoutPath(err)
}

func withoutPath(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
