#include "pair.h"

// The transform is libjpeg's jidctint.c ("islow": Loeffler, Ligtenberg and Moschytz
// 1989, 13-bit constants, columns first, 2 bits kept between the passes, rounded after
// each), with the overflows of libjpeg-turbo's SIMD (jidctint-avx2.asm), which damaged
// files reach. Products of coefficient and factor keep 16 bits, sums of two inputs,
// too; the results of each pass saturate to 16 bits. Where all rows of coefficients but
// the first are zero, the first pass is a shift that keeps 16 bits. Nothing else
// overflows: 32768 * (8192 + 10703 + 4433 + 4176 + 20995 + 9633 + 6437) + (1 << 17) is
// below 2^31.
enum {
	ONE = 8192,
	C2_2 = 10703,
	C2_6 = 4433, // x2 and x6 in outputs 0 and 7, 3 and 4
	C6_2 = 4433,
	C6_6 = -10704, // in outputs 1 and 6, 2 and 5
	SHIFT1 = 11,
	SHIFT2 = 18,
};

// passes transforms eight columns (or rows) beside each other: x[i] has input i of
// each, out[i] output i.
static inline void passes(int16_t x[8][8], int shift, int32_t out[8][8]) {
	for (int k = 0; k < 8; k++) {
		const int32_t x1 = x[1][k], x2 = x[2][k], x3 = x[3][k], x5 = x[5][k], x6 = x[6][k],
		              x7 = x[7][k];
		const int32_t z3 = (int16_t)(x7 + x3), z4 = (int16_t)(x5 + x1), round = 1 << (shift - 1);
		const int32_t t0 = ONE * (int16_t)(x[0][k] + x[4][k]) + round,
		              t1 = ONE * (int16_t)(x[0][k] - x[4][k]) + round;
		const int32_t t2 = C2_2 * x2 + C2_6 * x6, t3 = C6_2 * x2 + C6_6 * x6;
		const int32_t y3 = -6436 * z3 + 9633 * z4, y4 = 9633 * z3 + 6437 * z4;
		const int32_t e0 = t0 + t2, e1 = t1 + t3, e2 = t1 - t3, e3 = t0 - t2;
		const int32_t o0 = 4926 * x1 - 7373 * x7 + y4, o1 = 4177 * x3 - 20995 * x5 + y3;
		const int32_t o2 = -20995 * x3 - 4176 * x5 + y4, o3 = -7373 * x1 - 4927 * x7 + y3;
		out[0][k] = (e0 + o0) >> shift;
		out[1][k] = (e1 + o1) >> shift;
		out[2][k] = (e2 + o2) >> shift;
		out[3][k] = (e3 + o3) >> shift;
		out[4][k] = (e3 - o3) >> shift;
		out[5][k] = (e2 - o2) >> shift;
		out[6][k] = (e1 - o1) >> shift;
		out[7][k] = (e0 - o0) >> shift;
	}
}

// flat tells that all rows of a block but the first are zero.
static inline int flat(const int16_t *c) {
	int any = 0;
	for (int v = 0; v < 8; v++, c += 16) {
		for (int i = 0; i < 8; i++) {
			any |= v < 2 && i % 2 == 0 ? 0 : c[i];
		}
	}
	return any == 0;
}

// block does one block of a pair: c and q are at the block's half of the vectors.
static __attribute__((noinline)) void block(
    const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	int16_t x[8][8];
	int32_t out[8][8];
	dequantize(c, q, x);
	if (flat(c)) {
		for (int i = 0; i < 64; i++) {
			out[i / 8][i % 8] = (int16_t)((uint32_t)x[0][i % 8] << 2);
		}
	} else {
		passes(x, SHIFT1, out);
	}
	between(out, 8, x);
	passes(x, SHIFT2, out);
	for (int row = 0; row < 8; row++, dst += stride) {
		for (int i = 0; i < 8; i++) {
			dst[i] = (uint8_t)clamp(out[i][row] + 128, 0, 255);
		}
	}
}

void jpeg_idct_default(int16_t *coefs, const int16_t *quant, uint8_t *planes, const jpeg_run *runs,
    int64_t n, int32_t wipe) {
	for (const jpeg_run *r = runs; r < runs + n; r++) {
		int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair;
		const int16_t *q = quant + JPEG_PAIR * r->quant;
		uint8_t *dst = planes + r->dst;
		for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 16) {
			block(c, q, dst, r->stride);
			block(c + 8, q + 8, dst + 8, r->stride);
			for (int k = 0; wipe && k < JPEG_PAIR; k++) {
				c[k] = 0;
			}
		}
	}
}

#if defined(__x86_64__)

// In vectors, what does not overflow is quicker as one matrix, which is the same in
// integers: its constants are sums of those above. They are not those of an exact
// cosine in the last digit (6436 and 6437; 2259, 2260 and 2261).
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
	// of the second pass, added to input 0, which is taken 8192 times; a sample of 0 is
	// gray 128
	ROUND2 = 16 + (128 << 5),
};

// pass transforms four columns (or rows) of both blocks. out[i] has output i of each,
// in 32 bits; round is added to each before the shift.
BODY void pass(
    __m256i x04, __m256i x26, __m256i x13, __m256i x57, int32_t round, int shift, __m256i out[8]) {
#define SUM(x, a, b) _mm256_madd_epi16(x, two(a, b))
#define ODD(n) _mm256_add_epi32(SUM(x13, O##n##_1, O##n##_3), SUM(x57, O##n##_5, O##n##_7))
#define PAIR(n, e)                                                                                 \
	{                                                                                              \
		const __m256i o = ODD(n);                                                                  \
		out[n] = _mm256_srai_epi32(_mm256_add_epi32(e, o), shift);                                 \
		out[7 - n] = _mm256_srai_epi32(_mm256_sub_epi32(e, o), shift);                             \
	}
	__m256i t0 = SUM(x04, ONE, ONE), t1 = SUM(x04, ONE, -ONE);
	if (round) {
		t0 = _mm256_add_epi32(t0, _mm256_set1_epi32(round));
		t1 = _mm256_add_epi32(t1, _mm256_set1_epi32(round));
	}
	const __m256i t2 = SUM(x26, C2_2, C2_6), t3 = SUM(x26, C6_2, C6_6);
	PAIR(0, _mm256_add_epi32(t0, t2))
	PAIR(1, _mm256_add_epi32(t1, t3))
	PAIR(2, _mm256_sub_epi32(t1, t3))
	PAIR(3, _mm256_sub_epi32(t0, t2))
#undef SUM
#undef ODD
#undef PAIR
}

// store writes two rows of both blocks.
BODY void store(__m256i rows, uint8_t *dst, int64_t stride) {
	rows = _mm256_permute4x64_epi64(rows, _MM_SHUFFLE(3, 1, 2, 0));
	_mm_storeu_si128((__m128i *)dst, _mm256_castsi256_si128(rows));
	_mm_storeu_si128((__m128i *)(dst + stride), _mm256_extracti128_si256(rows, 1));
}

// magnitude has at least the highest bit of every magnitude of two vectors.
BODY __m256i magnitude(const __m256i x[2]) {
	return _mm256_or_si256(_mm256_abs_epi16(x[0]), _mm256_abs_epi16(x[1]));
}

// pair does both blocks of a pair. Where no result of the first pass is beyond 14 bits,
// nothing overflowed in it (the mean of outputs 0, 3, 4 and 7 is the sum of two inputs,
// times 4, and so on), and nothing will in the second.
BODY void pair(int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride, int32_t wipe) {
#define X(i)                                                                                       \
	_mm256_mullo_epi16(                                                                            \
	    _mm256_loadu_si256((const __m256i *)c + i), _mm256_loadu_si256((const __m256i *)q + i))
	__m256i out[8], x04[2], x26[2], x13[2], x57[2];    // [0] of rows 0..3, [1] of rows 4..7
	pass(X(0), X(2), X(4), X(6), ROUND1, SHIFT1, out); // columns 0, 4, 2, 6
	turn(out, &x04[0], &x26[0]);
	turn(out + 4, &x04[1], &x26[1]);
	pass(X(1), X(3), X(5), X(7), ROUND1, SHIFT1, out); // columns 1, 3, 5, 7
	turn(out, &x13[0], &x57[0]);
	turn(out + 4, &x13[1], &x57[1]);
#undef X
	const __m256i all = _mm256_or_si256(_mm256_or_si256(magnitude(x04), magnitude(x26)),
	    _mm256_or_si256(magnitude(x13), magnitude(x57)));
	const int large = !_mm256_testz_si256(all, _mm256_set1_epi16((int16_t)0xc000));
	if (large) {
		block(c, q, dst, stride);
		block(c + 8, q + 8, dst + 8, stride);
	}
	if (wipe) {
		for (int i = 0; i < 8; i++) {
			_mm256_storeu_si256((__m256i *)c + i, _mm256_setzero_si256());
		}
	}
	if (large) {
		return;
	}
	for (int i = 0; i < 2; i++, dst += 4 * stride) {
		pass(_mm256_add_epi16(x04[i], two(ROUND2, 0)), x26[i], x13[i], x57[i], 0, SHIFT2, out);
		const __m256i left = four(out), right = four(out + 4);
		store(_mm256_unpacklo_epi32(left, right), dst, stride);
		store(_mm256_unpackhi_epi32(left, right), dst + 2 * stride, stride);
	}
}

AVX2 void jpeg_idct_avx2(int16_t *coefs, const int16_t *quant, uint8_t *planes,
    const jpeg_run *runs, int64_t n, int32_t wipe) {
	for (const jpeg_run *r = runs; r < runs + n; r++) {
		int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair;
		const int16_t *q = quant + JPEG_PAIR * r->quant;
		uint8_t *dst = planes + r->dst;
		for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 16) {
			pair(c, q, dst, r->stride, wipe);
		}
	}
}

#else

void jpeg_idct_avx2(int16_t *coefs, const int16_t *quant, uint8_t *planes, const jpeg_run *runs,
    int64_t n, int32_t wipe) {
	jpeg_idct_default(coefs, quant, planes, runs, n, wipe); // never called: simd.AVX2 is false
}

#endif
