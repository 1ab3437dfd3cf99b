#include "idct_scaled.h"

#include <string.h>

#include "pair.h"

// The transforms are those of libjpeg's jidctred.c, which leave out what is above the
// frequencies of fewer samples in part: 4 x 4 reads no row or column 4, 2 x 2 none of
// 2, 4 and 6. Constants have 13 bits, are scaled by the square root of 2 and stand
// beside their input; 2 bits are kept between the passes.
//
// Products of coefficient and factor keep 16 bits, and the results of the first pass
// saturate to 16 bits, as in libjpeg-turbo's SIMD. Sums of absurd ones wrap around at
// 32 bits, hence the unsigned arithmetic.
enum {
	// 4 x 4: x0, x2, x6 in all outputs, x1, x3, x5, x7 in outputs 0 and 3, and in 1 and 2
	FOUR_0 = 16384,
	FOUR_2 = 15137,
	FOUR_6 = -6270,
	FOUR_O1 = 20995,
	FOUR_O3 = 7373,
	FOUR_O5 = -4926,
	FOUR_O7 = -4176,
	FOUR_I1 = 8697,
	FOUR_I3 = -17799,
	FOUR_I5 = 11893,
	FOUR_I7 = -1730,
	FOUR_SHIFT1 = 12,
	FOUR_SHIFT2 = 19,
	// 2 x 2: x1, x3, x5, x7; x0 takes 32768, which is no int16
	TWO_0 = 16384,
	TWO_1 = 29692,
	TWO_3 = -10426,
	TWO_5 = 6967,
	TWO_7 = -5906,
	TWO_SHIFT1 = 13,
	TWO_SHIFT2 = 20,
};

#define ROUND1(shift) (1 << ((shift) - 1))
#define ROUND2(shift) (ROUND1(shift) + (128 << (shift))) // a sample of 0 is gray 128

#define MUL(c, i) ((uint32_t)((c) * x[i][k]))

// fours transforms eight columns (or rows) beside each other: x[i] has input i of each,
// out[i] output i.
static inline void fours(int16_t x[8][8], uint32_t round, int shift, int32_t out[8][8]) {
	for (int k = 0; k < 8; k++) {
		const uint32_t t0 = MUL(FOUR_0, 0) + round, t2 = MUL(FOUR_2, 2) + MUL(FOUR_6, 6);
		const uint32_t outer =
		    MUL(FOUR_O1, 1) + MUL(FOUR_O3, 3) + MUL(FOUR_O5, 5) + MUL(FOUR_O7, 7);
		const uint32_t inner =
		    MUL(FOUR_I1, 1) + MUL(FOUR_I3, 3) + MUL(FOUR_I5, 5) + MUL(FOUR_I7, 7);
		out[0][k] = (int32_t)(t0 + t2 + outer) >> shift;
		out[1][k] = (int32_t)(t0 - t2 + inner) >> shift;
		out[2][k] = (int32_t)(t0 - t2 - inner) >> shift;
		out[3][k] = (int32_t)(t0 + t2 - outer) >> shift;
	}
}

static inline void twos(int16_t x[8][8], uint32_t round, int shift, int32_t out[8][8]) {
	for (int k = 0; k < 8; k++) {
		const uint32_t even = 2 * MUL(TWO_0, 0) + round;
		const uint32_t odd = MUL(TWO_1, 1) + MUL(TWO_3, 3) + MUL(TWO_5, 5) + MUL(TWO_7, 7);
		out[0][k] = (int32_t)(even + odd) >> shift;
		out[1][k] = (int32_t)(even - odd) >> shift;
	}
}

#undef MUL

// block does one block of a pair of n x n samples: c and q are at the block's half of
// the vectors.
static void block(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride, int n) {
	int16_t x[8][8] = {0};
	int32_t out[8][8];
	dequantize(c, q, x);
	if (n == 4) {
		fours(x, ROUND1(FOUR_SHIFT1), FOUR_SHIFT1, out);
		between(out, 4, x);
		fours(x, ROUND2(FOUR_SHIFT2), FOUR_SHIFT2, out);
	} else {
		twos(x, ROUND1(TWO_SHIFT1), TWO_SHIFT1, out);
		between(out, 2, x);
		twos(x, ROUND2(TWO_SHIFT2), TWO_SHIFT2, out);
	}
	for (int row = 0; row < n; row++, dst += stride) {
		for (int i = 0; i < n; i++) {
			dst[i] = (uint8_t)clamp(out[i][row], 0, 255);
		}
	}
}

// mean is the only sample of a block. Absurd ones wrap around at 10 bits before they
// are clipped, as in libjpeg, which has no SIMD here.
static inline uint8_t mean(int16_t c, int16_t q) {
	const int32_t v = ((int16_t)((uint16_t)c * (uint32_t)(uint16_t)q) + 4) >> 3;
	return (uint8_t)clamp(((int32_t)((uint32_t)v << 22) >> 22) + 128, 0, 255);
}

// means does a run of 1 x 1, 2 x 1 or 1 x 2 samples.
static void means(const int16_t *c, const int16_t *q, uint8_t *dst, const jpeg_run *r,
    int32_t width, int32_t height) {
	for (int32_t i = 0; i < 2 * r->n; i++, dst += width) {
		const uint8_t v = mean(c[i / 2 * JPEG_PAIR + i % 2 * 8], q[0]);
		dst[0] = v;
		dst[width - 1] = v;
		dst[(height - 1) * r->stride] = v;
	}
}

void jpeg_shrunk_default(const int16_t *coefs, const int16_t *quant, uint8_t *planes,
    const jpeg_run *r, int32_t width, int32_t height) {
	const int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair, *q = quant + JPEG_PAIR * r->quant;
	uint8_t *dst = planes + r->dst;
	if (width != height || width == 1) {
		means(c, q, dst, r, width, height);
		return;
	}
	for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 2 * width) {
		block(c, q, dst, r->stride, width);
		block(c + 8, q + 8, dst + width, r->stride, width);
	}
}

#if defined(__x86_64__)

#define X(i)                                                                                       \
	_mm256_mullo_epi16(                                                                            \
	    _mm256_loadu_si256((const __m256i *)c + i), _mm256_loadu_si256((const __m256i *)q + i))
#define SUM(x, a, b) _mm256_madd_epi16(x, two(a, b))

// four_pass transforms four columns (or rows) of both blocks. out[i] has output i of
// each, in 32 bits.
BODY void four_pass(
    __m256i x04, __m256i x26, __m256i x13, __m256i x57, int32_t round, int shift, __m256i out[4]) {
	const __m256i t0 = _mm256_add_epi32(SUM(x04, FOUR_0, 0), _mm256_set1_epi32(round)),
	              t2 = SUM(x26, FOUR_2, FOUR_6);
	const __m256i sum = _mm256_add_epi32(t0, t2), difference = _mm256_sub_epi32(t0, t2);
	const __m256i outer = _mm256_add_epi32(SUM(x13, FOUR_O1, FOUR_O3), SUM(x57, FOUR_O5, FOUR_O7));
	const __m256i inner = _mm256_add_epi32(SUM(x13, FOUR_I1, FOUR_I3), SUM(x57, FOUR_I5, FOUR_I7));
	out[0] = _mm256_srai_epi32(_mm256_add_epi32(sum, outer), shift);
	out[1] = _mm256_srai_epi32(_mm256_add_epi32(difference, inner), shift);
	out[2] = _mm256_srai_epi32(_mm256_sub_epi32(difference, inner), shift);
	out[3] = _mm256_srai_epi32(_mm256_sub_epi32(sum, outer), shift);
}

BODY void four_pair(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	__m256i out[4], x04, x26, x13, x57;
	four_pass(X(0), X(2), X(4), X(6), ROUND1(FOUR_SHIFT1), FOUR_SHIFT1, out); // columns 0, 4, 2, 6
	turn(out, &x04, &x26);
	four_pass(X(1), X(3), X(5), X(7), ROUND1(FOUR_SHIFT1), FOUR_SHIFT1, out); // columns 1, 3, 5, 7
	turn(out, &x13, &x57);
	four_pass(x04, x26, x13, x57, ROUND2(FOUR_SHIFT2), FOUR_SHIFT2, out);
	const __m256i rows = four(out);
	const __m128i left = _mm256_castsi256_si128(rows), right = _mm256_extracti128_si256(rows, 1);
	const __m128i upper = _mm_unpacklo_epi32(left, right), lower = _mm_unpackhi_epi32(left, right);
	_mm_storel_epi64((__m128i *)dst, upper);
	// a store of a double may want an aligned address
	_mm_storel_epi64((__m128i *)(dst + stride), _mm_unpackhi_epi64(upper, upper));
	_mm_storel_epi64((__m128i *)(dst + 2 * stride), lower);
	_mm_storel_epi64((__m128i *)(dst + 3 * stride), _mm_unpackhi_epi64(lower, lower));
}

// two_pass transforms four columns of both blocks. The result has the four of row 0,
// then those of row 1, of each block.
BODY __m256i two_pass(__m256i x04, __m256i x13, __m256i x57) {
	const __m256i even = _mm256_add_epi32(
	    _mm256_slli_epi32(SUM(x04, TWO_0, 0), 1), _mm256_set1_epi32(ROUND1(TWO_SHIFT1)));
	const __m256i odd = _mm256_add_epi32(SUM(x13, TWO_1, TWO_3), SUM(x57, TWO_5, TWO_7));
	return _mm256_packs_epi32(_mm256_srai_epi32(_mm256_add_epi32(even, odd), TWO_SHIFT1),
	    _mm256_srai_epi32(_mm256_sub_epi32(even, odd), TWO_SHIFT1));
}

BODY __m256i four_times(int16_t a, int16_t b, int16_t c, int16_t d) {
	return _mm256_set1_epi64x((int64_t)((uint64_t)(uint16_t)d << 48 | (uint64_t)(uint16_t)c << 32 |
	                                    (uint64_t)(uint16_t)b << 16 | (uint16_t)a));
}

BODY void two_pair(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	// of columns 0, 4, 2, 6
	__m256i even = _mm256_madd_epi16(two_pass(X(0), X(4), X(6)), four_times(TWO_0, 0, 0, 0));
	__m256i odd =
	    _mm256_madd_epi16(two_pass(X(1), X(5), X(7)), four_times(TWO_1, TWO_3, TWO_5, TWO_7));
	even = _mm256_slli_epi32(_mm256_shuffle_epi32(even, _MM_SHUFFLE(2, 2, 0, 0)), 1);
	odd = _mm256_add_epi32(odd, _mm256_shuffle_epi32(odd, _MM_SHUFFLE(2, 3, 0, 1)));
	odd = _mm256_sign_epi32(odd, _mm256_setr_epi32(1, -1, 1, -1, 1, -1, 1, -1));
	const __m256i sum =
	    _mm256_add_epi32(_mm256_add_epi32(even, odd), _mm256_set1_epi32(ROUND2(TWO_SHIFT2)));
	__m256i bytes = _mm256_srai_epi32(sum, TWO_SHIFT2);
	bytes = _mm256_packs_epi32(bytes, bytes);
	bytes = _mm256_packus_epi16(bytes, bytes);
	const __m128i rows =
	    _mm_unpacklo_epi16(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1));
	const int32_t upper = _mm_cvtsi128_si32(rows), lower = _mm_extract_epi32(rows, 1);
	memcpy(dst, &upper, 4);
	memcpy(dst + stride, &lower, 4);
}

#undef X
#undef SUM

AVX2 void jpeg_shrunk_avx2(const int16_t *coefs, const int16_t *quant, uint8_t *planes,
    const jpeg_run *r, int32_t width, int32_t height) {
	const int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair, *q = quant + JPEG_PAIR * r->quant;
	uint8_t *dst = planes + r->dst;
	if (width != height || width == 1) {
		means(c, q, dst, r, width, height);
		return;
	}
	for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 2 * width) {
		if (width == 4) {
			four_pair(c, q, dst, r->stride);
		} else {
			two_pair(c, q, dst, r->stride);
		}
	}
}

#else

void jpeg_shrunk_avx2(const int16_t *coefs, const int16_t *quant, uint8_t *planes,
    const jpeg_run *r, int32_t width, int32_t height) {
	jpeg_shrunk_default(coefs, quant, planes, r, width, height); // never called: simd.AVX2 is false
}

#endif
