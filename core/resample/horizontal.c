#include "kernel.h"

#include <string.h>

static inline uint8_t clip(int32_t sum, int precision) {
	int32_t v = sum >> precision;
	return v < 0 ? 0 : v > 255 ? 255 : (uint8_t)v;
}

static inline int32_t weight(const int16_t *c, ptrdiff_t taps, int split) {
	return split ? c[0] + c[taps] * (1 << SPLIT_BITS) : c[0];
}

static void horizontal4_default(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int channels) {
	for (ptrdiff_t y = 0; y < rows; y++) {
		uint8_t *d = dst + y * dst_stride;
		for (ptrdiff_t x = 0; x < width; x++) {
			const uint8_t *s = src + y * src_stride + 4 * (ptrdiff_t)start[x];
			const int16_t *c = coef + x * (taps << split);
			int32_t half = 1 << (precision - 1), sum[4] = {half, half, half, half};
			for (ptrdiff_t k = 0; k < taps; k++) {
				for (int i = 0; i < 4; i++) {
					sum[i] += weight(c + k, taps, split) * s[4 * k + i];
				}
			}
			for (int i = 0; i < channels; i++) {
				*d++ = clip(sum[i], precision);
			}
		}
	}
}

static void horizontal1_default(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision) {
	for (ptrdiff_t y = 0; y < rows; y++) {
		for (ptrdiff_t x = 0; x < width; x++) {
			const uint8_t *s = src + y * src_stride + start[x];
			const int16_t *c = coef + x * (taps << split);
			int32_t sum = 1 << (precision - 1);
			for (ptrdiff_t k = 0; k < taps; k++) {
				sum += weight(c + k, taps, split) * s[k];
			}
			dst[y * dst_stride + x] = clip(sum, precision);
		}
	}
}

#if defined(__x86_64__)
#include "avx2.h"

// 16 bytes of row a in the low lane, of row b in the high one.
INLINE __m256i lanes(const uint8_t *a, const uint8_t *b) {
	__m256i low = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a));
	return _mm256_inserti128_si256(low, _mm_loadu_si128((const __m128i *)b), 1);
}

// What a loop over taps sums up in 32 bits each. high counts 1 << SPLIT_BITS times.
struct sum {
	__m256i low, high;
};

INLINE void add(struct sum *sum, __m256i pixels, const int16_t *c, ptrdiff_t taps, int split) {
	sum->low = _mm256_add_epi32(sum->low, _mm256_madd_epi16(pixels, pair(c)));
	if (split) {
		sum->high = _mm256_add_epi32(sum->high, _mm256_madd_epi16(pixels, pair(c + taps)));
	}
}

INLINE __m256i total(struct sum sum, int split) {
	return split ? _mm256_add_epi32(sum.low, _mm256_slli_epi32(sum.high, SPLIT_BITS)) : sum.low;
}

// One target pixel of 4 rows: R, G, B, A in 32 bits each, rows 0 and 1 in the lanes of
// sum[0], 2 and 3 in those of sum[1]. A step takes 4 taps: one load a row, and for each
// half a shuffle that brings the channels of two neighbors side by side and widens them
// (r0r1 g0g1 b0b1 a0a1), so that one multiply-add does both.
INLINE void pixel4(struct sum sum[2], const uint8_t *const s[4], ptrdiff_t at, const int16_t *c,
    ptrdiff_t taps, int split) {
	const __m256i near = _mm256_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1, 0,
	    -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
	const __m256i far = _mm256_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15,
	    -1, 8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1);
	for (ptrdiff_t k = 0; k < taps; k += 4, at += 16) {
		__m256i p = lanes(s[0] + at, s[1] + at), q = lanes(s[2] + at, s[3] + at);
		add(&sum[0], _mm256_shuffle_epi8(p, near), c + k, taps, split);
		add(&sum[1], _mm256_shuffle_epi8(q, near), c + k, taps, split);
		if (k + 2 == taps) {
			break;
		}
		add(&sum[0], _mm256_shuffle_epi8(p, far), c + k + 2, taps, split);
		add(&sum[1], _mm256_shuffle_epi8(q, far), c + k + 2, taps, split);
	}
}

// Clips 4 pixels of two rows to bytes and stores 16 bytes in each row.
INLINE void store4(uint8_t *upper, uint8_t *lower, const __m256i p[4], int channels) {
	const __m256i drop = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1, 0,
	    1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
	__m256i v = _mm256_packus_epi16(_mm256_packs_epi32(p[0], p[1]), _mm256_packs_epi32(p[2], p[3]));
	if (channels == 3) {
		v = _mm256_shuffle_epi8(v, drop);
	}
	_mm_storeu_si128((__m128i *)upper, _mm256_castsi256_si128(v));
	_mm_storeu_si128((__m128i *)lower, _mm256_extracti128_si256(v, 1));
}

// 4 rows, 4 target pixels a step. With taps, split and channels known to the compiler
// everything unrolls.
INLINE void rows4(uint8_t *const d[4], const uint8_t *const s[4], ptrdiff_t width,
    const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split, int precision,
    int channels) {
	const __m256i half = _mm256_set1_epi32(1 << (precision - 1)), zero = _mm256_setzero_si256();
	const __m128i shift = _mm_cvtsi32_si128(precision);
	for (ptrdiff_t x = 0; x < width; x += 4) {
		__m256i front[4], back[4];
		for (int i = 0; i < 4; i++) {
			struct sum sum[2] = {{half, zero}, {half, zero}};
			pixel4(
			    sum, s, 4 * (ptrdiff_t)start[x + i], coef + (x + i) * (taps << split), taps, split);
			front[i] = _mm256_sra_epi32(total(sum[0], split), shift);
			back[i] = _mm256_sra_epi32(total(sum[1], split), shift);
		}
		store4(d[0] + x * channels, d[1] + x * channels, front, channels);
		store4(d[2] + x * channels, d[3] + x * channels, back, channels);
	}
}

// Enlarging takes 2 taps with the bilinear filter, 4 with the bicubic one, and is split
// as a rule. Shrinking by up to 2.5 takes 4 or 6 taps with the bilinear filter and 6 to
// 12 with the bicubic one.
INLINE void taps4(uint8_t *const d[4], const uint8_t *const s[4], ptrdiff_t width,
    const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split, int precision,
    int channels) {
	switch (split ? -taps : taps) {
	case -2: rows4(d, s, width, start, coef, 2, 1, precision, channels); break;
	case -4: rows4(d, s, width, start, coef, 4, 1, precision, channels); break;
	case 4: rows4(d, s, width, start, coef, 4, 0, precision, channels); break;
	case 6: rows4(d, s, width, start, coef, 6, 0, precision, channels); break;
	case 8: rows4(d, s, width, start, coef, 8, 0, precision, channels); break;
	default:
		if (split) {
			rows4(d, s, width, start, coef, taps, 1, precision, channels);
		} else {
			rows4(d, s, width, start, coef, taps, 0, precision, channels);
		}
	}
}

// Where fewer than 4 rows are left the last is done again, to the same place.
AVX2 static void horizontal4_avx2(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int channels) {
	for (ptrdiff_t y = 0; y < rows; y += 4) {
		ptrdiff_t left = rows - 1 - y, b = left < 1 ? left : 1, c = left < 2 ? left : 2,
		          d = left < 3 ? left : 3;
		uint8_t *to = dst + y * dst_stride;
		const uint8_t *from = src + y * src_stride;
		uint8_t *const t[4] = {to, to + b * dst_stride, to + c * dst_stride, to + d * dst_stride};
		const uint8_t *const s[4] = {
		    from, from + b * src_stride, from + c * src_stride, from + d * src_stride};
		if (channels == 3) {
			taps4(t, s, width, start, coef, taps, split, precision, 3);
		} else {
			taps4(t, s, width, start, coef, taps, split, precision, 4);
		}
	}
}

// 8 coefficients in each lane.
INLINE __m256i eight(const int16_t *c) {
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)c));
}

// One target pixel of two rows of bytes, a row a lane, in 4 partial sums of 32 bits each.
INLINE __m256i pixel1(
    const uint8_t *a, const uint8_t *b, const int16_t *c, ptrdiff_t taps, int split) {
	struct sum sum = {_mm256_setzero_si256(), _mm256_setzero_si256()};
	for (ptrdiff_t k = 0; k < taps; k += 8) {
		__m256i wide = _mm256_unpacklo_epi8(lanes(a + k, b + k), _mm256_setzero_si256());
		sum.low = _mm256_add_epi32(sum.low, _mm256_madd_epi16(wide, eight(c + k)));
		if (split) {
			sum.high = _mm256_add_epi32(sum.high, _mm256_madd_epi16(wide, eight(c + taps + k)));
		}
	}
	return total(sum, split);
}

INLINE void rows1(uint8_t *const d[2], const uint8_t *const s[2], ptrdiff_t width,
    const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split, int precision) {
	const __m256i half = _mm256_set1_epi32(1 << (precision - 1));
	const __m128i shift = _mm_cvtsi32_si128(precision);
	for (ptrdiff_t x = 0; x < width; x += 4) {
		__m256i part[4];
		for (int i = 0; i < 4; i++) {
			part[i] = pixel1(s[0] + start[x + i], s[1] + start[x + i],
			    coef + (x + i) * (taps << split), taps, split);
		}
		__m256i sum = _mm256_hadd_epi32(
		    _mm256_hadd_epi32(part[0], part[1]), _mm256_hadd_epi32(part[2], part[3]));
		sum = _mm256_sra_epi32(_mm256_add_epi32(sum, half), shift);
		__m256i v = _mm256_packus_epi16(_mm256_packs_epi32(sum, sum), sum);
		int32_t upper = _mm256_extract_epi32(v, 0), lower = _mm256_extract_epi32(v, 4);
		memcpy(d[0] + x, &upper, 4);
		memcpy(d[1] + x, &lower, 4);
	}
}

// An odd last row is done twice, to the same place.
AVX2 static void horizontal1_avx2(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision) {
	for (ptrdiff_t y = 0; y < rows; y += 2) {
		ptrdiff_t next = y + 1 < rows ? y + 1 : y;
		uint8_t *const d[2] = {dst + y * dst_stride, dst + next * dst_stride};
		const uint8_t *const s[2] = {src + y * src_stride, src + next * src_stride};
		if (split) {
			rows1(d, s, width, start, coef, taps, 1, precision);
		} else if (taps == 8) {
			rows1(d, s, width, start, coef, 8, 0, precision);
		} else {
			rows1(d, s, width, start, coef, taps, 0, precision);
		}
	}
}
#endif

void resample_horizontal4(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int channels, int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		horizontal4_avx2(dst, dst_stride, src, src_stride, rows, width, start, coef, taps, split,
		    precision, channels);
		return;
	}
#endif
	horizontal4_default(dst, dst_stride, src, src_stride, rows, width, start, coef, taps, split,
	    precision, channels);
}

void resample_horizontal1(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		horizontal1_avx2(
		    dst, dst_stride, src, src_stride, rows, width, start, coef, taps, split, precision);
		return;
	}
#endif
	horizontal1_default(
	    dst, dst_stride, src, src_stride, rows, width, start, coef, taps, split, precision);
}
