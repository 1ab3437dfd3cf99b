// C kernels of package imagefile: planes of luma and chroma -> pixels. ycbcr.go has
// checked every size and owns every buffer. All tables give the same bytes.

#ifndef MIXFOLDER_IMAGEFILE_KERNELS_H
#define MIXFOLDER_IMAGEFILE_KERNELS_H

#include <stdint.h>

// imagefile_shape is the geometry of one call. Strides are in bytes. The sizes of
// chroma count real samples, not padding.
typedef struct {
	int64_t y_stride, c_stride, c_width, c_height;
	int64_t h, v;           // luma samples per chroma sample, horizontally and vertically
	int64_t x0, y0, x1, y1; // the region, in luma samples
	int64_t dst_stride;
	int64_t gray; // per pixel: 0: R, G, B, 255; 1: one byte of luminance
} imagefile_shape;

// A region of n columns needs IMAGEFILE_SCRATCH * (n + IMAGEFILE_SCRATCH_EXTRA) bytes
// of scratch, aligned to 2.
#define IMAGEFILE_SCRATCH 3
#define IMAGEFILE_SCRATCH_EXTRA 16

typedef void imagefile_planes_kernel(const uint8_t *y, const uint8_t *cb, const uint8_t *cr,
    uint8_t *scratch, uint8_t *dst, const imagefile_shape *s);

typedef struct {
	// libjpeg's "fancy" upsampling and its conversion of JFIF's full-range YCbCr.
	imagefile_planes_kernel *jpeg;

	// libwebp's "fancy" upsampling and its conversion of limited-range YCbCr. h and v
	// must be 2.
	imagefile_planes_kernel *vp8;

	// n pixels R, G, B, A -> one byte of luminance each.
	void (*luma)(const uint8_t *rgba, uint8_t *dst, int64_t n);

	// n samples of each of four planes -> n pixels of four bytes, each 255 minus a
	// sample.
	void (*interleave4)(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d,
	    uint8_t *dst, int64_t n);

	// n pixels C, M, Y, K -> R, G, B, 255 in place, as Pillow's cmyk2rgb does.
	void (*cmyk)(uint8_t *pixels, int64_t n);
} imagefile_kernels;

extern const imagefile_kernels imagefile_generic, imagefile_avx2;

// The table in use. Go sets it before the first call.
extern const imagefile_kernels *imagefile_used;

static inline void imagefile_jpeg(const uint8_t *y, const uint8_t *cb, const uint8_t *cr,
    uint8_t *scratch, uint8_t *dst, const imagefile_shape *s) {
	imagefile_used->jpeg(y, cb, cr, scratch, dst, s);
}

static inline void imagefile_vp8(const uint8_t *y, const uint8_t *cb, const uint8_t *cr,
    uint8_t *scratch, uint8_t *dst, const imagefile_shape *s) {
	imagefile_used->vp8(y, cb, cr, scratch, dst, s);
}

static inline void imagefile_luma(const uint8_t *rgba, uint8_t *dst, int64_t n) {
	imagefile_used->luma(rgba, dst, n);
}

static inline void imagefile_interleave4(const uint8_t *a, const uint8_t *b, const uint8_t *c,
    const uint8_t *d, uint8_t *dst, int64_t n) {
	imagefile_used->interleave4(a, b, c, d, dst, n);
}

static inline void imagefile_cmyk(uint8_t *pixels, int64_t n) { imagefile_used->cmyk(pixels, n); }

#endif
