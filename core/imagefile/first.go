package imagefile

import "errors"

// ErrMore is the answer of InspectFirst where it takes more of a file.
var ErrMore = errors.New("imagefile: the header needs more of the file")

// leastFirst are bytes for what may be cut off without an error: the palette of a BMP
// file, which ends after 14 + 124 + 4*256 bytes, and what Sniff looks at.
const leastFirst = 2048

// InspectFirst is Inspect for the first bytes of a file of size bytes: the same answer,
// or ErrMore. In PNG and WebP files EXIF may stand behind the pixels, and in TIFF files
// everything may.
func InspectFirst(data []byte, size int64, o Options) (Info, error) {
	whole := int64(len(data)) >= size
	if name := Sniff(data[:min(len(data), 16)]); !whole &&
		(len(data) < leastFirst || name == "png" || name == "webp" || name == "tiff") {
		return Info{}, ErrMore
	}
	info, err := inspect(data, size, o)
	if !whole && errors.Is(err, ErrTruncated) {
		return Info{}, ErrMore
	}
	return info, err
}
