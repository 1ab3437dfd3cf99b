// Package abi implements the part of the C ABI that needs no C types: statuses and
// error messages, access to the caller's memory, and handles.
package abi

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"syscall"
	"unsafe"

	"mixfolder/core/badfile"
	"mixfolder/core/loader"
	"mixfolder/core/text"
	"mixfolder/core/workpool"
)

// Statuses, in the low 8 bits of what a function returns.
const (
	OK       int32 = 0
	Argument int32 = 1 // an argument is wrong, or the folder lacks what it needs
	Missing  int32 = 2 // a file or folder does not exist
	BadFile  int32 = 3 // a file is bad
	Closed   int32 = 4 // the handle is closed
	Internal int32 = 5 // a bug
	Ticket   int32 = 6 // the ticket is unknown or was released
	System   int32 = 7 // the operating system refuses a file or folder
	Memory   int32 = 8 // there is not enough memory
)

// Status returns the status of an error, with the system's error number (errno) above
// the low 8 bits if there is one.
func Status(err error) int32 {
	s := kind(err)
	var number syscall.Errno
	if (s == Missing || s == System) && errors.As(err, &number) && number < 1<<23 {
		s |= int32(number) << 8
	}
	return s
}

func kind(err error) int32 {
	var bad *badfile.Error
	var path *fs.PathError
	switch {
	case err == nil:
		return OK
	case errors.Is(err, workpool.ErrClosed):
		return Closed
	case errors.Is(err, workpool.ErrInternal):
		return Internal
	case errors.Is(err, loader.ErrMemory):
		return Memory
	case errors.As(err, &bad) && bad.BadFile && !bad.Transient:
		return BadFile
	case bad != nil:
		return System
	case errors.Is(err, workpool.ErrTicket):
		return Ticket
	case errors.Is(err, fs.ErrNotExist):
		return Missing
	case errors.As(err, &path):
		return System
	}
	return Argument
}

// WriteError writes the message of an error and, if all of it fits, the path that it is
// about, each terminated by NUL. out must not be empty.
func WriteError(out []byte, err error) {
	n := copy(out[:len(out)-1], sentence(err))
	out[n] = 0
	if path := pathOf(err) + "\x00"; len(path) <= len(out)-n-1 {
		copy(out[n+1:], path)
	}
}

// pathOf returns the file or folder that an error is about, or "".
func pathOf(err error) string {
	var bad *badfile.Error
	var path *fs.PathError
	switch {
	case errors.As(err, &bad):
		return bad.Path
	case errors.As(err, &path):
		return path.Path
	}
	return ""
}

// sentence returns the text of an error, or the lines of a stack trace, fit for a
// terminal.
func sentence(err error) string {
	if !errors.Is(err, workpool.ErrInternal) {
		return text.Printable(err.Error())
	}
	lines := strings.Split(strings.ReplaceAll(err.Error(), "\t", "    "), "\n")
	for i, line := range lines {
		lines[i] = text.Printable(line)
	}
	return strings.Join(lines, "\n")
}

// Bytes returns the caller's memory as a slice; it is never kept longer than the ticket
// that it was passed for.
func Bytes(name string, p unsafe.Pointer, n int64) ([]byte, error) {
	if n < 0 || (p == nil && n > 0) {
		return nil, fmt.Errorf("mixfolder: buffer %s is NULL or has a negative length (%d)", name,
			n)
	}
	return unsafe.Slice((*byte)(p), int(n)), nil
}

// WriteResult writes the size of data, and data itself if out is large enough.
func WriteResult(data []byte, out unsafe.Pointer, capacity int64, size *int64) error {
	buffer, err := Bytes("out", out, capacity)
	if err != nil {
		return err
	}
	if size == nil {
		return errors.New("mixfolder: size is NULL")
	}
	*size = int64(len(data))
	if len(buffer) >= len(data) {
		copy(buffer, data)
	}
	return nil
}

// WriteJSON is WriteResult for a JSON document.
func WriteJSON(v any, out unsafe.Pointer, capacity int64, size *int64) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return WriteResult(data, out, capacity, size)
}

// Int32s reads numbers in the byte order of this machine.
func Int32s(blob []byte) []int32 {
	values := make([]int32, len(blob)/4)
	for i := range values {
		values[i] = int32(binary.NativeEndian.Uint32(blob[4*i:]))
	}
	return values
}

// Float32s reads numbers in the byte order of this machine.
func Float32s(blob []byte) []float32 {
	values := make([]float32, len(blob)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.NativeEndian.Uint32(blob[4*i:]))
	}
	return values
}

// Names reads names that are terminated by NUL.
func Names(blob []byte) []string {
	if len(blob) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(blob), "\x00"), "\x00")
}
