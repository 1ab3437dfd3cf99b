package loader

import (
	"errors"
	"fmt"
	"syscall"

	"mixfolder/core/imagefile"
)

// largeFile is the number of bytes from which on a file is looked at before memory is
// taken for it: it may be a film, or a disk image.
const largeFile = 64 << 20

// allowance is what a reader heeds before it takes memory for a large file.
type allowance struct {
	most  int64               // bytes of a file
	enter func(n int64) error // asked for room, if set
}

// check is for a file of more than largeFile bytes; head are its first ones.
func (a *allowance) check(size int64, head []byte) error {
	if imagefile.Sniff(head) == "" {
		_, err := imagefile.Inspect(head, imagefile.Options{})
		return err
	}
	if size > a.most {
		return errLarger(size, a.most)
	}
	if a.enter == nil {
		return nil
	}
	return a.enter(size)
}

func errLarger(size, most int64) error {
	return fmt.Errorf("the file has %d bytes, but decoding may take only %d of this machine's "+
		"memory", size, most)
}

// errNotRegular says what is not read: a pipe would block.
func errNotRegular(kind any) error { return fmt.Errorf("it is not a regular file (%v)", kind) }

// grown is buf with room for a file of n bytes and for one more, by which the end is
// noticed.
func grown(buf []byte, n int64) []byte {
	if n >= int64(cap(buf)) {
		buf = make([]byte, n+min(n/4, largeFile)+512)
	}
	return buf[:cap(buf)]
}

// refusal, where a test sets it, is what a disk says of a file before it is opened.
var refusal func(name string) error

// read gives the content of root/name in buf, which grows where needed. Its errors do
// not name the file. A server of files may have forgotten one that it knew (ESTALE):
// its path is opened once more.
func (r *reader) read(root, name string, buf []byte) ([]byte, error) {
	buf, err := r.attempt(root, name, buf)
	if errors.Is(err, syscall.ESTALE) {
		buf, err = r.attempt(root, name, buf)
	}
	return buf, err
}

func (r *reader) attempt(root, name string, buf []byte) ([]byte, error) {
	if refusal != nil {
		if err := refusal(name); err != nil {
			return buf, err
		}
	}
	return r.once(root, name, buf)
}
