package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"strings"

	"mixfolder/core/picture/baseline"
)

// Markers of JPEG: ITU-T T.81 table B.1.
const (
	markTEM  = 0x01
	markSOF0 = 0xc0
	markDHT  = 0xc4
	markJPG  = 0xc8
	markDAC  = 0xcc
	markSOFF = 0xcf
	markRST0 = 0xd0
	markSOI  = 0xd8
	markEOI  = 0xd9
	markSOS  = 0xda
	markAPP1 = 0xe1
)

// jpegHeader walks the segments up to the first scan.
func jpegHeader(data []byte, h *header) error {
	var exif, xmp []byte
	for at := 2; ; {
		i := bytes.IndexByte(data[min(at, len(data)):], 0xff)
		if i < 0 || at+i+1 >= len(data) {
			return ErrTruncated
		}
		at += i + 1
		mark := data[at]
		if mark == 0xff { // a fill byte
			continue
		}
		at++
		if mark == 0 || mark == markTEM || markRST0 <= mark && mark <= markSOI {
			continue
		}
		if mark == markSOS || mark == markEOI {
			break
		}
		if at+2 > len(data) {
			return ErrTruncated
		}
		end := at + int(binary.BigEndian.Uint16(data[at:]))
		if end < at+2 || end > len(data) {
			return ErrTruncated
		}
		segment := data[at+2 : end]
		at = end
		switch {
		case mark == markAPP1:
			if b, ok := bytes.CutPrefix(segment, []byte("Exif\x00\x00")); ok && exif == nil {
				exif = b
			} else if b, ok := bytes.CutPrefix(segment, []byte("http://ns.adobe.com/xap/1.0/\x00")); ok && xmp == nil {
				xmp = b
			}
		case markSOF0 <= mark && mark <= markSOFF && mark != markDHT && mark != markJPG && mark != markDAC:
			if len(segment) < 6 {
				return errors.New("the frame header is too short")
			}
			h.height = int(binary.BigEndian.Uint16(segment[1:]))
			h.width = int(binary.BigEndian.Uint16(segment[3:]))
			if h.working = int(segment[5]); mark&3 == 2 { // progressive: a coefficient of 16 bits a sample, too
				h.working *= 3
			}
			switch segment[5] {
			case 1:
				h.mode = "L"
			case 3:
				h.mode = "RGB"
			case 4:
				h.mode = "CMYK"
			}
		}
	}
	if h.width == 0 && h.height == 0 {
		return errors.New("no frame header before the first scan")
	}
	// A block of 64 samples takes at least a bit. So much emptiness is an attack on the memory.
	if int64(h.width)*int64(h.height) > 1024*int64(len(data)) {
		return ErrTruncated
	}
	h.turn = exifTurn(exif, xmp)
	return nil
}

// decodeJPEG writes the pixels of region. Baseline and progressive files, which nearly all are, go to our own decoder; what is outside
// of its conditions goes to image/jpeg. A damaged file does not: another decoder would make something of it.
func decodeJPEG(d *Decoder, data []byte, h *header, dst Picture, region image.Rectangle) error {
	m, err := d.baseline.DecodeShrunk(data, h.shrink, region)
	switch {
	case errors.Is(err, baseline.ErrUnsupported):
		return d.decodeOtherJPEG(data, h, dst, region)
	case errors.Is(err, baseline.ErrTruncated):
		return ErrTruncated
	case err != nil && !errors.Is(err, baseline.ErrExtraneous):
		return errors.New(strings.TrimPrefix(err.Error(), "baseline: "))
	case m.Width != ceil(h.width, h.shrink) || m.Height != ceil(h.height, h.shrink):
		return errTwoFrames
	case m.Gray:
		return d.convert(dst, &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: image.Rect(0, 0, m.Width, m.Height)}, region)
	}
	p := planes{y: m.Y, cb: m.Cb, cr: m.Cr, yStride: m.YStride, cStride: m.CStride, width: m.Width, height: m.Height, h: m.H, v: m.V}
	return p.jpegPixels(dst, region, &d.scratch)
}

// shrinksJPEG is true where our own decoder reads the file and it is sequential.
func shrinksJPEG(d *Decoder, data []byte) bool { return d.baseline.Shrinks(data) }

var errTwoFrames = errors.New("two frame headers differ")

// decodeOtherJPEG is decodeJPEG by image/jpeg.
func (d *Decoder) decodeOtherJPEG(data []byte, h *header, dst Picture, region image.Rectangle) error {
	m, err := foreign(func() (image.Image, error) { return jpeg.Decode(bytes.NewReader(data)) })
	if err != nil {
		return jpegError(err)
	}
	if m.Bounds() != image.Rect(0, 0, h.width, h.height) {
		return errTwoFrames
	}
	ycc, ok := m.(*image.YCbCr)
	if !ok { // gray, RGB, CMYK
		return d.convert(dst, m, region)
	}
	p, err := planesOf(ycc)
	if err != nil {
		return err
	}
	return p.jpegPixels(dst, region, &d.scratch)
}

// jpegError finds out whether an error of image/jpeg means that the file ends early: it says so where no marker follows, and
// complains of the marker where a repaired file has got one.
func jpegError(err error) error {
	var format jpeg.FormatError
	if errors.As(err, &format) && (format == "short Huffman data" || format == "missing 0xff00 sequence") {
		return fmt.Errorf("%w, or its data are damaged", ErrTruncated)
	}
	return err
}
