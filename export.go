// Command mixfolder is the C ABI of the core, built with -buildmode=c-shared.
//
// Every function returns a status (0 is good) and, where it is not 0, writes a sentence
// to the error buffer that is its last argument but one, NUL-terminated and cut to the
// capacity that is its last. Where the operating system refuses a file or folder, the
// status has the number of its error (errno) above its low 8 bits, and the path follows
// the sentence, NUL-terminated, too, if there is room for all of it. Results go out by
// pointer. A buffer comes with its length in bytes. All functions may be called from
// any thread.
//
// No function blocks for more than about 50 ms. What may take longer is started by one
// call, which gives a number, and asked for by others, which wait for timeout_ms or 50
// ms, whichever is less, and say how it stands: state 0, still running; 1, done; 2,
// cancelled. An answer may be lost, as a signal may come before the caller has seen it,
// so each can be had again: the number is written by the core itself, an answer stays
// the same until the number is given back (a handle by mixfolder_close, a ticket by
// mixfolder_cancel), and giving back may be repeated. A number that was given back is
// otherwise an error, never a crash.
package main

/*
#cgo CFLAGS: -O3 -std=c11
#include <stdint.h>
*/
import "C"

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"mixfolder/core/dataset"
	"mixfolder/core/imagefile"
	"mixfolder/core/loader"
	"mixfolder/core/simd"
	"mixfolder/core/source"
	"mixfolder/core/text"
	"mixfolder/core/workpool"
)

const (
	abiVersion = 7
	slice      = 50 * time.Millisecond
)

// version is set by the build.
var version = "unknown"

// Statuses, in the low 8 bits.
const (
	statusOK       = 0
	statusArgument = 1 // an argument is wrong, or the folder does not hold what it should
	statusMissing  = 2 // a file or folder does not exist
	statusImage    = 3 // a file is bad
	statusClosed   = 4 // the handle is closed
	statusInternal = 5 // a bug
	statusTicket   = 6 // the ticket is not known (any more)
	statusSystem   = 7 // the operating system refuses a file or folder
	statusMemory   = 8 // there is not enough memory
)

func main() {}

var handles = struct {
	sync.Mutex
	open map[int64]*loader.Opening
	last int64
}{open: map[int64]*loader.Opening{}}

// hold gives a handle to what is being opened, until it is closed.
func hold(o *loader.Opening) int64 {
	handles.Lock()
	defer handles.Unlock()
	handles.last++
	handle := handles.last
	handles.open[handle] = o
	go func() {
		<-o.Closed()
		drop(handle)
	}()
	return handle
}

func drop(handle int64) {
	handles.Lock()
	defer handles.Unlock()
	delete(handles.open, handle)
}

func find(handle C.int64_t) (*loader.Opening, error) {
	handles.Lock()
	defer handles.Unlock()
	o := handles.open[int64(handle)]
	switch {
	case o != nil:
		return o, nil
	case handle > 0 && int64(handle) <= handles.last:
		return nil, workpool.ErrClosed
	}
	return nil, fmt.Errorf("mixfolder: there is no handle %d", int64(handle))
}

// status is the kind of an error and, where the system is behind it, the system's number.
func status(err error) C.int32_t {
	s := kind(err)
	var number syscall.Errno
	if (s == statusMissing || s == statusSystem) && errors.As(err, &number) && number < 1<<23 {
		s |= C.int32_t(number) << 8
	}
	return s
}

func kind(err error) C.int32_t {
	var broken *loader.ImageError
	var path *fs.PathError
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, workpool.ErrClosed):
		return statusClosed
	case errors.Is(err, workpool.ErrInternal):
		return statusInternal
	case errors.Is(err, loader.ErrMemory):
		return statusMemory
	case errors.As(err, &broken) && broken.Fault && !broken.Passing:
		return statusImage
	case broken != nil:
		return statusSystem
	case errors.Is(err, workpool.ErrTicket):
		return statusTicket
	case errors.Is(err, fs.ErrNotExist):
		return statusMissing
	case errors.As(err, &path):
		return statusSystem
	}
	return statusArgument
}

// answer runs f, turns a panic into an error, and hands the error over.
func answer(text *C.char, capacity C.int64_t, f func() error) C.int32_t {
	err := workpool.Recover(f)
	if err != nil && text != nil && capacity > 0 {
		out := unsafe.Slice((*byte)(unsafe.Pointer(text)), int(capacity))
		n := copy(out[:len(out)-1], printable(err))
		out[n] = 0
		if path := pathOf(err) + "\x00"; len(path) <= len(out)-n-1 {
			copy(out[n+1:], path)
		}
	}
	return status(err)
}

// pathOf is the file or folder that an error is about, if it tells.
func pathOf(err error) string {
	var broken *loader.ImageError
	var path *fs.PathError
	switch {
	case errors.As(err, &broken):
		return broken.Path
	case errors.As(err, &path):
		return path.Path
	}
	return ""
}

// printable is an error's sentence, or the lines of a stack, fit for a terminal.
func printable(err error) string {
	if !errors.Is(err, workpool.ErrInternal) {
		return text.Printable(err.Error())
	}
	lines := strings.Split(strings.ReplaceAll(err.Error(), "\t", "    "), "\n")
	for i, line := range lines {
		lines[i] = text.Printable(line)
	}
	return strings.Join(lines, "\n")
}

// with is answer for what is asked of an open handle.
func with(handle C.int64_t, text *C.char, capacity C.int64_t,
	f func(l *loader.Loader) error) C.int32_t {
	return answer(text, capacity, func() error {
		l, err := opened(handle)
		if err != nil {
			return err
		}
		return f(l)
	})
}

func opened(handle C.int64_t) (*loader.Loader, error) {
	o, err := find(handle)
	if err != nil {
		return nil, err
	}
	return o.Loader()
}

// started hands out the ticket of what start starts.
func started(ticket *C.int64_t, start func() (workpool.Ticket, error)) error {
	if ticket == nil {
		return errors.New("mixfolder: ticket is NULL")
	}
	t, err := start()
	if err == nil {
		*ticket = C.int64_t(t)
	}
	return err
}

// view is the caller's memory; it is never kept longer than the ticket for which it was
// given.
func view(name string, p unsafe.Pointer, n C.int64_t) ([]byte, error) {
	if n < 0 || (p == nil && n > 0) {
		return nil, fmt.Errorf("mixfolder: buffer %s is NULL or has a negative length (%d)", name,
			int64(n))
	}
	return unsafe.Slice((*byte)(p), int(n)), nil
}

// deliver tells the size of data and copies it where the buffer is large enough.
func deliver(data []byte, out *C.uint8_t, capacity C.int64_t, size *C.int64_t) error {
	buffer, err := view("out", unsafe.Pointer(out), capacity)
	if err != nil {
		return err
	}
	if size == nil {
		return errors.New("mixfolder: size is NULL")
	}
	*size = C.int64_t(len(data))
	if len(buffer) >= len(data) {
		copy(buffer, data)
	}
	return nil
}

func deliverJSON(v any, out *C.uint8_t, capacity C.int64_t, size *C.int64_t) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return deliver(data, out, capacity, size)
}

//export mixfolder_abi_version
func mixfolder_abi_version() C.int32_t { return abiVersion }

// mixfolder_build_info tells how the core was built, as JSON.
//
//export mixfolder_build_info
func mixfolder_build_info(out *C.uint8_t, capacity C.int64_t, size *C.int64_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return answer(text, textCapacity, func() error {
		return deliverJSON(map[string]any{
			"version": version, "abi": abiVersion, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH,
			"cpu_features": simd.Features(), "decoders": imagefile.Decoders(),
		}, out, capacity, size)
	})
}

// mixfolder_open starts to open a folder; mixfolder_opened tells when it is open.
// options is a JSON document (loader.Options); root and the class names, each ended by
// NUL, are bytes as the file system has them. files, if any, takes the place of a scan:
// paths below root, each ended by NUL, with labels, int32 indices in classes. like is 0
// or the handle of a loader of the same folder, whose listing is taken over. The handle
// must be closed, whatever becomes of it.
//
//export mixfolder_open
func mixfolder_open(options *C.uint8_t, optionsLen C.int64_t, root *C.uint8_t, rootLen C.int64_t,
	classes *C.uint8_t, classesLen C.int64_t,
	files *C.uint8_t, filesLen C.int64_t, labels *C.uint8_t, labelsLen C.int64_t, like C.int64_t, handle *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return answer(text, textCapacity, func() error {
		var blobs [5][]byte
		for i, b := range []struct {
			name string
			p    *C.uint8_t
			n    C.int64_t
		}{{"options", options, optionsLen}, {"root", root, rootLen}, {"classes", classes,
			classesLen}, {"files", files, filesLen},
			{"labels", labels, labelsLen}} {
			var err error
			if blobs[i], err = view(b.name, unsafe.Pointer(b.p), b.n); err != nil {
				return err
			}
		}
		if handle == nil {
			return errors.New("mixfolder: handle is NULL")
		}
		o, err := loader.ParseOptions(blobs[0])
		if err != nil {
			return err
		}
		var other *loader.Loader
		if like != 0 {
			if other, err = opened(like); err != nil {
				return err
			}
		}
		root, classes, files, labels := string(blobs[1]), names(blobs[2]), names(blobs[3]), int32s(blobs[4])
		opening, err := loader.Start(func(givenUp func() bool) (*loader.Loader, error) {
			o.GivenUp = givenUp
			return open(root, classes, files, labels, o, other)
		})
		if err != nil {
			return err
		}
		*handle = C.int64_t(hold(opening))
		return nil
	})
}

// mixfolder_opened waits until a handle is open. State 0: it is still being opened; 1:
// it is open. A bad status is what the opening failed by.
//
//export mixfolder_opened
func mixfolder_opened(handle C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return answer(text, textCapacity, func() error {
		o, err := find(handle)
		if err != nil {
			return err
		}
		return settled(state, func() (workpool.State, error) { return o.Wait(atMost(timeoutMs)) })
	})
}

// atMost is the time for which a call may wait.
func atMost(timeoutMs C.int32_t) time.Duration {
	return min(slice, max(0, time.Duration(timeoutMs)*time.Millisecond))
}

// open opens a list of files where there is one, and a folder otherwise.
func open(root string, classes, files []string, labels []int32, o loader.Options,
	like *loader.Loader) (*loader.Loader, error) {
	src, err := source.Open(root)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 && len(labels) == 0 {
		return loader.Open(src, classes, o, like)
	}
	list, err := dataset.FromList(src, classes, files, labels)
	if err != nil {
		return nil, err
	}
	return loader.OpenDataset(list, o)
}

func int32s(blob []byte) []int32 {
	values := make([]int32, len(blob)/4)
	for i := range values {
		values[i] = int32(binary.NativeEndian.Uint32(blob[4*i:]))
	}
	return values
}

func names(blob []byte) []string {
	if len(blob) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(blob), "\x00"), "\x00")
}

// mixfolder_listing writes what is asked for (a loader.Part) to out, if it is large
// enough, and its size to size.
//
//export mixfolder_listing
func mixfolder_listing(handle C.int64_t, what C.int32_t, out *C.uint8_t, capacity C.int64_t,
	size *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		part, err := l.Listed(loader.Part(what))
		if err != nil {
			return err
		}
		return deliver(part, out, capacity, size)
	})
}

// mixfolder_submit starts to fill x and y with a batch. They stay the caller's, and
// must stay, until wait tells that the ticket no longer runs or cancel has released it.
//
//export mixfolder_submit
func mixfolder_submit(handle C.int64_t, epoch C.uint64_t, batch C.int64_t, x *C.uint8_t,
	xLen C.int64_t, y *C.uint8_t, yLen C.int64_t,
	ticket *C.int64_t, text *C.char, textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		xBytes, err := view("x", unsafe.Pointer(x), xLen)
		if err != nil {
			return err
		}
		yBytes, err := view("y", unsafe.Pointer(y), yLen)
		if err != nil {
			return err
		}
		return started(ticket, func() (workpool.Ticket, error) {
			return l.Submit(uint64(epoch),
				int(batch), xBytes, yBytes)
		})
	})
}

// mixfolder_wait waits for a ticket. State 0: still running; 1: done; 2: cancelled, as
// its handle was closed. A bad status other than "unknown ticket" is the ticket's own
// failure. The ticket is kept, with this answer, until mixfolder_cancel.
//
//export mixfolder_wait
func mixfolder_wait(handle, ticket C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		return settled(state, func() (workpool.State, error) {
			return l.Wait(workpool.Ticket(ticket),
				atMost(timeoutMs))
		})
	})
}

// mixfolder_cancel releases a ticket, and stops it if it still runs. State 0: a worker
// still touches its buffers, ask again; 2: they are free, and the ticket and its result
// are forgotten. A ticket that is released already is good.
//
//export mixfolder_cancel
func mixfolder_cancel(handle, ticket C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		return settled(state, func() (workpool.State, error) {
			return l.Cancel(workpool.Ticket(ticket),
				atMost(timeoutMs))
		})
	})
}

func settled(state *C.int32_t, ask func() (workpool.State, error)) error {
	if state == nil {
		return errors.New("mixfolder: state is NULL")
	}
	s, err := ask()
	*state = C.int32_t(s)
	return err
}

// mixfolder_explain starts to tell the plan of a batch. When wait says that the ticket
// is done, mixfolder_result gives it as JSON (a list of loader.Explained).
//
//export mixfolder_explain
func mixfolder_explain(handle C.int64_t, epoch C.uint64_t, batch C.int64_t, ticket *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		return started(ticket, func() (workpool.Ticket, error) {
			return l.Explain(uint64(epoch),
				int(batch))
		})
	})
}

// mixfolder_sheet starts to draw a contact sheet of a batch. When wait says that the
// ticket is done, mixfolder_result gives it.
//
//export mixfolder_sheet
func mixfolder_sheet(handle C.int64_t, epoch C.uint64_t, batch C.int64_t, ticket *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		return started(ticket, func() (workpool.Ticket, error) {
			return l.Preview(uint64(epoch),
				int(batch))
		})
	})
}

// mixfolder_inspect starts to look at n files of the listing, from first on:
// loader.Survey. When wait says that the ticket is done, mixfolder_result gives the
// findings as JSON (a list of loader.Verified).
//
//export mixfolder_inspect
func mixfolder_inspect(handle, first, n C.int64_t, ticket *C.int64_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		return started(ticket, func() (workpool.Ticket, error) {
			return l.Inspect(int(first),
				int(n))
		})
	})
}

// mixfolder_result writes what a ticket's job has made, a plan, a sheet or findings, to
// out, if it is large enough, and its size to size. The ticket is kept until
// mixfolder_cancel.
//
//export mixfolder_result
func mixfolder_result(handle, ticket C.int64_t, out *C.uint8_t, capacity C.int64_t, size *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		result, err := l.Result(workpool.Ticket(ticket))
		if err != nil {
			return err
		}
		return deliver(result, out, capacity, size)
	})
}

// mixfolder_stats writes loader.Stats as JSON.
//
//export mixfolder_stats
func mixfolder_stats(handle C.int64_t, out *C.uint8_t, capacity C.int64_t, size *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return with(handle, text, textCapacity, func(l *loader.Loader) error {
		return deliverJSON(l.Stats(), out, capacity, size)
	})
}

// mixfolder_close cancels all tickets of a handle and ends its workers; one that is
// still being opened is given up. State 0: some still run, ask again for their end, or
// leave it, as everything is freed without being asked, but buffers must stay until
// then; 1: all is freed. A handle that is closed already is good, so it may be called
// any number of times.
//
//export mixfolder_close
func mixfolder_close(handle C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return answer(text, textCapacity, func() error {
		return settled(state, func() (workpool.State, error) {
			o, err := find(handle)
			if errors.Is(err, workpool.ErrClosed) {
				return workpool.Done, nil
			}
			if err != nil || !o.Close(atMost(timeoutMs)) {
				return workpool.Running, err
			}
			drop(int64(handle))
			return workpool.Done, nil
		})
	})
}
