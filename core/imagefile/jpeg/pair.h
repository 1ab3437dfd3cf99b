// What the kernels that transform pairs of blocks share.

#ifndef MIXFOLDER_JPEG_PAIR_H
#define MIXFOLDER_JPEG_PAIR_H

#include "idct.h"

static inline int32_t clamp(int32_t v, int32_t lo, int32_t hi) {
	return v < lo ? lo : v > hi ? hi : v;
}

// pair_order is that of rows over the vectors, and of columns within them.
static const uint8_t pair_order[8] = {0, 4, 2, 6, 1, 3, 5, 7};

// dequantize makes the rows of one block of a pair, their columns in pair_order: c and
// q are at the block's half of the vectors.
static inline void dequantize(const int16_t *c, const int16_t *q, int16_t x[8][8]) {
	for (int v = 0; v < 8; v++, c += 16, q += 16) {
		for (int i = 0; i < 8; i++) { // column i/2 of the vector's four, in its rows by turns
			x[pair_order[v / 2 * 2 + i % 2]][v % 2 * 4 + i / 2] =
			    (int16_t)((uint16_t)c[i] * (uint32_t)(uint16_t)q[i]);
		}
	}
}

// between makes the columns that are the input of the second pass from the n rows that
// the first gave.
static inline void between(int32_t rows[8][8], int n, int16_t x[8][8]) {
	for (int row = 0; row < n; row++) {
		for (int i = 0; i < 8; i++) {
			x[pair_order[i]][row] = (int16_t)clamp(rows[row][i], INT16_MIN, INT16_MAX);
		}
	}
}

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define BODY AVX2 static inline __attribute__((always_inline))

BODY __m256i two(int16_t first, int16_t second) {
	return _mm256_set1_epi32((int32_t)((uint32_t)(uint16_t)second << 16 | (uint16_t)first));
}

// turn takes four rows of columns a, b, c, d and gives rows of a, b and of c, d, so
// that a second pass finds its operands.
BODY void turn(const __m256i rows[4], __m256i *ab, __m256i *cd) {
	const __m256 top = _mm256_castsi256_ps(_mm256_packs_epi32(rows[0], rows[1]));
	const __m256 bottom = _mm256_castsi256_ps(_mm256_packs_epi32(rows[2], rows[3]));
	*ab = _mm256_castps_si256(_mm256_shuffle_ps(top, bottom, _MM_SHUFFLE(2, 0, 2, 0)));
	*cd = _mm256_castps_si256(_mm256_shuffle_ps(top, bottom, _MM_SHUFFLE(3, 1, 3, 1)));
}

// four makes four rows of four bytes of four columns.
BODY __m256i four(const __m256i columns[4]) {
	const __m256i bytes = _mm256_packus_epi16(
	    _mm256_packs_epi32(columns[0], columns[1]), _mm256_packs_epi32(columns[2], columns[3]));
	return _mm256_shuffle_epi8(
	    bytes, _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12,
	               1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}

#endif

#endif
