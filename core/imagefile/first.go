package imagefile

import "errors"

// ErrMore is the answer of InspectFirst where it takes more of a file.
var ErrMore = errors.New("imagefile: the header needs more of the file")

// minFirst are bytes for what may be cut off without an error: the palette of a BMP
// file, which ends after 14 + 124 + 4*256 bytes, and what Sniff looks at.
const minFirst = 2048

// InspectFirst is Inspect for the first bytes of a file of size bytes: the same answer,
// or ErrMore. Formats whose header may stand behind the pixels need all of the file.
func InspectFirst(data []byte, size int64, o Options) (Header, error) {
	whole := int64(len(data)) >= size
	if f := formatOf(data); !whole && (len(data) < minFirst || f != nil && f.late) {
		return Header{}, ErrMore
	}
	info, err := inspect(data, size, o)
	if !whole && errors.Is(err, ErrTruncated) {
		return Header{}, ErrMore
	}
	return info, err
}
