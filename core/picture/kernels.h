// C kernels of package picture: planes of luma and chroma -> pixels. Fixed-size arithmetic only; ycbcr.go has checked every
// size and owns every buffer. Each kernel exists for the default target and for AVX2, with the same bytes.

#ifndef MIXFOLDER_PICTURE_KERNELS_H
#define MIXFOLDER_PICTURE_KERNELS_H

#include <stdint.h>

// picture_shape is the geometry of one call. Strides are in bytes. The sizes of chroma count real samples, not padding.
typedef struct {
	int64_t y_stride, c_stride, c_width, c_height;
	int64_t h, v;           // luma samples a chroma sample, horizontally and vertically
	int64_t x0, y0, x1, y1; // the region, in luma samples
	int64_t dst_stride;
	int64_t gray;           // 0: R, G, B, 255 a pixel; 1: one byte of luminance a pixel
} picture_shape;

// A region of n columns needs PICTURE_SCRATCH * (n + PICTURE_SCRATCH_EXTRA) bytes of scratch, aligned to 2.
#define PICTURE_SCRATCH 3
#define PICTURE_SCRATCH_EXTRA 16

#define PICTURE_KERNEL(name) \
	void name(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *scratch, uint8_t *dst, const picture_shape *s)

// picture_jpeg: libjpeg's "fancy" upsampling and its conversion of JFIF's full-range YCbCr.
PICTURE_KERNEL(picture_jpeg_default);
PICTURE_KERNEL(picture_jpeg_avx2);

// picture_vp8: libwebp's "fancy" upsampling and its conversion of limited-range YCbCr. h and v must be 2.
PICTURE_KERNEL(picture_vp8_default);
PICTURE_KERNEL(picture_vp8_avx2);

// picture_luma: n pixels R, G, B, A -> one byte of luminance each.
void picture_luma_default(const uint8_t *rgba, uint8_t *dst, int64_t n);
void picture_luma_avx2(const uint8_t *rgba, uint8_t *dst, int64_t n);

// picture_weave: n samples of each of four planes -> n pixels of four bytes, each 255 minus a sample.
void picture_weave_default(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, uint8_t *dst, int64_t n);
void picture_weave_avx2(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, uint8_t *dst, int64_t n);

// picture_inks: n pixels C, M, Y, K -> R, G, B, 255 in their place, as Pillow's cmyk2rgb does.
void picture_inks_default(uint8_t *pixels, int64_t n);
void picture_inks_avx2(uint8_t *pixels, int64_t n);

#endif
