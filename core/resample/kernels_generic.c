#define TARGET
#include "affine_body.h"
#include "alpha_body.h"
#include "copy_body.h"
#include "float32_body.h"

static inline uint8_t clip(int32_t sum, int precision) {
	int32_t v = sum >> precision;
	return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

static inline int32_t weight(const int16_t *c, int64_t taps, int two_part) {
	return two_part ? c[0] + c[taps] * (1 << HIGH_SHIFT) : c[0];
}

static void horizontal4(uint8_t *dst, const uint8_t *src, const int32_t *start, const int16_t *coef,
    const resample_weights *w, const resample_shape *s) {
	const int64_t rows = s->rows, width = s->width, dst_stride = s->dst_stride,
	              src_stride = s->src_stride, taps = w->taps;
	const int two_part = w->two_part, precision = w->precision, channels = s->channels;
	for (int64_t y = 0; y < rows; y++) {
		uint8_t *d = dst + y * dst_stride;
		for (int64_t x = 0; x < width; x++) {
			const uint8_t *p = src + y * src_stride + 4 * (int64_t)start[x];
			const int16_t *c = coef + x * (taps << two_part);
			int32_t half = 1 << (precision - 1), sum[4] = {half, half, half, half};
			for (int64_t k = 0; k < taps; k++) {
				for (int i = 0; i < 4; i++) {
					sum[i] += weight(c + k, taps, two_part) * p[4 * k + i];
				}
			}
			for (int i = 0; i < channels; i++) {
				*d++ = clip(sum[i], precision);
			}
		}
	}
}

static void horizontal1(uint8_t *dst, const uint8_t *src, const int32_t *start, const int16_t *coef,
    const resample_weights *w, const resample_shape *s) {
	const int64_t rows = s->rows, width = s->width, dst_stride = s->dst_stride,
	              src_stride = s->src_stride, taps = w->taps;
	const int two_part = w->two_part, precision = w->precision;
	for (int64_t y = 0; y < rows; y++) {
		for (int64_t x = 0; x < width; x++) {
			const uint8_t *p = src + y * src_stride + start[x];
			const int16_t *c = coef + x * (taps << two_part);
			int32_t sum = 1 << (precision - 1);
			for (int64_t k = 0; k < taps; k++) {
				sum += weight(c + k, taps, two_part) * p[k];
			}
			dst[y * dst_stride + x] = clip(sum, precision);
		}
	}
}

// A block of columns at a time, so that the inner loops are over adjacent bytes.
static void vertical_row(uint8_t *dst, int64_t bytes, const uint8_t *src, int64_t stride,
    int64_t count, const int16_t *coef, int64_t taps, int two_part, int precision) {
	for (int64_t x = 0; x < bytes; x += BLOCK) {
		int64_t n = bytes - x < BLOCK ? bytes - x : BLOCK;
		int32_t sum[BLOCK];
		for (int64_t i = 0; i < n; i++) {
			sum[i] = 1 << (precision - 1);
		}
		for (int64_t k = 0; k < count; k++) {
			const uint8_t *s = src + k * stride + x;
			int32_t c = weight(coef + k, taps, two_part);
			for (int64_t i = 0; i < n; i++) {
				sum[i] += c * s[i];
			}
		}
		for (int64_t i = 0; i < n; i++) {
			dst[x + i] = clip(sum[i], precision);
		}
	}
}

static void vertical(uint8_t *dst, const uint8_t *src, const int32_t *start, const int32_t *count,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	const int64_t taps = w->taps;
	for (int64_t y = 0; y < s->rows; y++) {
		vertical_row(dst + y * s->dst_stride, s->width, src + start[y] * s->src_stride,
		    s->src_stride, count[y], coef + y * (taps << w->two_part), taps, w->two_part,
		    w->precision);
	}
}

static void float_rows(float *dst, const uint8_t *src, const int32_t *start, const int16_t *coef,
    const resample_weights *w, const resample_shape *s) {
	float_rows_of(dst, src, start, coef, w, s, s->src_pixel);
}

static void nearest(uint8_t *dst, const uint8_t *src, const int32_t *row, const int32_t *column,
    const resample_shape *s) {
	nearest_rows(dst, src, row, column, s, drop_alpha);
}

static void flip(uint8_t *dst, const uint8_t *src, const resample_shape *s) {
	flip_rows(dst, src, s, flip_row3);
}

static void affine(
    uint8_t *dst, const uint8_t *src, const resample_affine_map *map, const resample_shape *s) {
	affine_pixels(dst, src, map, s, bilinear_span, bilinear_span);
}

const resample_kernels resample_generic = {
    .horizontal4 = horizontal4,
    .horizontal1 = horizontal1,
    .vertical = vertical,
    .float_rows = float_rows,
    .float_columns = float_columns,
    .nearest = nearest,
    .premultiply = premultiply,
    .unpremultiply = unpremultiply,
    .flip = flip,
    .affine = affine,
};

const resample_kernels *resample_used = &resample_generic;
