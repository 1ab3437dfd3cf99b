#define TARGET TARGET_AVX2
#include "kernels_body.h"

#include <immintrin.h>
#include <string.h>

// In vectors, the part that does not overflow is faster as one matrix, which is the
// same in integers: its constants are sums of those of idct8. In the last digit they
// are not those of an exact cosine (6436 and 6437; 2259, 2260 and 2261).
enum {
	O0_1 = 11363,
	O0_3 = 9633,
	O0_5 = 6437,
	O0_7 = 2260, // x1, x3, x5, x7 in outputs 0 and 7
	O1_1 = 9633,
	O1_3 = -2259,
	O1_5 = -11362,
	O1_7 = -6436, // in 1 and 6
	O2_1 = 6437,
	O2_3 = -11362,
	O2_5 = 2261,
	O2_7 = 9633, // in 2 and 5
	O3_1 = 2260,
	O3_3 = -6436,
	O3_5 = 9633,
	O3_7 = -11363, // in 3 and 4
	ROUND1 = 1 << 10,
	// Of the second pass, added to input 0, which is multiplied by 8192. A sample of 0
	// is gray, 128.
	ROUND2 = 16 + (128 << 5),
};

INLINE __m256i set2_epi16(int16_t first, int16_t second) {
	return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

INLINE __m256i set4_epi16(int16_t a, int16_t b, int16_t c, int16_t d) {
	return _mm256_set1_epi64x((int64_t)((uint64_t)(uint16_t)d << 48 | (uint64_t)(uint16_t)c << 32 |
	                                    (uint64_t)(uint16_t)b << 16 | (uint16_t)a));
}

// Vector i of the coefficients c times the factors q.
#define DEQUANTIZED(i)                                                                             \
	_mm256_mullo_epi16(                                                                            \
	    _mm256_loadu_si256((const __m256i *)c + i), _mm256_loadu_si256((const __m256i *)q + i))
// The sums a * first + b * second of interleaved 16-bit inputs, in 32 bits.
#define MADD(x, a, b) _mm256_madd_epi16(x, set2_epi16(a, b))

// transpose_columns takes four rows of the columns a, b, c, d and returns the rows of
// (a, b) and of (c, d) interleaved, as the second pass takes them.
INLINE void transpose_columns(const __m256i rows[4], __m256i *ab, __m256i *cd) {
	const __m256 top = _mm256_castsi256_ps(_mm256_packs_epi32(rows[0], rows[1]));
	const __m256 bottom = _mm256_castsi256_ps(_mm256_packs_epi32(rows[2], rows[3]));
	*ab = _mm256_castps_si256(_mm256_shuffle_ps(top, bottom, _MM_SHUFFLE(2, 0, 2, 0)));
	*cd = _mm256_castps_si256(_mm256_shuffle_ps(top, bottom, _MM_SHUFFLE(3, 1, 3, 1)));
}

// pack4 converts four columns of four values to four rows of four bytes.
INLINE __m256i pack4(const __m256i columns[4]) {
	const __m256i bytes = _mm256_packus_epi16(
	    _mm256_packs_epi32(columns[0], columns[1]), _mm256_packs_epi32(columns[2], columns[3]));
	return _mm256_shuffle_epi8(
	    bytes, _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12,
	               1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}

// idct8_pass transforms four columns (or rows) of both blocks. out[i] has output i of
// each, in 32 bits; round is added to each before the shift.
INLINE void idct8_pass(
    __m256i x04, __m256i x26, __m256i x13, __m256i x57, int32_t round, int shift, __m256i out[8]) {
#define ODD(n) _mm256_add_epi32(MADD(x13, O##n##_1, O##n##_3), MADD(x57, O##n##_5, O##n##_7))
#define OUTPUTS(n, e)                                                                              \
	{                                                                                              \
		const __m256i o = ODD(n);                                                                  \
		out[n] = _mm256_srai_epi32(_mm256_add_epi32(e, o), shift);                                 \
		out[7 - n] = _mm256_srai_epi32(_mm256_sub_epi32(e, o), shift);                             \
	}
	__m256i t0 = MADD(x04, ONE, ONE), t1 = MADD(x04, ONE, -ONE);
	if (round) {
		t0 = _mm256_add_epi32(t0, _mm256_set1_epi32(round));
		t1 = _mm256_add_epi32(t1, _mm256_set1_epi32(round));
	}
	const __m256i t2 = MADD(x26, C2_2, C2_6), t3 = MADD(x26, C6_2, C6_6);
	OUTPUTS(0, _mm256_add_epi32(t0, t2))
	OUTPUTS(1, _mm256_add_epi32(t1, t3))
	OUTPUTS(2, _mm256_sub_epi32(t1, t3))
	OUTPUTS(3, _mm256_sub_epi32(t0, t2))
#undef ODD
#undef OUTPUTS
}

// store_rows writes two rows of both blocks.
INLINE void store_rows(__m256i rows, uint8_t *dst, int64_t stride) {
	rows = _mm256_permute4x64_epi64(rows, _MM_SHUFFLE(3, 1, 2, 0));
	_mm_storeu_si128((__m128i *)dst, _mm256_castsi256_si128(rows));
	_mm_storeu_si128((__m128i *)(dst + stride), _mm256_extracti128_si256(rows, 1));
}

// or_abs has at least the highest bit of each magnitude in two vectors.
INLINE __m256i or_abs(const __m256i x[2]) {
	return _mm256_or_si256(_mm256_abs_epi16(x[0]), _mm256_abs_epi16(x[1]));
}

// idct_pair transforms both blocks of a pair. If no result of the first pass exceeds 14
// bits, nothing overflowed in it (the mean of outputs 0, 3, 4 and 7 is the sum of two
// inputs, times 4, and so on), and nothing will in the second pass. Otherwise the plain
// C defines the overflows.
INLINE void idct_pair(int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride, int32_t clear) {
	__m256i out[8], x04[2], x26[2], x13[2], x57[2]; // [0] of rows 0..3, [1] of rows 4..7
	// columns 0, 4, 2, 6, then 1, 3, 5, 7
	idct8_pass(DEQUANTIZED(0), DEQUANTIZED(2), DEQUANTIZED(4), DEQUANTIZED(6), ROUND1, SHIFT1, out);
	transpose_columns(out, &x04[0], &x26[0]);
	transpose_columns(out + 4, &x04[1], &x26[1]);
	idct8_pass(DEQUANTIZED(1), DEQUANTIZED(3), DEQUANTIZED(5), DEQUANTIZED(7), ROUND1, SHIFT1, out);
	transpose_columns(out, &x13[0], &x57[0]);
	transpose_columns(out + 4, &x13[1], &x57[1]);
	const __m256i all = _mm256_or_si256(
	    _mm256_or_si256(or_abs(x04), or_abs(x26)), _mm256_or_si256(or_abs(x13), or_abs(x57)));
	const int large = !_mm256_testz_si256(all, _mm256_set1_epi16((int16_t)0xc000));
	if (large) {
		idct_block(c, q, dst, stride);
		idct_block(c + 8, q + 8, dst + 8, stride);
	}
	if (clear) {
		for (int i = 0; i < 8; i++) {
			_mm256_storeu_si256((__m256i *)c + i, _mm256_setzero_si256());
		}
	}
	if (large) {
		return;
	}
	for (int i = 0; i < 2; i++, dst += 4 * stride) {
		idct8_pass(_mm256_add_epi16(x04[i], set2_epi16(ROUND2, 0)), x26[i], x13[i], x57[i], 0,
		    SHIFT2, out);
		const __m256i left = pack4(out), right = pack4(out + 4);
		store_rows(_mm256_unpacklo_epi32(left, right), dst, stride);
		store_rows(_mm256_unpackhi_epi32(left, right), dst + 2 * stride, stride);
	}
}

TARGET static void idct(int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *runs, int64_t n, int32_t clear) {
	for (const jpeg_run *r = runs; r < runs + n; r++) {
		int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair;
		const int16_t *q = dequant + JPEG_PAIR * r->quant;
		uint8_t *dst = planes + r->dst;
		for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 16) {
			idct_pair(c, q, dst, r->stride, clear);
		}
	}
}

// idct4_pass transforms four columns (or rows) of both blocks. out[i] has output i of
// each, in 32 bits.
INLINE void idct4_pass(
    __m256i x04, __m256i x26, __m256i x13, __m256i x57, int32_t round, int shift, __m256i out[4]) {
	const __m256i t0 = _mm256_add_epi32(MADD(x04, FOUR_0, 0), _mm256_set1_epi32(round)),
	              t2 = MADD(x26, FOUR_2, FOUR_6);
	const __m256i sum = _mm256_add_epi32(t0, t2), difference = _mm256_sub_epi32(t0, t2);
	const __m256i outer =
	    _mm256_add_epi32(MADD(x13, FOUR_O1, FOUR_O3), MADD(x57, FOUR_O5, FOUR_O7));
	const __m256i inner =
	    _mm256_add_epi32(MADD(x13, FOUR_I1, FOUR_I3), MADD(x57, FOUR_I5, FOUR_I7));
	out[0] = _mm256_srai_epi32(_mm256_add_epi32(sum, outer), shift);
	out[1] = _mm256_srai_epi32(_mm256_add_epi32(difference, inner), shift);
	out[2] = _mm256_srai_epi32(_mm256_sub_epi32(difference, inner), shift);
	out[3] = _mm256_srai_epi32(_mm256_sub_epi32(sum, outer), shift);
}

INLINE void idct4_pair(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	__m256i out[4], x04, x26, x13, x57;
	// columns 0, 4, 2, 6, then 1, 3, 5, 7
	idct4_pass(DEQUANTIZED(0), DEQUANTIZED(2), DEQUANTIZED(4), DEQUANTIZED(6),
	    ROUND_PASS1(FOUR_SHIFT1), FOUR_SHIFT1, out);
	transpose_columns(out, &x04, &x26);
	idct4_pass(DEQUANTIZED(1), DEQUANTIZED(3), DEQUANTIZED(5), DEQUANTIZED(7),
	    ROUND_PASS1(FOUR_SHIFT1), FOUR_SHIFT1, out);
	transpose_columns(out, &x13, &x57);
	idct4_pass(x04, x26, x13, x57, ROUND_PASS2(FOUR_SHIFT2), FOUR_SHIFT2, out);
	const __m256i rows = pack4(out);
	const __m128i left = _mm256_castsi256_si128(rows), right = _mm256_extracti128_si256(rows, 1);
	const __m128i upper = _mm_unpacklo_epi32(left, right), lower = _mm_unpackhi_epi32(left, right);
	_mm_storel_epi64((__m128i *)dst, upper);
	// a store of a double may need an aligned address
	_mm_storel_epi64((__m128i *)(dst + stride), _mm_unpackhi_epi64(upper, upper));
	_mm_storel_epi64((__m128i *)(dst + 2 * stride), lower);
	_mm_storel_epi64((__m128i *)(dst + 3 * stride), _mm_unpackhi_epi64(lower, lower));
}

// idct2_pass transforms four columns of both blocks. The result has row 0 of the four,
// then row 1, of each block.
INLINE __m256i idct2_pass(__m256i x04, __m256i x13, __m256i x57) {
	const __m256i even = _mm256_add_epi32(
	    _mm256_slli_epi32(MADD(x04, TWO_0, 0), 1), _mm256_set1_epi32(ROUND_PASS1(TWO_SHIFT1)));
	const __m256i odd = _mm256_add_epi32(MADD(x13, TWO_1, TWO_3), MADD(x57, TWO_5, TWO_7));
	return _mm256_packs_epi32(_mm256_srai_epi32(_mm256_add_epi32(even, odd), TWO_SHIFT1),
	    _mm256_srai_epi32(_mm256_sub_epi32(even, odd), TWO_SHIFT1));
}

INLINE void idct2_pair(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	// of columns 0, 4, 2, 6, then of 1, 3, 5, 7
	__m256i even = _mm256_madd_epi16(
	    idct2_pass(DEQUANTIZED(0), DEQUANTIZED(4), DEQUANTIZED(6)), set4_epi16(TWO_0, 0, 0, 0));
	__m256i odd = _mm256_madd_epi16(idct2_pass(DEQUANTIZED(1), DEQUANTIZED(5), DEQUANTIZED(7)),
	    set4_epi16(TWO_1, TWO_3, TWO_5, TWO_7));
	even = _mm256_slli_epi32(_mm256_shuffle_epi32(even, _MM_SHUFFLE(2, 2, 0, 0)), 1);
	odd = _mm256_add_epi32(odd, _mm256_shuffle_epi32(odd, _MM_SHUFFLE(2, 3, 0, 1)));
	odd = _mm256_sign_epi32(odd, _mm256_setr_epi32(1, -1, 1, -1, 1, -1, 1, -1));
	const __m256i sum =
	    _mm256_add_epi32(_mm256_add_epi32(even, odd), _mm256_set1_epi32(ROUND_PASS2(TWO_SHIFT2)));
	__m256i bytes = _mm256_srai_epi32(sum, TWO_SHIFT2);
	bytes = _mm256_packs_epi32(bytes, bytes);
	bytes = _mm256_packus_epi16(bytes, bytes);
	const __m128i rows =
	    _mm_unpacklo_epi16(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
	const int32_t upper = _mm_cvtsi128_si32(rows), lower = _mm_extract_epi32(rows, 1);
	memcpy(dst, &upper, 4);
	memcpy(dst + stride, &lower, 4);
}

TARGET static void idct_scaled(const int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *r, int32_t width, int32_t height) {
	const int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair, *q = dequant + JPEG_PAIR * r->quant;
	uint8_t *dst = planes + r->dst;
	if (width != height || width == 1) {
		dc_only(c, q, dst, r, width, height);
		return;
	}
	for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 2 * width) {
		if (width == 4) {
			idct4_pair(c, q, dst, r->stride);
		} else {
			idct2_pair(c, q, dst, r->stride);
		}
	}
}

const jpeg_kernels jpeg_avx2 = {idct, idct_scaled};
