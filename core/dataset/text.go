package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Printable is s fit for a terminal and a log, whatever a file or folder in it
// is named: control characters, marks that turn the direction of writing and
// bytes that are not UTF-8 become escapes, as those of %q.
func Printable(s string) string {
	q := strconv.Quote(s)
	q = q[1 : len(q)-1]
	if q == s {
		return s
	}
	// Quote escapes quotes and backslashes too, which a sentence keeps.
	var b strings.Builder
	for i := 0; i < len(q); i++ {
		if q[i] == '\\' && (q[i+1] == '"' || q[i+1] == '\\') {
			i++
		}
		b.WriteByte(q[i])
	}
	return b.String()
}

// mostNamed is the number of names that a message lists at most.
const mostNamed = 20

// quoted lists names.
func quoted(names []string) string {
	quotes := make([]string, min(len(names), mostNamed))
	for i := range quotes {
		quotes[i] = strconv.Quote(names[i])
	}
	return few(quotes, len(names))
}

// few lists what is shown of n things.
func few(shown []string, n int) string {
	list := strings.Join(shown, ", ")
	if n > len(shown) {
		list += fmt.Sprintf(", and %d more", n-len(shown))
	}
	return list
}

// refusal is an error of the system with a text that quotes the path.
type refusal struct {
	text string
	err  error
}

func (r *refusal) Error() string { return r.text + ": " + cause(r.err) }
func (r *refusal) Unwrap() error { return r.err }

func refused(err error, format string, arguments ...any) error {
	return &refusal{"dataset: " + fmt.Sprintf(format, arguments...), err}
}

// cause is what the system said, without the path, which is any bytes.
func cause(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}
