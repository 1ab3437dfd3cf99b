// C kernels of package jpeg: coefficients -> samples. Fixed-size arithmetic only;
// idct.go has checked every size and owns every buffer. Each kernel exists for the
// default target and for AVX2, with the same bytes.

#ifndef MIXFOLDER_JPEG_IDCT_H
#define MIXFOLDER_JPEG_IDCT_H

#include <stdint.h>

// A run is a row of pairs of blocks, each beside the one before.
typedef struct {
	int64_t dst; // where in the planes it starts
	int64_t stride;
	int32_t pair;  // its first pair among the coefficients
	int32_t n;     // pairs
	int64_t quant; // its quantization table
} jpeg_run;

// Two blocks that stand side by side take 128 coefficients: eight vectors, 0..7, of 16.
// The low half of a vector is the left block's. Vectors 2q and 2q+1 have a pair of
// rows, q = 0..3: (0,4), (2,6), (1,3), (5,7), interleaved; vector 2q has their columns
// 0, 4, 2, 6 in this order, 2q+1 has 1, 3, 5, 7. So every multiply-add of the first
// pass finds its operands beside each other, and after a transposition of 32-bit units
// those of the second pass do, too.
//
// A quantization table has 128 factors at the same places.
#define JPEG_PAIR 128

// jpeg_idct dequantizes and transforms n runs. Bytes of all 16 columns and 8 rows of
// each pair are written. With wipe, the coefficients are zero afterwards: wiping them
// while they are in the cache takes half the time that it takes before the next chunk.
void jpeg_idct_default(int16_t *coefs, const int16_t *quant, uint8_t *planes, const jpeg_run *runs,
    int64_t n, int32_t wipe);
void jpeg_idct_avx2(int16_t *coefs, const int16_t *quant, uint8_t *planes, const jpeg_run *runs,
    int64_t n, int32_t wipe);

#endif
