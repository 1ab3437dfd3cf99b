#define TARGET
#include "kernels_body.h"

static void idct(int16_t *coefs, const int16_t *dequant, uint8_t *planes, const jpeg_run *runs,
    int64_t n, int32_t clear) {
	for (const jpeg_run *r = runs; r < runs + n; r++) {
		int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair;
		const int16_t *q = dequant + JPEG_PAIR * r->quant;
		uint8_t *dst = planes + r->dst;
		for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 16) {
			idct_block(c, q, dst, r->stride);
			idct_block(c + 8, q + 8, dst + 8, r->stride);
			for (int k = 0; clear && k < JPEG_PAIR; k++) {
				c[k] = 0;
			}
		}
	}
}

#define MUL(c, i) ((uint32_t)((c) * x[i][k]))

// idct4 transforms eight columns (or rows) side by side to four outputs each: x[i] has
// input i of each, out[i] output i.
INLINE void idct4(int16_t x[8][8], uint32_t round, int shift, int32_t out[8][8]) {
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

// idct2 is the same to two outputs.
INLINE void idct2(int16_t x[8][8], uint32_t round, int shift, int32_t out[8][8]) {
	for (int k = 0; k < 8; k++) {
		const uint32_t even = 2 * MUL(TWO_0, 0) + round;
		const uint32_t odd = MUL(TWO_1, 1) + MUL(TWO_3, 3) + MUL(TWO_5, 5) + MUL(TWO_7, 7);
		out[0][k] = (int32_t)(even + odd) >> shift;
		out[1][k] = (int32_t)(even - odd) >> shift;
	}
}

#undef MUL

// idct_scaled_block transforms one block of a pair to n x n samples, 4 x 4 or 2 x 2.
static void idct_scaled_block(
    const int16_t *c, const int16_t *q, uint8_t *dst, int64_t stride, int n) {
	int16_t x[8][8] = {0};
	int32_t out[8][8];
	dequantize(c, q, x);
	if (n == 4) {
		idct4(x, ROUND_PASS1(FOUR_SHIFT1), FOUR_SHIFT1, out);
		transpose(out, 4, x);
		idct4(x, ROUND_PASS2(FOUR_SHIFT2), FOUR_SHIFT2, out);
	} else {
		idct2(x, ROUND_PASS1(TWO_SHIFT1), TWO_SHIFT1, out);
		transpose(out, 2, x);
		idct2(x, ROUND_PASS2(TWO_SHIFT2), TWO_SHIFT2, out);
	}
	for (int row = 0; row < n; row++, dst += stride) {
		for (int i = 0; i < n; i++) {
			dst[i] = (uint8_t)clamp(out[i][row], 0, 255);
		}
	}
}

static void idct_scaled(const int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *r, int32_t width, int32_t height) {
	const int16_t *c = coefs + JPEG_PAIR * (int64_t)r->pair, *q = dequant + JPEG_PAIR * r->quant;
	uint8_t *dst = planes + r->dst;
	if (width != height || width == 1) {
		dc_only(c, q, dst, r, width, height);
		return;
	}
	for (int32_t i = 0; i < r->n; i++, c += JPEG_PAIR, dst += 2 * width) {
		idct_scaled_block(c, q, dst, r->stride, width);
		idct_scaled_block(c + 8, q + 8, dst + width, r->stride, width);
	}
}

const jpeg_kernels jpeg_generic = {idct, idct_scaled};

const jpeg_kernels *jpeg_used = &jpeg_generic;
