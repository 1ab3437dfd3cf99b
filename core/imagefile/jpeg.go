package imagefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"strings"

	"mixfolder/core/imagefile/jpeg"
)

// Markers of JPEG: ITU-T T.81 table B.1.
const (
	markTEM  = 0x01
	markSOF0 = 0xc0
	markDHT  = 0xc4
	markJPG  = 0xc8
	markSOF9 = 0xc9
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
	var components byte
	var sequential, arithmetic, inOne, sampled bool
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
		if mark == markEOI {
			break
		}
		if mark == markSOS {
			inOne = at+2 < len(data) && data[at+2] == components
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
		case markSOF0 <= mark && mark <= markSOFF && mark != markDHT && mark != markJPG &&
			mark != markDAC:
			if len(segment) < 6 {
				return errors.New("the frame header is too short")
			}
			h.height = int(binary.BigEndian.Uint16(segment[1:]))
			h.width = int(binary.BigEndian.Uint16(segment[3:]))
			sequential, arithmetic = mark&3 != 2, mark >= markSOF9
			components = segment[5]
			for i := 7; i < len(segment); i += 3 { // the sampling factors
				sampled = sampled || segment[i] != segment[7]
			}
			switch components {
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
	// A block of 64 samples takes at least a bit. So much emptiness is an attack on the
	// memory. In arithmetic coding, no data at all are enough for any number of blocks.
	if !arithmetic {
		h.packed, h.ratio = int64(h.width)*int64(h.height), 1024
	}
	h.orientation = exifOrientation(exif, xmp)
	switch {
	case !sequential || arithmetic || !inOne: // coefficients of 16 bits, too, and perhaps a plane of full size
		h.working = 4 * int(components)
	case components == 4 && !sampled: // a few rows at once
		h.working = 0
	case components == 4: // a plane of full size, too
		h.working = 8
	default:
		h.working = int(components)
	}
	return nil
}

// decodeJPEG writes the pixels of region.
func decodeJPEG(d *Decoder, data []byte, h *header, dst Image, region image.Rectangle) error {
	d.jpeg.KeepTruncated = d.options.KeepTruncated
	var m jpeg.Planes
	var err error
	if h.mode == "CMYK" {
		m, err = d.jpeg.DecodeBands(data, region, func(band jpeg.Planes, top int) error {
			rows := image.Rect(region.Min.X, max(region.Min.Y, top), region.Max.X, min(region.Max.Y,
				top+band.Height))
			return d.jpegRows(dst.Part(rows.Sub(region.Min)), &band, rows.Sub(image.Pt(0, top)))
		})
	} else {
		m, err = d.jpeg.DecodeScaled(data, h.shrink, region)
	}
	switch {
	case errors.Is(err, jpeg.ErrTruncated):
		return ErrTruncated
	case errors.Is(err, jpeg.ErrUnsupported):
		return unsupported("%s", strings.TrimPrefix(err.Error(), "jpeg: "))
	case err != nil && !errors.Is(err, jpeg.ErrExtraneous):
		return errors.New(strings.TrimPrefix(err.Error(), "jpeg: "))
	case m.Width != ceil(h.width, h.shrink) || m.Height != ceil(h.height, h.shrink):
		return errors.New("two frame headers differ")
	case m.Y == nil:
		return nil
	case m.Gray:
		return d.convert(dst, &image.Gray{Pix: m.Y, Stride: m.YStride, Rect: image.Rect(0, 0,
			m.Width, m.Height)}, region)
	case m.Color == jpeg.YCbCr:
		return jpegPlanes(&m).jpegPixels(dst, region, &d.scratch)
	}
	return d.jpegRows(dst, &m, region)
}

func jpegPlanes(m *jpeg.Planes) planes {
	return planes{y: m.Y, cb: m.Cb, cr: m.Cr, yStride: m.YStride, cStride: m.CStride,
		width: m.Width, height: m.Height, h: m.H, v: m.V}
}

// jpegRows is decodeJPEG for RGB, CMYK and YCCK. Inks are stored inverted, as Adobe's
// programs do and Pillow assumes of every file.
func (d *Decoder) jpegRows(dst Image, m *jpeg.Planes, region image.Rectangle) error {
	row := Image{Width: dst.Width, Height: 1, Mode: RGB, Stride: 4 * dst.Width}
	for y := range dst.Height {
		row.Pix = dst.row(y)
		if dst.Mode == Gray {
			row.Pix = sized(&d.turned, row.Stride)
		}
		at := image.Pt(region.Min.X, region.Min.Y+y)
		a, b := m.Y[at.Y*m.YStride+at.X:], at.Y*m.CStride+at.X
		switch m.Color {
		case jpeg.RGB:
			for i := range row.Width {
				putPixel(row.Pix, i, pack(a[i], m.Cb[b+i], m.Cr[b+i], 0xff))
			}
		case jpeg.CMYK:
			weaveRow(row.Pix, a, m.Cb[b:], m.Cr[b:], m.K[b:])
			cmykRow(row.Pix)
		case jpeg.YCCK: // libjpeg makes CMYK of it, as 255 minus red, green and blue, and Pillow inverts that
			line := image.Rectangle{at, at.Add(image.Pt(dst.Width, 1))}
			if err := jpegPlanes(m).jpegPixels(row, line, &d.scratch); err != nil {
				return err
			}
			for i, k := range m.K[b : b+row.Width] {
				row.Pix[4*i+3] = ^k
			}
			cmykRow(row.Pix)
		}
		if dst.Mode == Gray {
			lumaRow(dst.row(y), row.Pix)
		}
	}
	return nil
}

// shrinksJPEG is true where the decoder can shrink the file.
func shrinksJPEG(d *Decoder, data []byte) bool { return d.jpeg.CanScale(data) }
