package imagefile

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Tags of TIFF and EXIF.
const (
	tagWidth       = 256
	tagHeight      = 257
	tagOrientation = 274
	tagXMP         = 700
)

// An ifd is the first image file directory of a TIFF file or an EXIF block. Its zero
// value has no entries. Offsets come from the file and are checked before use.
type ifd struct {
	data    []byte
	order   binary.ByteOrder
	entries []byte // 12 bytes each
}

func readIFD(data []byte) ifd {
	if len(data) < 8 {
		return ifd{}
	}
	var order binary.ByteOrder = binary.LittleEndian
	switch string(data[:4]) {
	case "II*\x00", "II\x00*": // 42, or byte-swapped as Pillow accepts it
	case "MM\x00*", "MM*\x00":
		order = binary.BigEndian
	default:
		return ifd{}
	}
	at := uint64(order.Uint32(data[4:]))
	if at+2 > uint64(len(data)) {
		return ifd{}
	}
	n := uint64(order.Uint16(data[at:]))
	at += 2
	end := min(at+12*n, uint64(len(data)))
	return ifd{data, order, data[at:end]}
}

// entry returns the 12 bytes of a tag.
func (d ifd) entry(tag uint16) ([]byte, bool) {
	for e := d.entries; len(e) >= 12; e = e[12:] {
		if d.order.Uint16(e) == tag {
			return e[:12], true
		}
	}
	return nil, false
}

// number returns the value of a tag that holds one BYTE, SHORT or LONG.
func (d ifd) number(tag uint16) (uint32, bool) {
	e, ok := d.entry(tag)
	if !ok || d.order.Uint32(e[4:]) != 1 {
		return 0, false
	}
	switch d.order.Uint16(e[2:]) {
	case 1:
		return uint32(e[8]), true
	case 3:
		return uint32(d.order.Uint16(e[8:])), true
	case 4:
		return d.order.Uint32(e[8:]), true
	}
	return 0, false
}

// numberOr is number with a default for a missing tag.
func (d ifd) numberOr(tag uint16, missing uint32) uint32 {
	if v, ok := d.number(tag); ok {
		return v
	}
	return missing
}

// numbers returns the values of a tag of type BYTE, SHORT or LONG, as many as the data
// contain.
func (d ifd) numbers(tag uint16) tiffNumbers {
	e, ok := d.entry(tag)
	if !ok {
		return tiffNumbers{}
	}
	t := tiffNumbers{order: d.order}
	switch d.order.Uint16(e[2:]) {
	case 1:
		t.size = 1
	case 3:
		t.size = 2
	case 4:
		t.size = 4
	default:
		return tiffNumbers{}
	}
	n, at := uint64(d.order.Uint32(e[4:])), uint64(d.order.Uint32(e[8:]))
	if t.data = e[8:12]; n*uint64(t.size) > 4 {
		t.data = d.data[min(at, uint64(len(d.data))):]
	}
	t.n = int(min(n, uint64(len(t.data)/t.size)))
	return t
}

// tiffNumbers reads values in place, because a file may claim millions of them.
type tiffNumbers struct {
	n, size int
	data    []byte
	order   binary.ByteOrder
}

// atOr returns value i, or a default if it is missing.
func (t tiffNumbers) atOr(i int, missing uint32) uint32 {
	if i >= t.n {
		return missing
	}
	switch at := t.data[i*t.size:]; t.size {
	case 1:
		return uint32(at[0])
	case 2:
		return uint32(t.order.Uint16(at))
	default:
		return t.order.Uint32(at)
	}
}

// blob returns the bytes of a tag of type BYTE or UNDEFINED with more than four, as
// many as the data contain.
func (d ifd) blob(tag uint16) []byte {
	e, ok := d.entry(tag)
	if !ok {
		return nil
	}
	n, at := uint64(d.order.Uint32(e[4:])), uint64(d.order.Uint32(e[8:]))
	if n <= 4 || at >= uint64(len(d.data)) {
		return nil
	}
	return d.data[at:min(at+n, uint64(len(d.data)))]
}

// exifOrientation reads the orientation from an EXIF block, whose prefix may be missing
// or repeated, and from an XMP packet if EXIF has none, as Pillow does. Either may be
// nil.
func exifOrientation(exif, xmp []byte) orientation {
	for range 2 {
		exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	}
	if n, ok := readIFD(exif).orientation(); ok {
		return n
	}
	return xmpOrientation(xmp)
}

// Field types.
const (
	typeShort          = 3
	typeLong           = 4
	typeRational       = 5
	typeSignedByte     = 6
	typeSignedShort    = 8
	typeSignedLong     = 9
	typeSignedRational = 10
	typeFloat          = 11
	typeDouble         = 12
	typeIFD            = 13
	typeLong8          = 16
)

// typeSizes are the sizes in bytes of the types that Pillow supports. 1 is BYTE, 2
// ASCII and 7 UNDEFINED.
var typeSizes = [...]uint64{
	1: 1, 2: 1, typeShort: 2, typeLong: 4, typeRational: 8, typeSignedByte: 1, 7: 1,
	typeSignedShort: 2, typeSignedLong: 4,
	typeSignedRational: 8, typeFloat: 4, typeDouble: 8, typeIFD: 4, typeLong8: 8,
}

// orientation reads the tag Orientation as Pillow does. Any type is accepted, but BYTE
// and ASCII have no effect; the first of several values is used; a tag of unknown type
// or without a value is ignored. Tags with more values than the data can hold are
// skipped, and reading ends at the first tag whose values are beyond the data.
func (d ifd) orientation() (orientation, bool) {
	size, outside := uint64(len(d.data)), uint64(0)
	for e := d.entries; len(e) >= 12; e = e[12:] {
		kind, n, value := d.order.Uint16(e[2:]), uint64(0), e[8:12]
		if int(kind) < len(typeSizes) {
			n = typeSizes[kind] * uint64(d.order.Uint32(e[4:]))
		}
		if n > 4 {
			if outside += n; outside > size {
				continue
			}
			at := uint64(d.order.Uint32(value))
			if at+n > size {
				break
			}
			value = d.data[at : at+n]
		}
		if n > 0 && d.order.Uint16(e) == tagOrientation {
			return d.toOrientation(kind, value), true
		}
	}
	return upright, false
}

// toOrientation converts a value of the tag Orientation. Signed values are read as
// unsigned: no negative value is an orientation.
func (d ifd) toOrientation(kind uint16, value []byte) orientation {
	number := func(at int) int64 { return int64(d.order.Uint32(value[at:])) }
	switch kind {
	case typeSignedByte:
		return orientationOf(int64(value[0]))
	case typeShort, typeSignedShort:
		return orientationOf(int64(d.order.Uint16(value)))
	case typeLong, typeSignedLong, typeIFD:
		return orientationOf(number(0))
	case typeLong8:
		return orientationOf(int64(d.order.Uint64(value)))
	case typeRational:
		return quotient(number(0), number(4))
	case typeSignedRational:
		return quotient(int64(int32(number(0))), int64(int32(number(4))))
	case typeFloat:
		return integral(float64(math.Float32frombits(d.order.Uint32(value))))
	case typeDouble:
		return integral(math.Float64frombits(d.order.Uint64(value)))
	}
	return upright
}

// quotient returns the orientation that equals a/b.
func quotient(a, b int64) orientation {
	if b == 0 || a%b != 0 {
		return upright
	}
	return orientationOf(a / b)
}

// integral returns the orientation that equals v.
func integral(v float64) orientation {
	if v < float64(upright) || v > float64(rotated270) || v != math.Trunc(v) {
		return upright
	}
	return orientationOf(int64(v))
}

// xmpOrientation finds tiff:Orientation as an attribute or an element: Pillow's pattern
// is tiff:Orientation(="|>)([0-9]).
func xmpOrientation(xmp []byte) orientation {
	name := []byte("tiff:Orientation")
	for {
		i := bytes.Index(xmp, name)
		if i < 0 {
			return upright
		}
		xmp = xmp[i+len(name):]
		for _, open := range []string{`="`, `>`} {
			if v, ok := bytes.CutPrefix(xmp, []byte(open)); ok && len(v) > 0 && '0' <= v[0] &&
				v[0] <= '9' {
				return orientationOf(int64(v[0] - '0'))
			}
		}
	}
}
