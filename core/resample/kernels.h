// C kernels of package resample: pixels -> pixels of another size. kernel.go has
// checked every size and owns every buffer. All tables give the same bytes.

#ifndef MIXFOLDER_RESAMPLE_KERNELS_H
#define MIXFOLDER_RESAMPLE_KERNELS_H

#include <stdint.h>

// resample_shape is the geometry of one call.
typedef struct {
	int64_t dst_stride, src_stride; // bytes from one row to the next
	int64_t rows, width;            // of the target
	int32_t src_pixel, channels;    // bytes per pixel of the source and of the target
} resample_shape;

// resample_weights is the layout of an axis' coefficients: `taps` of 16 bits per target
// pixel, worth 1 / (1 << precision) each. With two_part, taps more follow, each worth 1
// << HIGH_SHIFT times as much: weights of 1 and more have too few fractional bits in
// 16.
typedef struct {
	int64_t taps;
	int32_t two_part, precision;
} resample_weights;

enum { HIGH_SHIFT = 11 };

// The fill of the affine kernel outside of the source: a constant, a constant from the
// centers of the outermost pixels on, or scipy.ndimage's modes nearest, reflect and
// wrap.
enum { FILL_CONSTANT, FILL_CONSTANT_CENTERS, FILL_NEAREST, FILL_REFLECT, FILL_WRAP };

// resample_affine_map is a map from the target to the source, and how it samples.
typedef struct {
	// Positions have 32 fractional bits; 0 is the center of the first pixel. Target
	// pixel (x, y) lies at (m[2] + x m[0] + y m[1], m[5] + x m[3] + y m[4]).
	int64_t m[6];
	int64_t src_width, src_height;
	int32_t bilinear; // 0: the nearest pixel
	int32_t fill;
	uint8_t value[4]; // the target pixel where the fill mode is constant
} resample_affine_map;

typedef void resample_filter_rows(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s);

typedef struct {
	// Filters rows of 4-byte pixels along x. Target pixel x of a row is the sum of
	// weight k of x times source pixel start[x]+k, k below taps, rounded and shifted
	// right by precision; its first `channels` (3 or 4) bytes are stored. taps is even.
	// May read 12 bytes behind the last tap, may write 16 bytes behind the end of a
	// target row; start and coef hold a multiple of 4 entries.
	resample_filter_rows *horizontal4;

	// The same for 1-byte pixels; taps is a multiple of 8, 8 bytes may be read behind
	// the last tap, 3 written behind a row.
	resample_filter_rows *horizontal1;

	// Filters along y: byte i of target row y is the sum of weight k of y times byte i
	// of source row start[y]+k, k below count[y]. Source rows are readable up to the
	// next multiple of 32 bytes. The shape counts bytes as pixels.
	void (*vertical)(uint8_t *dst, const uint8_t *src, const int32_t *start, const int32_t *count,
	    const int16_t *coef, const resample_weights *w, const resample_shape *s);

	// Filters along x as the functions above, but into floats that are neither rounded
	// nor shifted nor clipped, without gaps between the rows. Nothing is read behind
	// the last tap, one float may be written behind the last row.
	void (*float_rows)(float *dst, const uint8_t *src, const int32_t *start, const int16_t *coef,
	    const resample_weights *w, const resample_shape *s);

	// Filters these along y. Sums are multiplied by unit, rounded and clipped. The
	// shape counts values as pixels.
	void (*float_columns)(uint8_t *dst, const float *src, const int32_t *start,
	    const int32_t *count, const int16_t *coef, float unit, const resample_weights *w,
	    const resample_shape *s);

	// Copies pixels: target pixel (x, y) is source pixel (column[x], row[y]); where
	// column is NULL (x, row[y]), where row is NULL (column[x], y). A source pixel of 1
	// byte makes 1 channel, one of 4 bytes 3 or 4.
	void (*nearest)(uint8_t *dst, const uint8_t *src, const int32_t *row, const int32_t *column,
	    const resample_shape *s);

	// Multiplies R, G, B of RGBA pixels by A/255, rounded.
	void (*premultiply)(uint8_t *dst, const uint8_t *src, int64_t pixels);

	// Divides R, G, B of RGBA pixels by A/255, rounded down and clipped; they are
	// unchanged if A is 0.
	void (*unpremultiply)(uint8_t *pix, int64_t pixels);

	// Copies each row, left to right. Strides may be negative. dst and src must not
	// overlap.
	void (*flip)(uint8_t *dst, const uint8_t *src, const resample_shape *s);

	// Samples the source between 4 pixels or at the nearest. A source pixel of 1 byte
	// makes 1 channel, one of 3 bytes 3, one of 4 bytes 3 or 4. Extents are below 2^24,
	// all positions below 2^28 pixels. 2 bytes may be read behind the source's last
	// pixel.
	void (*affine)(
	    uint8_t *dst, const uint8_t *src, const resample_affine_map *map, const resample_shape *s);
} resample_kernels;

extern const resample_kernels resample_generic, resample_avx2;

// The table in use. Go sets it before the first call.
extern const resample_kernels *resample_used;

static inline void resample_horizontal4(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	resample_used->horizontal4(dst, src, start, coef, w, s);
}

static inline void resample_horizontal1(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	resample_used->horizontal1(dst, src, start, coef, w, s);
}

static inline void resample_vertical(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int32_t *count, const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	resample_used->vertical(dst, src, start, count, coef, w, s);
}

static inline void resample_float_rows(float *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	resample_used->float_rows(dst, src, start, coef, w, s);
}

static inline void resample_float_columns(uint8_t *dst, const float *src, const int32_t *start,
    const int32_t *count, const int16_t *coef, float unit, const resample_weights *w,
    const resample_shape *s) {
	resample_used->float_columns(dst, src, start, count, coef, unit, w, s);
}

static inline void resample_nearest(uint8_t *dst, const uint8_t *src, const int32_t *row,
    const int32_t *column, const resample_shape *s) {
	resample_used->nearest(dst, src, row, column, s);
}

static inline void resample_premultiply(uint8_t *dst, const uint8_t *src, int64_t pixels) {
	resample_used->premultiply(dst, src, pixels);
}

static inline void resample_unpremultiply(uint8_t *pix, int64_t pixels) {
	resample_used->unpremultiply(pix, pixels);
}

static inline void resample_flip(uint8_t *dst, const uint8_t *src, const resample_shape *s) {
	resample_used->flip(dst, src, s);
}

static inline void resample_affine(
    uint8_t *dst, const uint8_t *src, const resample_affine_map *map, const resample_shape *s) {
	resample_used->affine(dst, src, map, s);
}

#endif
