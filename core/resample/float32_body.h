// Filtering through floats, for the target that the including file defines.

#ifndef MIXFOLDER_RESAMPLE_FLOAT32_BODY_H
#define MIXFOLDER_RESAMPLE_FLOAT32_BODY_H

#include "../simd/kernel.h"
#include "kernels.h"

// The number of columns that the filters along y process at a time.
enum { BLOCK = 64 };

INLINE float weight_of(const int16_t *c, int64_t taps, int two_part) {
	return (float)(two_part ? c[0] + c[taps] * (1 << HIGH_SHIFT) : c[0]);
}

INLINE void float_rows_of(float *dst, const uint8_t *src, const int32_t *start, const int16_t *coef,
    const resample_weights *w, const resample_shape *s, int pixel) {
	const int64_t rows = s->rows, width = s->width, src_stride = s->src_stride, taps = w->taps;
	const int two_part = w->two_part, channels = s->channels;
	for (int64_t y = 0; y < rows; y++) {
		for (int64_t x = 0; x < width; x++) {
			const uint8_t *p = src + y * src_stride + pixel * (int64_t)start[x];
			const int16_t *c = coef + x * (taps << two_part);
			float sum[4] = {0};
			for (int64_t k = 0; k < taps; k++) {
				float v = weight_of(c + k, taps, two_part);
				for (int i = 0; i < pixel; i++) {
					sum[i] += v * (float)p[k * pixel + i];
				}
			}
			for (int i = 0; i < channels; i++) {
				*dst++ = sum[i];
			}
		}
	}
}

// A block of columns at a time, so that the inner loops are over adjacent values.
TARGET static void float_columns(uint8_t *dst, const float *src, const int32_t *start,
    const int32_t *count, const int16_t *coef, float unit, const resample_weights *w,
    const resample_shape *s) {
	const int64_t values = s->width, rows = s->rows, dst_stride = s->dst_stride, taps = w->taps;
	const int two_part = w->two_part;
	for (int64_t y = 0; y < rows; y++) {
		for (int64_t x = 0; x < values; x += BLOCK) {
			int64_t n = values - x < BLOCK ? values - x : BLOCK;
			float sum[BLOCK] = {0};
			for (int64_t k = 0; k < count[y]; k++) {
				const float *p = src + (start[y] + k) * values + x;
				float by = weight_of(coef + y * (taps << two_part) + k, taps, two_part);
				for (int64_t i = 0; i < n; i++) {
					sum[i] += by * p[i];
				}
			}
			for (int64_t i = 0; i < n; i++) {
				float v = sum[i] * unit + 0.5f;
				v = v < 0.0f ? 0.0f : v;
				dst[y * dst_stride + x + i] = (uint8_t)(int32_t)(v > 255.0f ? 255.0f : v);
			}
		}
	}
}

#endif
