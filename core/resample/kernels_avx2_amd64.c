#define TARGET TARGET_AVX2
#include "affine_avx2.h"
#include "alpha_body.h"
#include "copy_body.h"
#include "float32_body.h"

#include <immintrin.h>

// Two coefficients in every 32 bits.
INLINE __m256i broadcast32(const int16_t *c) {
	int32_t v;
	memcpy(&v, c, 4);
	return _mm256_set1_epi32(v);
}

// 16 bytes of row a in the low lane, of row b in the high one.
INLINE __m256i load2x128(const uint8_t *a, const uint8_t *b) {
	__m256i low = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a));
	return _mm256_inserti128_si256(low, _mm_loadu_si128((const __m128i *)b), 1);
}

// What a loop over taps sums up in 32 bits each. high counts 1 << HIGH_SHIFT times.
struct sum {
	__m256i low, high;
};

INLINE void add(struct sum *sum, __m256i pixels, const int16_t *c, int64_t taps, int two_part) {
	sum->low = _mm256_add_epi32(sum->low, _mm256_madd_epi16(pixels, broadcast32(c)));
	if (two_part) {
		sum->high = _mm256_add_epi32(sum->high, _mm256_madd_epi16(pixels, broadcast32(c + taps)));
	}
}

INLINE __m256i total(struct sum sum, int two_part) {
	return two_part ? _mm256_add_epi32(sum.low, _mm256_slli_epi32(sum.high, HIGH_SHIFT)) : sum.low;
}

// One target pixel of 4 rows: R, G, B, A in 32 bits each, rows 0 and 1 in the lanes of
// sum[0], 2 and 3 in those of sum[1]. A step processes 4 taps: one load per row, and
// for each half a shuffle that interleaves the channels of two neighbors and widens
// them (r0r1 g0g1 b0b1 a0a1), so that one multiply-add does both.
INLINE void pixel4(struct sum sum[2], const uint8_t *const s[4], int64_t at, const int16_t *c,
    int64_t taps, int two_part) {
	const __m256i near = _mm256_setr_epi8(0, -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1, 0,
	    -1, 4, -1, 1, -1, 5, -1, 2, -1, 6, -1, 3, -1, 7, -1);
	const __m256i far = _mm256_setr_epi8(8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15,
	    -1, 8, -1, 12, -1, 9, -1, 13, -1, 10, -1, 14, -1, 11, -1, 15, -1);
	for (int64_t k = 0; k < taps; k += 4, at += 16) {
		__m256i p = load2x128(s[0] + at, s[1] + at), q = load2x128(s[2] + at, s[3] + at);
		add(&sum[0], _mm256_shuffle_epi8(p, near), c + k, taps, two_part);
		add(&sum[1], _mm256_shuffle_epi8(q, near), c + k, taps, two_part);
		if (k + 2 == taps) {
			break;
		}
		add(&sum[0], _mm256_shuffle_epi8(p, far), c + k + 2, taps, two_part);
		add(&sum[1], _mm256_shuffle_epi8(q, far), c + k + 2, taps, two_part);
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

// 4 rows, 4 target pixels per step. With taps, two_part and channels known to the
// compiler everything unrolls.
INLINE void rows4(uint8_t *const d[4], const uint8_t *const s[4], int64_t width,
    const int32_t *start, const int16_t *coef, int64_t taps, int two_part, int precision,
    int channels) {
	const __m256i half = _mm256_set1_epi32(1 << (precision - 1)), zero = _mm256_setzero_si256();
	const __m128i shift = _mm_cvtsi32_si128(precision);
	for (int64_t x = 0; x < width; x += 4) {
		__m256i front[4], back[4];
		for (int i = 0; i < 4; i++) {
			struct sum sum[2] = {{half, zero}, {half, zero}};
			pixel4(sum, s, 4 * (int64_t)start[x + i], coef + (x + i) * (taps << two_part), taps,
			    two_part);
			front[i] = _mm256_sra_epi32(total(sum[0], two_part), shift);
			back[i] = _mm256_sra_epi32(total(sum[1], two_part), shift);
		}
		store4(d[0] + x * channels, d[1] + x * channels, front, channels);
		store4(d[2] + x * channels, d[3] + x * channels, back, channels);
	}
}

// Enlarging takes 2 taps with the bilinear filter, 4 with the bicubic one, and is
// two_part as a rule. Shrinking by up to 2.5 takes 4 or 6 taps with the bilinear filter
// and 6 to 12 with the bicubic one.
INLINE void taps4(uint8_t *const d[4], const uint8_t *const s[4], int64_t width,
    const int32_t *start, const int16_t *coef, int64_t taps, int two_part, int precision,
    int channels) {
	switch (two_part ? -taps : taps) {
	case -2: rows4(d, s, width, start, coef, 2, 1, precision, channels); break;
	case -4: rows4(d, s, width, start, coef, 4, 1, precision, channels); break;
	case 4: rows4(d, s, width, start, coef, 4, 0, precision, channels); break;
	case 6: rows4(d, s, width, start, coef, 6, 0, precision, channels); break;
	case 8: rows4(d, s, width, start, coef, 8, 0, precision, channels); break;
	default:
		if (two_part) {
			rows4(d, s, width, start, coef, taps, 1, precision, channels);
		} else {
			rows4(d, s, width, start, coef, taps, 0, precision, channels);
		}
	}
}

// If fewer than 4 rows are left, the last one is repeated with the same target.
TARGET static void horizontal4(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	const int64_t rows = s->rows, width = s->width, dst_stride = s->dst_stride,
	              src_stride = s->src_stride, taps = w->taps;
	const int two_part = w->two_part, precision = w->precision;
	for (int64_t y = 0; y < rows; y += 4) {
		int64_t left = rows - 1 - y, b = left < 1 ? left : 1, c = left < 2 ? left : 2,
		        d = left < 3 ? left : 3;
		uint8_t *to = dst + y * dst_stride;
		const uint8_t *from = src + y * src_stride;
		uint8_t *const out[4] = {to, to + b * dst_stride, to + c * dst_stride, to + d * dst_stride};
		const uint8_t *const in[4] = {
		    from, from + b * src_stride, from + c * src_stride, from + d * src_stride};
		if (s->channels == 3) {
			taps4(out, in, width, start, coef, taps, two_part, precision, 3);
		} else {
			taps4(out, in, width, start, coef, taps, two_part, precision, 4);
		}
	}
}

// 8 coefficients in each lane.
INLINE __m256i broadcast128(const int16_t *c) {
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)c));
}

// One target pixel of two rows of bytes, one row per lane, in 4 partial sums of 32 bits
// each.
INLINE __m256i pixel1(
    const uint8_t *a, const uint8_t *b, const int16_t *c, int64_t taps, int two_part) {
	struct sum sum = {_mm256_setzero_si256(), _mm256_setzero_si256()};
	for (int64_t k = 0; k < taps; k += 8) {
		__m256i wide = _mm256_unpacklo_epi8(load2x128(a + k, b + k), _mm256_setzero_si256());
		sum.low = _mm256_add_epi32(sum.low, _mm256_madd_epi16(wide, broadcast128(c + k)));
		if (two_part) {
			sum.high =
			    _mm256_add_epi32(sum.high, _mm256_madd_epi16(wide, broadcast128(c + taps + k)));
		}
	}
	return total(sum, two_part);
}

INLINE void rows1(uint8_t *const d[2], const uint8_t *const s[2], int64_t width,
    const int32_t *start, const int16_t *coef, int64_t taps, int two_part, int precision) {
	const __m256i half = _mm256_set1_epi32(1 << (precision - 1));
	const __m128i shift = _mm_cvtsi32_si128(precision);
	for (int64_t x = 0; x < width; x += 4) {
		__m256i part[4];
		for (int i = 0; i < 4; i++) {
			part[i] = pixel1(s[0] + start[x + i], s[1] + start[x + i],
			    coef + (x + i) * (taps << two_part), taps, two_part);
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

// An odd last row is computed twice, with the same target.
TARGET static void horizontal1(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	const int64_t rows = s->rows, width = s->width, dst_stride = s->dst_stride,
	              src_stride = s->src_stride, taps = w->taps;
	const int two_part = w->two_part, precision = w->precision;
	for (int64_t y = 0; y < rows; y += 2) {
		int64_t next = y + 1 < rows ? y + 1 : y;
		uint8_t *const out[2] = {dst + y * dst_stride, dst + next * dst_stride};
		const uint8_t *const in[2] = {src + y * src_stride, src + next * src_stride};
		if (two_part) {
			rows1(out, in, width, start, coef, taps, 1, precision);
		} else if (taps == 8) {
			rows1(out, in, width, start, coef, 8, 0, precision);
		} else {
			rows1(out, in, width, start, coef, taps, 0, precision);
		}
	}
}
// 32 columns: two rows at a time, byte by byte side by side, widened, both weights
// applied by one multiply-add. Sums are of columns 0-3 and 16-19, 4-7 and 20-23, and so
// on, as unpacking has it; packing undoes that.
INLINE __m256i columns(const uint8_t *src, int64_t stride, int64_t count, const int16_t *coef,
    int64_t taps, int two_part, __m256i half, __m128i shift) {
	const __m256i zero = _mm256_setzero_si256();
	__m256i low[4] = {half, half, half, half}, high[4] = {zero, zero, zero, zero};
	for (int64_t k = 0; k < count; k += 2) {
		// The weight behind an odd last row is 0: any row will do.
		int64_t next = k + 1 < count ? stride : 0;
		__m256i a = _mm256_loadu_si256((const __m256i *)(src + k * stride));
		__m256i b = _mm256_loadu_si256((const __m256i *)(src + k * stride + next));
		__m256i front = _mm256_unpacklo_epi8(a, b), back = _mm256_unpackhi_epi8(a, b);
		__m256i wide[4] = {_mm256_unpacklo_epi8(front, zero), _mm256_unpackhi_epi8(front, zero),
		    _mm256_unpacklo_epi8(back, zero), _mm256_unpackhi_epi8(back, zero)};
		for (int i = 0; i < 4; i++) {
			low[i] = _mm256_add_epi32(low[i], _mm256_madd_epi16(wide[i], broadcast32(coef + k)));
			if (two_part) {
				high[i] = _mm256_add_epi32(
				    high[i], _mm256_madd_epi16(wide[i], broadcast32(coef + taps + k)));
			}
		}
	}
	for (int i = 0; i < 4; i++) {
		if (two_part) {
			low[i] = _mm256_add_epi32(low[i], _mm256_slli_epi32(high[i], HIGH_SHIFT));
		}
		low[i] = _mm256_sra_epi32(low[i], shift);
	}
	return _mm256_packus_epi16(
	    _mm256_packs_epi32(low[0], low[1]), _mm256_packs_epi32(low[2], low[3]));
}

INLINE void vertical_bytes(uint8_t *dst, int64_t bytes, const uint8_t *src, int64_t stride,
    int64_t count, const int16_t *coef, int64_t taps, int two_part, int precision) {
	const __m256i half = _mm256_set1_epi32(1 << (precision - 1));
	const __m128i shift = _mm_cvtsi32_si128(precision);
	int64_t x = 0;
	for (; x + 32 <= bytes; x += 32) {
		_mm256_storeu_si256((__m256i *)(dst + x),
		    columns(src + x, stride, count, coef, taps, two_part, half, shift));
	}
	if (x < bytes) {
		uint8_t rest[32];
		_mm256_storeu_si256(
		    (__m256i *)rest, columns(src + x, stride, count, coef, taps, two_part, half, shift));
		memcpy(dst + x, rest, bytes - x);
	}
}

INLINE void vertical_row(uint8_t *dst, int64_t bytes, const uint8_t *src, int64_t stride,
    int64_t count, const int16_t *coef, int64_t taps, int two_part, int precision) {
	if (two_part) {
		vertical_bytes(dst, bytes, src, stride, count, coef, taps, 1, precision);
	} else {
		vertical_bytes(dst, bytes, src, stride, count, coef, taps, 0, precision);
	}
}

TARGET static void vertical(uint8_t *dst, const uint8_t *src, const int32_t *start,
    const int32_t *count, const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	const int64_t taps = w->taps;
	for (int64_t y = 0; y < s->rows; y++) {
		vertical_row(dst + y * s->dst_stride, s->width, src + start[y] * s->src_stride,
		    s->src_stride, count[y], coef + y * (taps << w->two_part), taps, w->two_part,
		    w->precision);
	}
}

// 4-byte pixels; 4 floats are stored for each, and the next store overwrites the
// surplus.
TARGET static void float_rows(float *dst, const uint8_t *src, const int32_t *start,
    const int16_t *coef, const resample_weights *w, const resample_shape *s) {
	const int64_t rows = s->rows, width = s->width, src_stride = s->src_stride, taps = w->taps;
	const int two_part = w->two_part, channels = s->channels;
	if (s->src_pixel == 1) {
		float_rows_of(dst, src, start, coef, w, s, 1);
		return;
	}
	for (int64_t y = 0; y < rows; y++) {
		for (int64_t x = 0; x < width; x++, dst += channels) {
			const uint8_t *from = src + y * src_stride + 4 * (int64_t)start[x];
			const int16_t *c = coef + x * (taps << two_part);
			__m128 sum = _mm_setzero_ps();
			for (int64_t k = 0; k < taps; k++) {
				int32_t p;
				memcpy(&p, from + 4 * k, 4);
				__m128 v = _mm_cvtepi32_ps(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(p)));
				sum = _mm_add_ps(sum, _mm_mul_ps(_mm_set1_ps(weight_of(c + k, taps, two_part)), v));
			}
			_mm_storeu_ps(dst, sum);
		}
	}
}

INLINE void drop_alpha16(uint8_t *d, const uint8_t *s, int64_t width) {
	const __m128i keep = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
	int64_t x = 0;
	for (; x + 6 <= width; x += 4) { // 16 bytes are stored, 18 lie before the end of the row
		_mm_storeu_si128((__m128i *)(d + 3 * x),
		    _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(s + 4 * x)), keep));
	}
	drop_alpha(d + 3 * x, s + 4 * x, width - x);
}
TARGET static void nearest(uint8_t *dst, const uint8_t *src, const int32_t *row,
    const int32_t *column, const resample_shape *s) {
	nearest_rows(dst, src, row, column, s, drop_alpha16);
}

// 5 pixels per step, from the right end of s on. The 16th byte that is stored is
// overwritten by the next step; the 16th that is loaded lies before the pixels, so the
// leftmost ones are done one by one.
INLINE void flip_row3x5(uint8_t *d, const uint8_t *s, int64_t width) {
	const __m128i reverse = _mm_setr_epi8(13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, -1);
	int64_t x = 0;
	for (; x + 6 <= width; x += 5) {
		_mm_storeu_si128((__m128i *)(d + 3 * x),
		    _mm_shuffle_epi8(
		        _mm_loadu_si128((const __m128i *)(s + 3 * (width - 5 - x) - 1)), reverse));
	}
	flip_row3(d + 3 * x, s, width - x);
}
TARGET static void flip(uint8_t *dst, const uint8_t *src, const resample_shape *s) {
	flip_rows(dst, src, s, flip_row3x5);
}

TARGET static void affine(
    uint8_t *dst, const uint8_t *src, const resample_affine_map *map, const resample_shape *s) {
	affine_pixels(dst, src, map, s, bilinear_span, bilinear_spans);
}

const resample_kernels resample_avx2 = {
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
