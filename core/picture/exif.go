package picture

import (
	"bytes"
	"encoding/binary"
)

// Tags of TIFF and EXIF.
const (
	tagWidth       = 256
	tagHeight      = 257
	tagOrientation = 274
	tagXMP         = 700
)

// An ifd is the first directory of a TIFF structure: of a TIFF file or of an EXIF block. Its zero value has no entries. Offsets
// come from the file: nothing is read that isn't there.
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
	case "II*\x00":
	case "MM\x00*":
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

// entry gives the 12 bytes of a tag.
func (d ifd) entry(tag uint16) ([]byte, bool) {
	for e := d.entries; len(e) >= 12; e = e[12:] {
		if d.order.Uint16(e) == tag {
			return e[:12], true
		}
	}
	return nil, false
}

// number gives the value of a tag that has one number: a byte, a short or a long.
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

// numberOr is number, or what stands for a tag that is missing.
func (d ifd) numberOr(tag uint16, missing uint32) uint32 {
	if v, ok := d.number(tag); ok {
		return v
	}
	return missing
}

// numbers gives the numbers of a tag: n of them, bytes, shorts or longs, as far as they are there.
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

// tiffNumbers are read where they stand: a file can claim millions of them.
type tiffNumbers struct {
	n, size int
	data    []byte
	order   binary.ByteOrder
}

// atOr is number i, or what stands for a number that is missing.
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

// blob gives the bytes of a tag of type byte or undefined that has more than four, as far as they are there.
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

// exifTurn reads the turn from an EXIF block, with or without its prefix, and from an XMP packet where EXIF has none, as Pillow
// does. Either may be nil.
func exifTurn(exif, xmp []byte) turn {
	if n, ok := readIFD(bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))).number(tagOrientation); ok {
		return turnOf(n)
	}
	return xmpTurn(xmp)
}

// xmpTurn finds tiff:Orientation as an attribute or an element: Pillow's pattern is tiff:Orientation(="|>)([0-9]).
func xmpTurn(xmp []byte) turn {
	name := []byte("tiff:Orientation")
	for {
		i := bytes.Index(xmp, name)
		if i < 0 {
			return upright
		}
		xmp = xmp[i+len(name):]
		for _, open := range []string{`="`, `>`} {
			if v, ok := bytes.CutPrefix(xmp, []byte(open)); ok && len(v) > 0 && '0' <= v[0] && v[0] <= '9' {
				return turnOf(uint32(v[0] - '0'))
			}
		}
	}
}
