#include "pair.h"

// The transform is libjpeg's jidctint.c ("islow": Loeffler, Ligtenberg and Moschytz 1989, 13-bit constants, columns first, 2 bits kept
// between the passes, rounded after each). Its sums of products are written as one matrix here, which is the same in integers. The
// constants are sums of jidctint.c's: 11363 = FIX(1.501321110) - FIX(0.899976223) - FIX(0.390180644) + FIX(1.175875602), for one, and
// so not those of an exact cosine in the last digit (6436 and 6437; 2259, 2260 and 2261).
//
// Products of coefficient and factor keep 16 bits, and the results of the first pass saturate to 16 bits, as in libjpeg-turbo's SIMD.
// Nothing else can overflow: 32768 * (2 * 8192 + 10703 + 4433 + 29693) + ROUND2 is below 2^31.
enum {
	ONE = 8192,
	C2_2 = 10703, C2_6 = 4433, // x2 and x6 in outputs 0 and 7, 3 and 4
	C6_2 = 4433, C6_6 = -10704, // in outputs 1 and 6, 2 and 5
	O0_1 = 11363, O0_3 = 9633, O0_5 = 6437, O0_7 = 2260, // x1, x3, x5, x7 in outputs 0 and 7
	O1_1 = 9633, O1_3 = -2259, O1_5 = -11362, O1_7 = -6436, // in 1 and 6
	O2_1 = 6437, O2_3 = -11362, O2_5 = 2261, O2_7 = 9633, // in 2 and 5
	O3_1 = 2260, O3_3 = -6436, O3_5 = 9633, O3_7 = -11363, // in 3 and 4
	SHIFT1 = 11, ROUND1 = 1 << 10,
	SHIFT2 = 18, ROUND2 = (1 << 17) + (128 << 18), // a sample of 0 is gray 128
};

// passes transforms eight columns (or rows) beside each other: x[i] has input i of each, out[i] output i. Products of 16 bits by 16 are
// what vector units of every kind have.
static inline void passes(int16_t x[8][8], int32_t round, int shift, int32_t out[8][8]) {
#define MUL(c, i) ((int32_t)(int16_t)(c) * x[i][k])
	for (int k = 0; k < 8; k++) {
		const int32_t t0 = MUL(ONE, 0) + MUL(ONE, 4) + round, t1 = MUL(ONE, 0) - MUL(ONE, 4) + round;
		const int32_t t2 = MUL(C2_2, 2) + MUL(C2_6, 6), t3 = MUL(C6_2, 2) + MUL(C6_6, 6);
		const int32_t e0 = t0 + t2, e1 = t1 + t3, e2 = t1 - t3, e3 = t0 - t2;
		const int32_t o0 = MUL(O0_1, 1) + MUL(O0_3, 3) + MUL(O0_5, 5) + MUL(O0_7, 7);
		const int32_t o1 = MUL(O1_1, 1) + MUL(O1_3, 3) + MUL(O1_5, 5) + MUL(O1_7, 7);
		const int32_t o2 = MUL(O2_1, 1) + MUL(O2_3, 3) + MUL(O2_5, 5) + MUL(O2_7, 7);
		const int32_t o3 = MUL(O3_1, 1) + MUL(O3_3, 3) + MUL(O3_5, 5) + MUL(O3_7, 7);
		out[0][k] = (e0 + o0) >> shift;
		out[1][k] = (e1 + o1) >> shift;
		out[2][k] = (e2 + o2) >> shift;
		out[3][k] = (e3 + o3) >> shift;
		out[4][k] = (e3 - o3) >> shift;
		out[5][k] = (e2 - o2) >> shift;
		out[6][k] = (e1 - o1) >> shift;
		out[7][k] = (e0 - o0) >> shift;
	}
#undef MUL
}

// block does one block of a pair: c and q are at the block's half of the vectors.
static void block(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	int16_t x[8][8];
	int32_t out[8][8];
	dequantise(c, q, x);
	passes(x, ROUND1, SHIFT1, out);
	between(out, 8, x);
	passes(x, ROUND2, SHIFT2, out);
	for (int row = 0; row < 8; row++, dst += stride) {
		for (int i = 0; i < 8; i++) {
			dst[i] = (uint8_t)clamp(out[i][row], 0, 255);
		}
	}
}

void baseline_idct_default(const int16_t *coefs, const int16_t *quant, uint8_t *planes, const baseline_run *runs, int64_t n) {
	for (const baseline_run *r = runs; r < runs + n; r++) {
		const int16_t *c = coefs + BASELINE_PAIR * (int64_t)r->pair, *q = quant + BASELINE_PAIR * r->quant;
		uint8_t *dst = planes + r->dst;
		for (int32_t i = 0; i < r->n; i++, c += BASELINE_PAIR, dst += 16) {
			block(c, q, dst, r->stride);
			block(c + 8, q + 8, dst + 8, r->stride);
		}
	}
}

#if defined(__x86_64__)

// pass transforms four columns (or rows) of both blocks. out[i] has output i of each, in 32 bits.
BODY void pass(__m256i x04, __m256i x26, __m256i x13, __m256i x57, int32_t round, int shift, __m256i out[8]) {
#define SUM(x, a, b) _mm256_madd_epi16(x, two(a, b))
#define ODD(n) _mm256_add_epi32(SUM(x13, O##n##_1, O##n##_3), SUM(x57, O##n##_5, O##n##_7))
#define PAIR(n, e) { \
		const __m256i o = ODD(n); \
		out[n] = _mm256_srai_epi32(_mm256_add_epi32(e, o), shift); \
		out[7 - n] = _mm256_srai_epi32(_mm256_sub_epi32(e, o), shift); \
	}
	const __m256i half = _mm256_set1_epi32(round);
	const __m256i t0 = _mm256_add_epi32(SUM(x04, ONE, ONE), half), t1 = _mm256_add_epi32(SUM(x04, ONE, -ONE), half);
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

BODY void pair(const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
#define X(i) _mm256_mullo_epi16(_mm256_loadu_si256((const __m256i *)c + i), _mm256_loadu_si256((const __m256i *)q + i))
	__m256i out[8], x04[2], x26[2], x13[2], x57[2]; // [0] of rows 0..3, [1] of rows 4..7
	pass(X(0), X(2), X(4), X(6), ROUND1, SHIFT1, out); // columns 0, 4, 2, 6
	turn(out, &x04[0], &x26[0]);
	turn(out + 4, &x04[1], &x26[1]);
	pass(X(1), X(3), X(5), X(7), ROUND1, SHIFT1, out); // columns 1, 3, 5, 7
	turn(out, &x13[0], &x57[0]);
	turn(out + 4, &x13[1], &x57[1]);
#undef X
	for (int i = 0; i < 2; i++, dst += 4 * stride) {
		pass(x04[i], x26[i], x13[i], x57[i], ROUND2, SHIFT2, out);
		const __m256i left = four(out), right = four(out + 4);
		store(_mm256_unpacklo_epi32(left, right), dst, stride);
		store(_mm256_unpackhi_epi32(left, right), dst + 2 * stride, stride);
	}
}

AVX2 void baseline_idct_avx2(const int16_t *coefs, const int16_t *quant, uint8_t *planes, const baseline_run *runs, int64_t n) {
	for (const baseline_run *r = runs; r < runs + n; r++) {
		const int16_t *c = coefs + BASELINE_PAIR * (int64_t)r->pair, *q = quant + BASELINE_PAIR * r->quant;
		uint8_t *dst = planes + r->dst;
		for (int32_t i = 0; i < r->n; i++, c += BASELINE_PAIR, dst += 16) {
			pair(c, q, dst, r->stride);
		}
	}
}

#else

void baseline_idct_avx2(const int16_t *coefs, const int16_t *quant, uint8_t *planes, const baseline_run *runs, int64_t n) {
	baseline_idct_default(coefs, quant, planes, runs, n); // never called: simd.AVX2 is false
}

#endif
