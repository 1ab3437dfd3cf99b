// Package text formats names of files and folders, which may have any bytes, for
// messages that are shown in a terminal or a log.
package text

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Printable returns s with control characters, marks that change the direction of
// writing and bytes that are not UTF-8 replaced by escapes, as %q does.
func Printable(s string) string {
	q := strconv.Quote(s)
	q = q[1 : len(q)-1]
	if q == s {
		return s
	}
	// Quote also escapes quotes and backslashes, which a sentence keeps.
	var b strings.Builder
	for i := 0; i < len(q); i++ {
		if q[i] == '\\' && (q[i+1] == '"' || q[i+1] == '\\') {
			i++
		}
		b.WriteByte(q[i])
	}
	return b.String()
}

// maxListed is the maximum number of names that a message lists.
const maxListed = 20

// QuotedList lists names in quotes: all of them, or the first ones and the number of
// the others.
func QuotedList(names []string) string {
	quotes := make([]string, min(len(names), maxListed))
	for i := range quotes {
		quotes[i] = strconv.Quote(names[i])
	}
	return List(quotes, len(names))
}

// List lists the first of n items, and the number of the others.
func List(first []string, n int) string {
	list := strings.Join(first, ", ")
	if n > len(first) {
		list += fmt.Sprintf(", and %d more", n-len(first))
	}
	return list
}

// OtherForm is the remedy where only the Unicode normalization forms of two names
// differ.
const OtherForm = "the same letters in another Unicode form: take the name as os.listdir gives " +
	"it, or rename the folder"

// Form quotes a name in ASCII, followed by its Unicode normalization form.
func Form(name string) string {
	kind := "neither NFC nor NFD"
	switch {
	case norm.NFC.IsNormalString(name):
		kind = "NFC"
	case norm.NFD.IsNormalString(name):
		kind = "NFD"
	}
	return fmt.Sprintf("%+q (%s)", name, kind)
}
