// The kernels of package jpeg in plain C, for the target that the including file
// defines.

#include "../../simd/kernel.h"
#include "kernels.h"

// The full transform is libjpeg's jidctint.c ("islow": Loeffler, Ligtenberg and
// Moschytz 1989, 13-bit constants, columns first, 2 bits kept between the passes,
// rounded after each), with the overflows of libjpeg-turbo's SIMD (jidctint-avx2.asm),
// which damaged files reach. Products of coefficient and factor keep 16 bits, and so do
// sums of two inputs; the results of each pass saturate to 16 bits. If all rows of
// coefficients but the first are zero, the first pass is a shift that keeps 16 bits.
// Nothing else overflows: 32768 * (8192 + 10703 + 4433 + 4176 + 20995 + 9633 + 6437) +
// (1 << 17) is below 2^31.
enum {
	ONE = 8192,
	C2_2 = 10703,
	C2_6 = 4433, // x2 and x6 in outputs 0 and 7, 3 and 4
	C6_2 = 4433,
	C6_6 = -10704, // in outputs 1 and 6, 2 and 5
	SHIFT1 = 11,
	SHIFT2 = 18,
};

// The scaled transforms are those of libjpeg's jidctred.c, which omit some of the
// higher frequencies: 4 x 4 reads no row or column 4, 2 x 2 none of 2, 4 and 6.
// Constants have 13 bits and are scaled by the square root of 2; 2 bits are kept
// between the passes.
//
// Products of coefficient and factor keep 16 bits, and the results of the first pass
// saturate to 16 bits, as in libjpeg-turbo's SIMD. Sums of absurd coefficients wrap
// around at 32 bits, hence the unsigned arithmetic.
enum {
	// 4 x 4: x0, x2, x6 in all outputs, x1, x3, x5, x7 in outputs 0 and 3, and in 1 and
	// 2
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
	// 2 x 2: x1, x3, x5, x7; the factor of x0 is 32768, which does not fit int16
	TWO_0 = 16384,
	TWO_1 = 29692,
	TWO_3 = -10426,
	TWO_5 = 6967,
	TWO_7 = -5906,
	TWO_SHIFT1 = 13,
	TWO_SHIFT2 = 20,
};

// Rounding of the scaled transforms. In the second pass a sample of 0 is gray, 128.
#define ROUND_PASS1(shift) (1 << ((shift) - 1))
#define ROUND_PASS2(shift) (ROUND_PASS1(shift) + (128 << (shift)))

INLINE int32_t clamp(int32_t v, int32_t lo, int32_t hi) { return v < lo ? lo : v > hi ? hi : v; }

// The order of rows over the vectors of a pair, and of columns within them.
static const uint8_t pair_order[8] = {0, 4, 2, 6, 1, 3, 5, 7};

// dequantize returns the rows of one block of a pair, their columns in pair_order: c
// and q point to the block's half of the vectors.
INLINE void dequantize(const int16_t *c, const int16_t *q, int16_t x[8][8]) {
	for (int v = 0; v < 8; v++, c += 16, q += 16) {
		for (int i = 0; i < 8; i++) { // column i/2 of the vector's four, of its two rows in turn
			x[pair_order[v / 2 * 2 + i % 2]][v % 2 * 4 + i / 2] =
			    (int16_t)((uint16_t)c[i] * (uint32_t)(uint16_t)q[i]);
		}
	}
}

// transpose turns the n rows that the first pass returned into the columns that the
// second pass takes.
INLINE void transpose(int32_t rows[8][8], int n, int16_t x[8][8]) {
	for (int row = 0; row < n; row++) {
		for (int i = 0; i < 8; i++) {
			x[pair_order[i]][row] = (int16_t)clamp(rows[row][i], INT16_MIN, INT16_MAX);
		}
	}
}

// idct8 transforms eight columns (or rows) side by side: x[i] has input i of each,
// out[i] output i.
INLINE void idct8(int16_t x[8][8], int shift, int32_t out[8][8]) {
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

// first_row_only reports whether all rows of a block but the first are zero.
INLINE int first_row_only(const int16_t *c) {
	int any = 0;
	for (int v = 0; v < 8; v++, c += 16) {
		for (int i = 0; i < 8; i++) {
			any |= v < 2 && i % 2 == 0 ? 0 : c[i];
		}
	}
	return any == 0;
}

// idct_block transforms one block of a pair.
static __attribute__((noinline)) TARGET void idct_block(
    const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride) {
	int16_t x[8][8];
	int32_t out[8][8];
	dequantize(c, q, x);
	if (first_row_only(c)) {
		for (int i = 0; i < 64; i++) {
			out[i / 8][i % 8] = (int16_t)((uint32_t)x[0][i % 8] << 2);
		}
	} else {
		idct8(x, SHIFT1, out);
	}
	transpose(out, 8, x);
	idct8(x, SHIFT2, out);
	for (int row = 0; row < 8; row++, dst += stride) {
		for (int i = 0; i < 8; i++) {
			dst[i] = (uint8_t)clamp(out[i][row] + 128, 0, 255);
		}
	}
}

// dc_sample is the only sample of a block. Absurd ones wrap around at 10 bits before
// they are clamped, as in libjpeg, which has no SIMD here.
INLINE uint8_t dc_sample(int16_t c, int16_t q) {
	const int32_t v = ((int16_t)((uint16_t)c * (uint32_t)(uint16_t)q) + 4) >> 3;
	return (uint8_t)clamp(((int32_t)((uint32_t)v << 22) >> 22) + 128, 0, 255);
}

// dc_only transforms a run to 1 x 1, 2 x 1 or 1 x 2 samples per block.
static inline TARGET void dc_only(const int16_t *c, const int16_t *q, uint8_t *dst,
    const jpeg_run *r, int32_t width, int32_t height) {
	for (int32_t i = 0; i < 2 * r->n; i++, dst += width) {
		const uint8_t v = dc_sample(c[i / 2 * JPEG_PAIR + i % 2 * 8], q[0]);
		dst[0] = v;
		dst[width - 1] = v;
		dst[(height - 1) * r->stride] = v;
	}
}
