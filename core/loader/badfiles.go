package loader

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"mixfolder/core/badfile"
	"mixfolder/core/text"
	"mixfolder/core/workpool"
)

// badFiles records the files that could not be read and finds replacements for them. It
// is safe for concurrent use.
//
// If bad files are skipped, an image that cannot be read is replaced by the next
// readable one of its class in the subset, cyclically, or of the whole subset if the
// labels are no classes; its label is that of the replacement. That depends on which
// files are bad, not on which worker found out, or when: as long as the files do not
// change, a batch is the same whenever it is made. Three rules ensure this:
//
//   - A file is bad if any part of it is, whatever a crop shows: its first use decodes
//     all of it.
//   - If the content or the name of a file is to blame, that is remembered for the life
//     of the loader, even if the file is repaired meanwhile. So a file that changes
//     during training changes a batch at most once, from the file's image to another's.
//   - If its disk is to blame (an input/output error, a stale handle), the file is
//     listed, but tried again the next time: batches are as before once the disk
//     answers. If it refuses many files in a row, the disk fails, and that is an error.
//
// If a folder is gone, for example because a disk was unmounted, its files are not to
// blame: that is an error, and nothing is remembered.
type badFiles struct {
	skip bool

	// The slices below have one element per file of the data set, or per class, see
	// Dataset.ClassOf.

	found []atomic.Pointer[badFile] // nil while the file is not known to be bad
	// checked marks the files that were decoded completely; nil unless bad files are
	// skipped.
	checked []atomic.Bool
	// next maps a file to a later one of its class in the subset, or to none: the
	// following file, or one after bad ones. first is the first file of each class.
	next  []atomic.Int32
	first []int32

	skipped atomic.Int64 // images that were replaced
}

type badFile struct {
	reason    string
	transient bool
}

const (
	none = -1 // for a file

	// maxTransient is the number of files in a row that a disk may refuse in one
	// search.
	maxTransient = 8
)

func (l *Loader) newBadFiles(skip bool) badFiles {
	files := len(l.data.Names)
	found := make([]atomic.Pointer[badFile], files)
	if !skip {
		return badFiles{found: found}
	}
	classes := max(1, len(l.data.Classes))
	next, first := make([]atomic.Int32, files), slices.Repeat([]int32{none}, classes)
	for _, file := range slices.Backward(l.members) {
		class := l.data.ClassOf(file)
		next[file].Store(first[class])
		first[class] = file
	}
	return badFiles{skip: true, found: found, checked: make([]atomic.Bool, files), next: next,
		first: first}
}

// remember records a file that could not be read.
func (f *badFiles) remember(file int32, bad *badfile.Error) {
	before := f.found[file].Load()
	if before == nil || before.transient && !bad.Transient {
		f.found[file].CompareAndSwap(before, &badFile{bad.Err.Error(), bad.Transient})
	}
}

// isBad reports whether a file is known to be permanently bad.
func (f *badFiles) isBad(file int32) bool {
	found := f.found[file].Load()
	return found != nil && !found.transient
}

// unchecked reports whether a file must still be decoded completely.
func (f *badFiles) unchecked(file int32) bool { return f.skip && !f.checked[file].Load() }

// nextGood returns the first file from this one on that is not known to be bad, or
// none. It shortens the list for later calls, so that a class of n bad files takes n
// steps, not n*n. Several threads may do so at the same time: each removes bad files
// only.
func (f *badFiles) nextGood(file int32) int32 {
	for file != none && f.isBad(file) {
		next := f.next[file].Load()
		if next != none && f.isBad(next) {
			next = f.next[next].Load()
			f.next[file].Store(next)
		}
		file = next
	}
	return file
}

// candidates yields the files that may be shown in place of a file, in order: itself
// first. If bad files are skipped, known bad ones are left out.
func (l *Loader) candidates(file int32) iter.Seq[int32] {
	f := &l.bad
	return func(yield func(int32) bool) {
		if !f.skip {
			yield(file)
			return
		}
		for c := f.nextGood(file); c != none; c = f.nextGood(f.next[c].Load()) {
			if !yield(c) {
				return
			}
		}
		c := f.nextGood(f.first[l.data.ClassOf(file)])
		for ; c != none && c < file; c = f.nextGood(f.next[c].Load()) {
			if !yield(c) {
				return
			}
		}
	}
}

// shown returns the file that is shown in place of a file, as far as is known: itself
// if it is not known to be bad. ok is false if all files of its class are bad.
func (l *Loader) shown(file int32) (shown int32, ok bool) {
	for c := range l.candidates(file) {
		return c, true
	}
	return file, false
}

// use makes an image of a file by f, for job j; if bad files are skipped, of the next
// good one.
func (l *Loader) use(j *job, file int32, f func(file int32) error) error {
	var refused *badfile.Error // the first one
	transient := 0
	for c := range l.candidates(file) {
		if j.Cancelled() {
			return context.Canceled
		}
		err := workpool.Recover(func() error { return f(c) })
		if err == nil {
			if c != file {
				l.bad.skipped.Add(1)
			}
			return nil
		}
		bad := l.badFile(c, err)
		if bad.BadFile {
			l.bad.remember(c, bad)
		}
		if !bad.BadFile || !l.bad.skip {
			return bad
		}
		if bad.Transient {
			if transient++; refused == nil {
				refused = bad
			}
			if transient == maxTransient {
				break
			}
		}
	}
	if refused != nil {
		refused.Err = fmt.Errorf("%w, and so with %d files of its class in a row: %w", refused.Err,
			transient, badfile.ErrDisk)
		return refused
	}
	reason := l.bad.found[file].Load().reason
	return l.badFile(file, fmt.Errorf("%s: %w", reason, badfile.ErrNoneLeft))
}

// badFile adds the name of the file to an error in making an image of it.
func (l *Loader) badFile(file int32, err error) *badfile.Error {
	return badfile.New(l.data, file, int(l.position(file)), err)
}

// BadFile is a file that could not be read.
type BadFile struct {
	Position int32  `json:"position"` // in the subset
	Reason   string `json:"reason"`   // of the first time
}

// BadFiles returns the files of the subset that could not be read so far, in order.
func (l *Loader) BadFiles() []BadFile {
	bad := []BadFile{}
	for position, file := range l.members {
		if found := l.bad.found[file].Load(); found != nil {
			bad = append(bad, BadFile{int32(position), text.Printable(found.reason)})
		}
	}
	return bad
}
