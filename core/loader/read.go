package loader

import "fmt"

// errNotRegular says what is not read: a pipe would block.
func errNotRegular(kind any) error { return fmt.Errorf("it is not a regular file (%v)", kind) }

// grown is buf with room for a file of n bytes and for one more, by which the end is noticed.
func grown(buf []byte, n int64) []byte {
	if n >= int64(cap(buf)) {
		buf = make([]byte, n+n/4+512)
	}
	return buf[:cap(buf)]
}
