// Command mixfolder is the C ABI of the core, built with -buildmode=c-shared.
//
// Every function returns a status (0 is success) and, if it is not 0, writes a message
// to the error buffer, its last argument but one: NUL-terminated and truncated to the
// capacity, its last argument. If the operating system refuses a file or folder, the
// status has its error number (errno) above the low 8 bits, and the path follows the
// message, NUL-terminated as well, if all of it fits. Results are returned by pointer.
// Each buffer is passed with its length in bytes. All functions may be called from any
// thread.
//
// No function blocks for more than about 50 ms. Longer work is started by one call,
// which returns a number, and polled by others, which wait for timeout_ms or 50 ms,
// whichever is less, and return the state: 0, still running; 1, done; 2, cancelled. The
// caller may lose an answer to a signal, so every call can be repeated: the number is
// written by the core itself, an answer stays the same until the number is released (a
// handle by mixfolder_close, a ticket by mixfolder_cancel), and releasing may be
// repeated. Any other use of a released number is an error, never a crash.
package main

/*
#cgo CFLAGS: -O3 -std=c11
#include <stdint.h>
*/
import "C"

import (
	"errors"
	"runtime"
	"time"
	"unsafe"

	"mixfolder/core/abi"
	"mixfolder/core/dataset"
	"mixfolder/core/imagefile"
	"mixfolder/core/inspect"
	"mixfolder/core/loader"
	"mixfolder/core/simd"
	"mixfolder/core/workpool"
)

const (
	abiVersion = 9
	maxWait    = 50 * time.Millisecond // of a call
)

// version is set by the build.
var version = "unknown"

func main() {}

// guard runs f, converts a panic to an error, and writes the error.
func guard(text *C.char, capacity C.int64_t, f func() error) C.int32_t {
	err := workpool.Recover(f)
	if err != nil && text != nil && capacity > 0 {
		abi.WriteError(unsafe.Slice((*byte)(unsafe.Pointer(text)), int(capacity)), err)
	}
	return C.int32_t(abi.Status(err))
}

// withOpen is guard for a call on an open handle of a kind.
func withOpen[T any](handle C.int64_t, text *C.char, capacity C.int64_t,
	f func(opened T) error) C.int32_t {
	return guard(text, capacity, func() error {
		opened, err := abi.Find[T](int64(handle))
		if err != nil {
			return err
		}
		return f(opened)
	})
}

// startTicket is withOpen for a call that starts a request; it writes the ticket.
func startTicket[T any](handle C.int64_t, ticket *C.int64_t, text *C.char, capacity C.int64_t,
	start func(opened T) (workpool.Ticket, error)) C.int32_t {
	return withOpen(handle, text, capacity, func(opened T) error {
		if ticket == nil {
			return errors.New("mixfolder: ticket is NULL")
		}
		t, err := start(opened)
		if err == nil {
			*ticket = C.int64_t(t)
		}
		return err
	})
}

// poll writes the state that ask returns, possibly after waiting.
func poll(state *C.int32_t, timeoutMs C.int32_t,
	ask func(timeout time.Duration) (workpool.State, error)) error {
	if state == nil {
		return errors.New("mixfolder: state is NULL")
	}
	s, err := ask(min(maxWait, max(0, time.Duration(timeoutMs)*time.Millisecond)))
	*state = C.int32_t(s)
	return err
}

func goBytes(name string, p *C.uint8_t, n C.int64_t) ([]byte, error) {
	return abi.Bytes(name, unsafe.Pointer(p), int64(n))
}

func writeResult(data []byte, out *C.uint8_t, capacity C.int64_t, size *C.int64_t) error {
	return abi.WriteResult(data, unsafe.Pointer(out), int64(capacity), (*int64)(size))
}

func writeJSON(v any, out *C.uint8_t, capacity C.int64_t, size *C.int64_t) error {
	return abi.WriteJSON(v, unsafe.Pointer(out), int64(capacity), (*int64)(size))
}

//export mixfolder_abi_version
func mixfolder_abi_version() C.int32_t { return abiVersion }

// mixfolder_build_info writes how the core was built, as JSON.
//
//export mixfolder_build_info
func mixfolder_build_info(out *C.uint8_t, capacity C.int64_t, size *C.int64_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return guard(text, textCapacity, func() error {
		return writeJSON(map[string]any{
			"version": version, "abi": abiVersion, "go": runtime.Version(),
			"platform":     runtime.GOOS + "/" + runtime.GOARCH,
			"cpu_features": simd.Features(), "decoders": imagefile.Decoders(),
		}, out, capacity, size)
	})
}

// mixfolder_open starts to open a folder; mixfolder_opened reports when it is open.
// options is a JSON document: loader.Options for batches, or {"inspect":
// inspect.Options}. root and the class names, each terminated by NUL, are bytes as in
// the file system. files, if any, replaces a scan: names below root, each terminated by
// NUL, with labels, int32 indices in classes, or values, float32, as many for each
// file; without either and without classes the files have no labels. groups, if any, has
// the name of each file's group, terminated by NUL. masks, if any, are the location of
// the masks and, for a list of masks, their names below it, one per file, each terminated
// by NUL. shareWith is 0 or the handle of batches of the same folder or list, which is
// reused, with its masks, and with its groups unless there are others. The handle must be
// closed in any case.
//
//export mixfolder_open
func mixfolder_open(options *C.uint8_t, optionsLen C.int64_t, root *C.uint8_t, rootLen C.int64_t,
	classes *C.uint8_t, classesLen C.int64_t, files *C.uint8_t, filesLen C.int64_t,
	labels *C.uint8_t, labelsLen C.int64_t, values *C.uint8_t, valuesLen C.int64_t,
	groups *C.uint8_t, groupsLen C.int64_t, masks *C.uint8_t, masksLen C.int64_t,
	shareWith C.int64_t, handle *C.int64_t, text *C.char, textCapacity C.int64_t) C.int32_t {
	return guard(text, textCapacity, func() error {
		var blobs [8][]byte
		for i, b := range []struct {
			name string
			p    *C.uint8_t
			n    C.int64_t
		}{{"options", options, optionsLen}, {"root", root, rootLen},
			{"classes", classes, classesLen}, {"files", files, filesLen},
			{"labels", labels, labelsLen}, {"values", values, valuesLen},
			{"groups", groups, groupsLen}, {"masks", masks, masksLen}} {
			var err error
			if blobs[i], err = goBytes(b.name, b.p, b.n); err != nil {
				return err
			}
		}
		if handle == nil {
			return errors.New("mixfolder: handle is NULL")
		}
		h, err := abi.Open(blobs[0], abi.Folder{Location: string(blobs[1]),
			List: dataset.List{Classes: abi.Names(blobs[2]), Names: abi.Names(blobs[3]),
				Labels: abi.Int32s(blobs[4]), Values: abi.Float32s(blobs[5])},
			Groups: abi.Names(blobs[6]), Masks: abi.Names(blobs[7])}, int64(shareWith))
		if err == nil {
			*handle = C.int64_t(h)
		}
		return err
	})
}

// mixfolder_opened waits until a handle is open. State 0: it is still being opened; 1:
// it is open. A status other than 0 is the error in opening it.
//
//export mixfolder_opened
func mixfolder_opened(handle C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return guard(text, textCapacity, func() error {
		return poll(state, timeoutMs, func(timeout time.Duration) (workpool.State, error) {
			return abi.WaitOpen(int64(handle), timeout)
		})
	})
}

// mixfolder_listing writes a part of the listing (dataset.Part) to out, if it is large
// enough, and its size to size.
//
//export mixfolder_listing
func mixfolder_listing(handle C.int64_t, part C.int32_t, out *C.uint8_t, capacity C.int64_t,
	size *C.int64_t, text *C.char, textCapacity C.int64_t) C.int32_t {
	return withOpen(handle, text, textCapacity, func(r abi.Requester) error {
		data, err := r.List(dataset.Part(part))
		if err != nil {
			return err
		}
		return writeResult(data, out, capacity, size)
	})
}

// mixfolder_submit starts to fill x and y with a batch. They belong to the caller and
// must stay valid until wait reports that the ticket no longer runs or cancel has
// released it.
//
//export mixfolder_submit
func mixfolder_submit(handle C.int64_t, epoch C.uint64_t, batch C.int64_t, x *C.uint8_t,
	xLen C.int64_t, y *C.uint8_t, yLen C.int64_t, ticket *C.int64_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return startTicket(handle, ticket, text, textCapacity,
		func(l *loader.Loader) (workpool.Ticket, error) {
			xBytes, err := goBytes("x", x, xLen)
			if err != nil {
				return 0, err
			}
			yBytes, err := goBytes("y", y, yLen)
			if err != nil {
				return 0, err
			}
			return l.Submit(uint64(epoch), int(batch), xBytes, yBytes)
		})
}

// mixfolder_wait waits for a ticket. State 0: still running; 1: done; 2: cancelled, as
// its handle was closed. A status other than "unknown ticket" is the request's own
// error. The ticket is kept, with this answer, until mixfolder_cancel.
//
//export mixfolder_wait
func mixfolder_wait(handle, ticket C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return withOpen(handle, text, textCapacity, func(r abi.Requester) error {
		return poll(state, timeoutMs, func(timeout time.Duration) (workpool.State, error) {
			return r.Wait(workpool.Ticket(ticket), timeout)
		})
	})
}

// mixfolder_cancel releases a ticket, and stops it if it still runs. State 0: a worker
// still uses its buffers, call again; 2: they are free, and the ticket and its result
// are removed. Cancelling a released ticket succeeds.
//
//export mixfolder_cancel
func mixfolder_cancel(handle, ticket C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return withOpen(handle, text, textCapacity, func(r abi.Requester) error {
		return poll(state, timeoutMs, func(timeout time.Duration) (workpool.State, error) {
			return r.Cancel(workpool.Ticket(ticket), timeout)
		})
	})
}

// mixfolder_set_weights sets the weights of a kind (loader.WeightKind), float32, one per
// file of the subset, from an epoch on. They are copied. Batches that were submitted
// already do not change.
//
//export mixfolder_set_weights
func mixfolder_set_weights(handle C.int64_t, kind C.int32_t, epoch C.uint64_t, weights *C.uint8_t,
	weightsLen C.int64_t, text *C.char, textCapacity C.int64_t) C.int32_t {
	return withOpen(handle, text, textCapacity, func(l *loader.Loader) error {
		b, err := goBytes("weights", weights, weightsLen)
		if err != nil {
			return err
		}
		return l.SetWeights(loader.WeightKind(kind), uint64(epoch), abi.Float32s(b))
	})
}

// mixfolder_explain starts to explain a batch. When wait reports that the ticket is
// done, mixfolder_result writes a JSON list of loader.SampleInfo.
//
//export mixfolder_explain
func mixfolder_explain(handle C.int64_t, epoch C.uint64_t, batch C.int64_t, ticket *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return startTicket(handle, ticket, text, textCapacity,
		func(l *loader.Loader) (workpool.Ticket, error) {
			return l.Explain(uint64(epoch), int(batch))
		})
}

// mixfolder_sheet starts to draw a contact sheet of a batch. When wait reports that the
// ticket is done, mixfolder_result writes it, a PNG file.
//
//export mixfolder_sheet
func mixfolder_sheet(handle C.int64_t, epoch C.uint64_t, batch C.int64_t, ticket *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return startTicket(handle, ticket, text, textCapacity,
		func(l *loader.Loader) (workpool.Ticket, error) {
			return l.Preview(uint64(epoch), int(batch))
		})
}

// mixfolder_inspect starts to inspect n files of the listing, from first on, of a
// handle that was opened for it. When wait reports that the ticket is done,
// mixfolder_result writes a JSON list of inspect.FileInfo.
//
//export mixfolder_inspect
func mixfolder_inspect(handle, first, n C.int64_t, ticket *C.int64_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return startTicket(handle, ticket, text, textCapacity,
		func(i *inspect.Inspection) (workpool.Ticket, error) {
			return i.Inspect(int(first), int(n))
		})
}

// mixfolder_result writes the output of a ticket that is done, an explanation, a sheet
// or file information, to out, if it is large enough, and its size to size. The ticket
// is kept until mixfolder_cancel.
//
//export mixfolder_result
func mixfolder_result(handle, ticket C.int64_t, out *C.uint8_t, capacity C.int64_t, size *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return withOpen(handle, text, textCapacity, func(r abi.Requester) error {
		result, err := r.Result(workpool.Ticket(ticket))
		if err != nil {
			return err
		}
		return writeResult(result, out, capacity, size)
	})
}

// mixfolder_stats writes loader.Stats as JSON.
//
//export mixfolder_stats
func mixfolder_stats(handle C.int64_t, out *C.uint8_t, capacity C.int64_t, size *C.int64_t,
	text *C.char, textCapacity C.int64_t) C.int32_t {
	return withOpen(handle, text, textCapacity, func(l *loader.Loader) error {
		return writeJSON(l.Stats(), out, capacity, size)
	})
}

// mixfolder_close cancels all tickets of a handle and ends its workers; a handle that
// is still being opened is abandoned. State 0: some workers still run, and buffers must
// stay valid until they end (call again to learn when; everything is freed in any
// case); 1: all is freed. Closing a closed handle succeeds.
//
//export mixfolder_close
func mixfolder_close(handle C.int64_t, timeoutMs C.int32_t, state *C.int32_t, text *C.char,
	textCapacity C.int64_t) C.int32_t {
	return guard(text, textCapacity, func() error {
		return poll(state, timeoutMs, func(timeout time.Duration) (workpool.State, error) {
			return abi.Close(int64(handle), timeout)
		})
	})
}
