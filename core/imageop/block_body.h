// Blocks of pixels, for the target that the including file defines: load, change by
// plain C, store.

#ifndef MIXFOLDER_IMAGEOP_BLOCK_BODY_H
#define MIXFOLDER_IMAGEOP_BLOCK_BODY_H

#include <string.h>

#include "../simd/kernel.h"
#include "kernels.h"

// Pixels are processed in blocks with one plane per color. Operations on a block are
// plain C, which compilers vectorize for each target; only deinterleaving packed pixels
// needs intrinsics.
enum { BLOCK = 64 };

typedef struct {
	uint8_t c[3][BLOCK];
} block;

// n pixels of s, at most BLOCK. The others are unchanged. Gray pixels have three equal
// colors.
INLINE void load(block *b, const uint8_t *s, int64_t n, int channels) {
	const int g = channels == 1 ? 0 : 1;
	for (int64_t i = 0; i < n; i++) {
		b->c[0][i] = s[channels * i];
		b->c[1][i] = s[channels * i + g];
		b->c[2][i] = s[channels * i + 2 * g];
	}
}

INLINE void store(uint8_t *d, const block *b, int64_t n, int channels) {
	for (int64_t i = 0; i < n; i++) {
		d[channels * i] = b->c[0][i];
		d[channels * i + 1] = b->c[1][i];
		d[channels * i + 2] = b->c[2][i];
	}
}

typedef void load_block(block *b, const uint8_t *s, int64_t n, int channels);
typedef void store_block(uint8_t *d, const block *b, int64_t n, int channels);

// A function that changes a block by an amount.
typedef void change_block(block *b, float amount);

// Loads the pixels from i on, BLOCK at most, and returns how many. The rest of the
// block is black.
INLINE int64_t next_block(
    block *b, const uint8_t *pix, int64_t i, int64_t pixels, int channels, load_block *load) {
	int64_t n = pixels - i < BLOCK ? pixels - i : BLOCK;
	if (n < BLOCK) {
		memset(b, 0, sizeof *b);
	}
	load(b, pix + channels * i, n, channels);
	return n;
}

INLINE void change_blocks(uint8_t *pix, int64_t pixels, int channels, load_block *load,
    store_block *store, change_block *change, float amount) {
	for (int64_t i = 0; i < pixels; i += BLOCK) {
		block b;
		int64_t n = next_block(&b, pix, i, pixels, channels, load);
		change(&b, amount);
		store(pix + channels * i, &b, n, channels);
	}
}

#endif
