// C kernels of package jpeg: coefficients -> samples. Fixed-size arithmetic only;
// transform.go has checked every size and owns every buffer. All tables give the same
// bytes.

#ifndef MIXFOLDER_JPEG_KERNELS_H
#define MIXFOLDER_JPEG_KERNELS_H

#include <stdint.h>

// Two neighboring blocks, a pair, have 128 coefficients: eight vectors of 16. The low
// half of each vector belongs to the left block. Vectors 2q and 2q+1 have a pair of
// rows interleaved, (0,4), (2,6), (1,3) and (5,7) for q = 0..3: vector 2q the columns
// 0, 4, 2, 6 in this order, vector 2q+1 the columns 1, 3, 5, 7. So every multiply-add
// of the first pass finds its operands side by side, and after a transposition of
// 32-bit units those of the second pass do, too.
//
// A table of dequantization factors has 128 entries at the same positions.
#define JPEG_PAIR 128

// A run is a row of neighboring pairs.
typedef struct {
	int64_t dst; // offset of its first sample in the planes
	int64_t stride;
	int32_t pair;  // index of its first pair among the coefficients
	int32_t n;     // pairs
	int64_t quant; // index of its dequantization table
} jpeg_run;

typedef void jpeg_idct_kernel(int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *runs, int64_t n, int32_t clear);

typedef void jpeg_idct_scaled_kernel(const int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *run, int32_t width, int32_t height);

typedef struct {
	// Dequantizes and transforms n runs. All 16 columns and 8 rows of samples of each
	// pair are written. With clear, the coefficients are zero afterwards: clearing them
	// while they are in the cache takes half the time that it takes before the next
	// chunk.
	jpeg_idct_kernel *idct;
	// Dequantizes a run and transforms each of its blocks to width x height samples: 4
	// x 4, 2 x 2, 1 x 1, or 2 x 1 or 1 x 2 equal ones. All 2*width columns and height
	// rows of samples of each pair are written.
	jpeg_idct_scaled_kernel *idct_scaled;
} jpeg_kernels;

extern const jpeg_kernels jpeg_generic, jpeg_avx2;

// The table in use. Go sets it before the first call.
extern const jpeg_kernels *jpeg_used;

static inline void jpeg_idct(int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *runs, int64_t n, int32_t clear) {
	jpeg_used->idct(coefs, dequant, planes, runs, n, clear);
}

static inline void jpeg_idct_scaled(const int16_t *coefs, const int16_t *dequant, uint8_t *planes,
    const jpeg_run *run, int32_t width, int32_t height) {
	jpeg_used->idct_scaled(coefs, dequant, planes, run, width, height);
}

#endif
