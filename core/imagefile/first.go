package imagefile

import "errors"

// ErrMore is returned by InspectFirst if it needs more bytes of the file.
var ErrMore = errors.New("imagefile: the header needs more of the file")

// minFirst covers the data whose truncation is not detected: the palette of a BMP file,
// which ends by byte 14 + 124 + 4*256, and the bytes that Sniff reads.
const minFirst = 2048

// InspectFirst is Inspect for the first bytes of a file of size bytes: it returns the
// same result, or ErrMore. Formats whose metadata may follow the pixels need the
// complete file.
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
