#include "kernel.h"

// No fused multiply-add: Clang heeds the pragma, GCC the -std=c11 of the cgo line.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

INLINE float weight(const int16_t *c, ptrdiff_t taps, int split) {
	return (float)(split ? c[0] + c[taps] * (1 << SPLIT_BITS) : c[0]);
}

INLINE void rows_of(float *dst, const uint8_t *src, ptrdiff_t src_stride, ptrdiff_t rows,
    ptrdiff_t width, const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split,
    int channels, int pixel) {
	for (ptrdiff_t y = 0; y < rows; y++) {
		for (ptrdiff_t x = 0; x < width; x++) {
			const uint8_t *s = src + y * src_stride + pixel * (ptrdiff_t)start[x];
			const int16_t *c = coef + x * (taps << split);
			float sum[4] = {0};
			for (ptrdiff_t k = 0; k < taps; k++) {
				float w = weight(c + k, taps, split);
				for (int i = 0; i < pixel; i++) {
					sum[i] += w * (float)s[k * pixel + i];
				}
			}
			for (int i = 0; i < channels; i++) {
				*dst++ = sum[i];
			}
		}
	}
}

// A block of columns at a time, so that the inner loops are over values that lie side
// by side.
enum { BLOCK = 64 };

INLINE void columns_of(uint8_t *dst, ptrdiff_t dst_stride, const float *src, ptrdiff_t rows,
    ptrdiff_t values, const int32_t *start, const int32_t *count, const int16_t *coef,
    ptrdiff_t taps, int split, float unit) {
	for (ptrdiff_t y = 0; y < rows; y++) {
		for (ptrdiff_t x = 0; x < values; x += BLOCK) {
			ptrdiff_t n = values - x < BLOCK ? values - x : BLOCK;
			float sum[BLOCK] = {0};
			for (ptrdiff_t k = 0; k < count[y]; k++) {
				const float *s = src + (start[y] + k) * values + x;
				float w = weight(coef + y * (taps << split) + k, taps, split);
				for (ptrdiff_t i = 0; i < n; i++) {
					sum[i] += w * s[i];
				}
			}
			for (ptrdiff_t i = 0; i < n; i++) {
				float v = sum[i] * unit + 0.5f;
				v = v < 0.0f ? 0.0f : v;
				dst[y * dst_stride + x + i] = (uint8_t)(int32_t)(v > 255.0f ? 255.0f : v);
			}
		}
	}
}

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))

// 4-byte pixels; 4 floats are stored for each, of which the next overwrites what isn't
// wanted.
AVX2 static void rows_avx2(float *dst, const uint8_t *src, ptrdiff_t src_stride, ptrdiff_t rows,
    ptrdiff_t width, const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split,
    int channels) {
	for (ptrdiff_t y = 0; y < rows; y++) {
		for (ptrdiff_t x = 0; x < width; x++, dst += channels) {
			const uint8_t *s = src + y * src_stride + 4 * (ptrdiff_t)start[x];
			const int16_t *c = coef + x * (taps << split);
			__m128 sum = _mm_setzero_ps();
			for (ptrdiff_t k = 0; k < taps; k++) {
				int32_t p;
				memcpy(&p, s + 4 * k, 4);
				__m128 v = _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(p)));
				sum = _mm_add_ps(sum, _mm_mul_ps(_mm_set1_ps(weight(c + k, taps, split)), v));
			}
			_mm_storeu_ps(dst, sum);
		}
	}
}

AVX2 static void columns_avx2(uint8_t *dst, ptrdiff_t dst_stride, const float *src, ptrdiff_t rows,
    ptrdiff_t values, const int32_t *start, const int32_t *count, const int16_t *coef,
    ptrdiff_t taps, int split, float unit) {
	columns_of(dst, dst_stride, src, rows, values, start, count, coef, taps, split, unit);
}
#endif

void resample_wide_rows(float *dst, const uint8_t *src, ptrdiff_t src_stride, ptrdiff_t rows,
    ptrdiff_t width, const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split,
    int channels, int pixel, int avx2) {
#if defined(__x86_64__)
	if (avx2 && pixel == 4) {
		rows_avx2(dst, src, src_stride, rows, width, start, coef, taps, split, channels);
		return;
	}
#endif
	rows_of(dst, src, src_stride, rows, width, start, coef, taps, split, channels, pixel);
}

void resample_wide_columns(uint8_t *dst, ptrdiff_t dst_stride, const float *src, ptrdiff_t rows,
    ptrdiff_t values, const int32_t *start, const int32_t *count, const int16_t *coef,
    ptrdiff_t taps, int split, float unit, int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		columns_avx2(dst, dst_stride, src, rows, values, start, count, coef, taps, split, unit);
		return;
	}
#endif
	columns_of(dst, dst_stride, src, rows, values, start, count, coef, taps, split, unit);
}
