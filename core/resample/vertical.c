#include "kernel.h"

#include <string.h>

// A block of columns at a time, so that the inner loops are over bytes that lie side by
// side.
enum { BLOCK = 64 };

static void vertical_default(uint8_t *dst, ptrdiff_t bytes, const uint8_t *src, ptrdiff_t stride,
    ptrdiff_t count, const int16_t *coef, ptrdiff_t taps, int split, int precision) {
	for (ptrdiff_t x = 0; x < bytes; x += BLOCK) {
		ptrdiff_t n = bytes - x < BLOCK ? bytes - x : BLOCK;
		int32_t sum[BLOCK];
		for (ptrdiff_t i = 0; i < n; i++) {
			sum[i] = 1 << (precision - 1);
		}
		for (ptrdiff_t k = 0; k < count; k++) {
			const uint8_t *s = src + k * stride + x;
			int32_t c = split ? coef[k] + coef[taps + k] * (1 << SPLIT_BITS) : coef[k];
			for (ptrdiff_t i = 0; i < n; i++) {
				sum[i] += c * s[i];
			}
		}
		for (ptrdiff_t i = 0; i < n; i++) {
			int32_t v = sum[i] >> precision;
			dst[x + i] = v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
		}
	}
}

#if defined(__x86_64__)
#include "avx2.h"

// 32 columns: two rows at a time, byte by byte side by side, widened, both weights
// applied by one multiply-add. Sums are of columns 0-3 and 16-19, 4-7 and 20-23, and so
// on, as unpacking has it; packing undoes that.
INLINE __m256i columns(const uint8_t *src, ptrdiff_t stride, ptrdiff_t count, const int16_t *coef,
    ptrdiff_t taps, int split, __m256i half, __m128i shift) {
	const __m256i zero = _mm256_setzero_si256();
	__m256i low[4] = {half, half, half, half}, high[4] = {zero, zero, zero, zero};
	for (ptrdiff_t k = 0; k < count; k += 2) {
		// The weight behind an odd last row is 0: any row will do.
		ptrdiff_t next = k + 1 < count ? stride : 0;
		__m256i a = _mm256_loadu_si256((const __m256i *)(src + k * stride));
		__m256i b = _mm256_loadu_si256((const __m256i *)(src + k * stride + next));
		__m256i front = _mm256_unpacklo_epi8(a, b), back = _mm256_unpackhi_epi8(a, b);
		__m256i wide[4] = {_mm256_unpacklo_epi8(front, zero), _mm256_unpackhi_epi8(front, zero),
		    _mm256_unpacklo_epi8(back, zero), _mm256_unpackhi_epi8(back, zero)};
		for (int i = 0; i < 4; i++) {
			low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(wide[i], pair(coef + k)));
			if (split) {
				high[i] =
				    _mm256_add_epi32(high[i], _mm256_madd_epi16(wide[i], pair(coef + taps + k)));
			}
		}
	}
	for (int i = 0; i < 4; i++) {
		if (split) {
			low[i] = _mm256_add_epi32(low[i], _mm256_slli_epi32(high[i], SPLIT_BITS));
		}
		low[i] = _mm256_sra_epi32(low[i], shift);
	}
	return _mm256_packus_epi16(
	    _mm256_packs_epi32(low[0], low[1]), _mm256_packs_epi32(low[2], low[3]));
}

INLINE void row(uint8_t *dst, ptrdiff_t bytes, const uint8_t *src, ptrdiff_t stride,
    ptrdiff_t count, const int16_t *coef, ptrdiff_t taps, int split, int precision) {
	const __m256i half = _mm256_set1_epi32(1 << (precision - 1));
	const __m128i shift = _mm_cvtsi32_si128(precision);
	ptrdiff_t x = 0;
	for (; x + 32 <= bytes; x += 32) {
		_mm256_storeu_si256(
		    (__m256i *)(dst + x), columns(src + x, stride, count, coef, taps, split, half, shift));
	}
	if (x < bytes) {
		uint8_t rest[32];
		_mm256_storeu_si256(
		    (__m256i *)rest, columns(src + x, stride, count, coef, taps, split, half, shift));
		memcpy(dst + x, rest, bytes - x);
	}
}

static AVX2 void vertical_avx2(uint8_t *dst, ptrdiff_t bytes, const uint8_t *src, ptrdiff_t stride,
    ptrdiff_t count, const int16_t *coef, ptrdiff_t taps, int split, int precision) {
	if (split) {
		row(dst, bytes, src, stride, count, coef, taps, 1, precision);
	} else {
		row(dst, bytes, src, stride, count, coef, taps, 0, precision);
	}
}
#endif

void resample_vertical(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
    ptrdiff_t rows, ptrdiff_t bytes, const int32_t *start, const int32_t *count,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int avx2) {
	for (ptrdiff_t y = 0; y < rows; y++) {
		uint8_t *d = dst + y * dst_stride;
		const uint8_t *s = src + start[y] * src_stride;
		const int16_t *c = coef + y * (taps << split);
#if defined(__x86_64__)
		if (avx2) {
			vertical_avx2(d, bytes, s, src_stride, count[y], c, taps, split, precision);
			continue;
		}
#endif
		vertical_default(d, bytes, s, src_stride, count[y], c, taps, split, precision);
	}
}
