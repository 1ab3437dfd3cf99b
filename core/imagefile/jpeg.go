package imagefile

import (
	"errors"
	"image"
	"strings"

	"mixfolder/core/imagefile/jpeg"
	"mixfolder/core/raster"
)

// jpegHeader reads the segments up to the first scan.
func jpegHeader(data []byte, h *header) error {
	var d jpeg.Decoder
	j, err := d.ReadHeader(data)
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
	h.working = j.BytesPerPixel
	return nil
}

// jpegError gives an error of package jpeg the form that a format's errors have.
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

// decodeJPEG writes the pixels of region.
func decodeJPEG(d *Decoder, data []byte, h *header, dst raster.Image,
	region image.Rectangle) error {
	d.jpeg.KeepTruncated = d.options.KeepTruncated
	if _, err := d.jpeg.ReadHeader(data); err != nil {
		return jpegError(err)
	}
	var m jpeg.Planes
	var err error
	if h.mode == "CMYK" {
		m, err = d.jpeg.DecodeBands(region, func(band jpeg.Planes, top int) error {
			rows := image.Rect(region.Min.X, max(region.Min.Y, top), region.Max.X,
				min(region.Max.Y, top+band.Height))
			return d.jpegRows(dst.Crop(rows.Sub(region.Min)), &band, rows.Sub(image.Pt(0, top)))
		})
	} else {
		m, err = d.jpeg.Decode(region, h.shrink)
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
func (d *Decoder) jpegRows(dst raster.Image, m *jpeg.Planes, region image.Rectangle) error {
	row := raster.Image{Stride: 4 * dst.Width, Width: dst.Width, Height: 1, Channels: 3,
		PixelSize: 4}
	for y := range dst.Height {
		row.Pix = dst.Row(y)
		if dst.Channels == 1 {
			row.Pix = raster.Grow(&d.turned, row.Stride)
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

// shrinksJPEG reports whether the decoder can scale the file down.
func shrinksJPEG(d *Decoder, data []byte) bool {
	j, err := d.jpeg.ReadHeader(data)
	return err == nil && j.CanScale
}
