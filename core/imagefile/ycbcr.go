package imagefile

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape imagefile_jpeg
// #cgo nocallback imagefile_jpeg
// #cgo noescape imagefile_vp8
// #cgo nocallback imagefile_vp8
// #cgo noescape imagefile_luma
// #cgo nocallback imagefile_luma
// #cgo noescape imagefile_interleave4
// #cgo nocallback imagefile_interleave4
// #cgo noescape imagefile_cmyk
// #cgo nocallback imagefile_cmyk
// #include "kernels.h"
import "C"

import (
	"errors"
	"fmt"
	"image"
	"unsafe"

	"mixfolder/core/raster"
)

// planes is a decoded image in YCbCr. Rows may be padded; the padding is never read.
type planes struct {
	y, cb, cr        []byte
	yStride, cStride int
	width, height    int // of the image, in luma samples
	h, v             int // luma samples per chroma sample: 1, 2 or 4
}

// planesOf returns the planes of a YCbCr image whose bounds start at 0, 0, without
// copying.
func planesOf(m *image.YCbCr) (planes, error) {
	p := planes{
		y: m.Y, cb: m.Cb, cr: m.Cr, yStride: m.YStride, cStride: m.CStride,
		width: m.Rect.Dx(), height: m.Rect.Dy(),
	}
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio444:
		p.h, p.v = 1, 1
	case image.YCbCrSubsampleRatio422:
		p.h, p.v = 2, 1
	case image.YCbCrSubsampleRatio420:
		p.h, p.v = 2, 2
	case image.YCbCrSubsampleRatio440:
		p.h, p.v = 1, 2
	case image.YCbCrSubsampleRatio411:
		p.h, p.v = 4, 1
	case image.YCbCrSubsampleRatio410:
		p.h, p.v = 4, 2
	default:
		return p, fmt.Errorf("chroma subsampling %v", m.SubsampleRatio)
	}
	return p, nil
}

// jpegPixels converts the samples of region by libjpeg's rules. The result equals the
// same crop of the whole image.
func (p planes) jpegPixels(dst raster.Image, region image.Rectangle, scratch *[]byte) error {
	s, room, err := p.kernelShape(dst, region, scratch)
	if err != nil {
		return err
	}
	C.imagefile_jpeg(ptr(p.y), ptr(p.cb), ptr(p.cr), room, ptr(dst.Pix), &s)
	return nil
}

// vp8Pixels converts the samples of region by libwebp's rules. The result equals the
// same crop of the whole image.
func (p planes) vp8Pixels(dst raster.Image, region image.Rectangle, scratch *[]byte) error {
	if p.h != 2 || p.v != 2 {
		return errors.New("chroma is not subsampled 2 x 2")
	}
	s, room, err := p.kernelShape(dst, region, scratch)
	if err != nil {
		return err
	}
	C.imagefile_vp8(ptr(p.y), ptr(p.cb), ptr(p.cr), room, ptr(dst.Pix), &s)
	return nil
}

// lumaRow writes the luma of the RGBA pixels of src to dst, one byte per pixel.
func lumaRow(dst, src []byte) {
	n := len(dst)
	if n == 0 {
		return
	}
	_ = src[4*n-1]
	C.imagefile_luma(ptr(src), ptr(dst), C.int64_t(n))
}

// interleave4Row interleaves four planes into 4-byte pixels, each byte 255 minus the
// sample.
func interleave4Row(dst, a, b, c, d []byte) {
	n := len(dst) / 4
	if n == 0 {
		return
	}
	_, _, _, _ = a[n-1], b[n-1], c[n-1], d[n-1]
	C.imagefile_interleave4(ptr(a), ptr(b), ptr(c), ptr(d), ptr(dst), C.int64_t(n))
}

// cmykRow converts pixels C, M, Y, K in place to R, G, B, 255, as Pillow's cmyk2rgb
// does.
func cmykRow(row []byte) {
	C.imagefile_cmyk(ptr(row), C.int64_t(len(row)/4))
}

func ptr(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(b)) }

// kernelShape checks everything that the kernels rely on and provides scratch memory.
func (p planes) kernelShape(dst raster.Image, region image.Rectangle,
	scratch *[]byte) (s C.imagefile_shape,
	room *C.uint8_t, err error) {
	cWidth, cHeight := (p.width+p.h-1)/p.h, (p.height+p.v-1)/p.v
	switch {
	case p.width < 1 || p.height < 1 || p.yStride < p.width || p.cStride < cWidth,
		len(p.y) < (p.height-1)*p.yStride+p.width,
		len(p.cb) < (cHeight-1)*p.cStride+cWidth,
		len(p.cr) < (cHeight-1)*p.cStride+cWidth:
		return s, nil, errors.New("the planes are smaller than the image")
	case region.Empty() || !region.In(image.Rect(0, 0, p.width, p.height)),
		dst.Width != region.Dx() || dst.Height != region.Dy(),
		dst.Stride < dst.Width*dst.PixelSize,
		len(dst.Pix) < (dst.Height-1)*dst.Stride+dst.Width*dst.PixelSize:
		return s, nil, fmt.Errorf("region %v does not fit the planes or the destination", region)
	}
	s = C.imagefile_shape{
		y_stride: C.int64_t(p.yStride), c_stride: C.int64_t(p.cStride),
		c_width: C.int64_t(cWidth), c_height: C.int64_t(cHeight),
		h: C.int64_t(p.h), v: C.int64_t(p.v),
		x0: C.int64_t(region.Min.X), y0: C.int64_t(region.Min.Y),
		x1: C.int64_t(region.Max.X), y1: C.int64_t(region.Max.Y),
		dst_stride: C.int64_t(dst.Stride),
	}
	if dst.Channels == 1 {
		s.gray = 1
	}
	return s, ptr(raster.Grow(scratch,
		C.IMAGEFILE_SCRATCH*(region.Dx()+C.IMAGEFILE_SCRATCH_EXTRA))), nil
}
