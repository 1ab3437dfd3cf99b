package imagefile

import (
	"bytes"
	"errors"
	"image"
	"strings"

	"mixfolder/core/imagefile/jpeg"
	"mixfolder/core/raster"
)

func init() {
	register(format{name: "jpeg", title: "JPEG", decoder: "mixfolder",
		extensions: []string{".jpg", ".jpeg", ".jpe", ".jfif"},
		match:      func(head []byte) bool { return bytes.HasPrefix(head, []byte("\xff\xd8\xff")) },
		new:        func(w *workspace) Codec { return &jpegCodec{workspace: w} }})
}

type jpegCodec struct {
	*workspace
	decoder jpeg.Decoder
	inks    bool // four components
}

// ReadHeader reads the segments up to the first scan.
func (d *jpegCodec) ReadHeader(data []byte, h *header) error {
	d.decoder.KeepTruncated = d.options.KeepTruncated
	j, err := d.decoder.ReadHeader(data)
	if err != nil {
		return jpegError(err)
	}
	h.width, h.height = j.Width, j.Height
	switch j.Components {
	case 1:
		h.mode = "L"
	case 3:
		h.mode = "RGB"
	case 4:
		h.mode = "CMYK"
	}
	if !j.Arithmetic {
		h.packed, h.ratio = int64(j.Width)*int64(j.Height), jpeg.MaxPixelsPerByte
	}
	h.orientation = exifOrientation(j.EXIF, j.XMP)
	h.working, h.canShrink, d.inks = j.BytesPerPixel, j.CanScale, j.Components == 4
	return nil
}

// jpegError converts an error of package jpeg to the form of a format's errors.
func jpegError(err error) error {
	text := strings.TrimPrefix(err.Error(), "jpeg: ")
	switch {
	case errors.Is(err, jpeg.ErrTruncated):
		return ErrTruncated
	case errors.Is(err, jpeg.ErrUnsupported):
		return unsupported("%s", text)
	}
	return errors.New(text)
}

// Decode writes the pixels of region.
func (d *jpegCodec) Decode(dst raster.Image, region image.Rectangle, shrink int) error {
	var m jpeg.Planes
	var err error
	if d.inks {
		m, err = d.decoder.DecodeBands(region, func(band jpeg.Planes, top int) error {
			rows := image.Rect(region.Min.X, max(region.Min.Y, top), region.Max.X,
				min(region.Max.Y, top+band.Height))
			return d.jpegRows(dst.Crop(rows.Sub(region.Min)), &band, rows.Sub(image.Pt(0, top)))
		})
	} else {
		m, err = d.decoder.Decode(region, shrink)
	}
	switch {
	case err != nil && !errors.Is(err, jpeg.ErrExtraneous):
		return jpegError(err)
	case m.Y == nil: // decoded to bands
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

// jpegRows converts the rows of region from RGB, CMYK or YCCK. Inks are stored
// inverted, as Adobe's programs do and Pillow assumes of every file.
func (d *jpegCodec) jpegRows(dst raster.Image, m *jpeg.Planes, region image.Rectangle) error {
	row := raster.Image{Stride: 4 * dst.Width, Width: dst.Width, Height: 1, Channels: 3,
		PixelSize: 4}
	for y := range dst.Height {
		row.Pix = dst.Row(y)
		if dst.Channels == 1 {
			row.Pix = raster.Grow(&d.oriented, row.Stride)
		}
		at := image.Pt(region.Min.X, region.Min.Y+y)
		a, b := m.Y[at.Y*m.YStride+at.X:], at.Y*m.CStride+at.X
		switch m.Color {
		case jpeg.RGB:
			for i := range row.Width {
				putPixel(row.Pix, i, pack(a[i], m.Cb[b+i], m.Cr[b+i], 0xff))
			}
		case jpeg.CMYK:
			interleave4Row(row.Pix, a, m.Cb[b:], m.Cr[b:], m.K[b:])
			cmykRow(row.Pix)
		case jpeg.YCCK:
			// libjpeg converts it to CMYK, with inks of 255 minus red, green and blue,
			// which Pillow inverts.
			line := image.Rectangle{at, at.Add(image.Pt(dst.Width, 1))}
			if err := jpegPlanes(m).jpegPixels(row, line, &d.scratch); err != nil {
				return err
			}
			for i, k := range m.K[b : b+row.Width] {
				row.Pix[4*i+3] = ^k
			}
			cmykRow(row.Pix)
		}
		if dst.Channels == 1 {
			lumaRow(dst.Row(y), row.Pix)
		}
	}
	return nil
}
