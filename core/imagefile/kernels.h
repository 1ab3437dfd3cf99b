// C kernels of package image: planes of luma and chroma -> pixels. Fixed-size
// arithmetic only; ycbcr.go has checked every size and owns every buffer. Each kernel
// exists for the default target and for AVX2, with the same bytes.

#ifndef MIXFOLDER_IMAGEFILE_KERNELS_H
#define MIXFOLDER_IMAGEFILE_KERNELS_H

#include <stdint.h>

// imagefile_shape is the geometry of one call. Strides are in bytes. The sizes of
// chroma count real samples, not padding.
typedef struct {
	int64_t y_stride, c_stride, c_width, c_height;
	int64_t h, v;           // luma samples a chroma sample, horizontally and vertically
	int64_t x0, y0, x1, y1; // the region, in luma samples
	int64_t dst_stride;
	int64_t gray; // 0: R, G, B, 255 a pixel; 1: one byte of luminance a pixel
} imagefile_shape;

// A region of n columns needs IMAGEFILE_SCRATCH * (n + IMAGEFILE_SCRATCH_EXTRA) bytes
// of scratch, aligned to 2.
#define IMAGEFILE_SCRATCH 3
#define IMAGEFILE_SCRATCH_EXTRA 16

#define IMAGEFILE_KERNEL(name)                                                                     \
	void name(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *scratch,            \
	    uint8_t *dst, const imagefile_shape *s)

// imagefile_jpeg: libjpeg's "fancy" upsampling and its conversion of JFIF's full-range
// YCbCr.
IMAGEFILE_KERNEL(imagefile_jpeg_default);
IMAGEFILE_KERNEL(imagefile_jpeg_avx2);

// imagefile_vp8: libwebp's "fancy" upsampling and its conversion of limited-range
// YCbCr. h and v must be 2.
IMAGEFILE_KERNEL(imagefile_vp8_default);
IMAGEFILE_KERNEL(imagefile_vp8_avx2);

// imagefile_luma: n pixels R, G, B, A -> one byte of luminance each.
void imagefile_luma_default(const uint8_t *rgba, uint8_t *dst, int64_t n);
void imagefile_luma_avx2(const uint8_t *rgba, uint8_t *dst, int64_t n);

// imagefile_weave: n samples of each of four planes -> n pixels of four bytes, each 255
// minus a sample.
void imagefile_weave_default(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d,
    uint8_t *dst, int64_t n);
void imagefile_weave_avx2(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d,
    uint8_t *dst, int64_t n);

// imagefile_inks: n pixels C, M, Y, K -> R, G, B, 255 in their place, as Pillow's
// cmyk2rgb does.
void imagefile_inks_default(uint8_t *pixels, int64_t n);
void imagefile_inks_avx2(uint8_t *pixels, int64_t n);

#endif
