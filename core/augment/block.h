// Blocks of pixels for the kernels of package augment: load, do something in plain C, store.

#ifndef MIXFOLDER_AUGMENT_BLOCK_H
#define MIXFOLDER_AUGMENT_BLOCK_H

#include <stddef.h>
#include <string.h>

#include "avx2.h"

// Pixels are taken in blocks, a plane for each colour. What is done to a block is plain C that compilers turn into vectors, of the
// default target and of AVX2; only taking packed pixels apart needs a hand.
enum { BLOCK = 64 };

typedef struct {
	uint8_t c[3][BLOCK];
} block;

// n pixels of s, BLOCK at most. The others stay as they are. Gray pixels have three equal colours.
INLINE void load(block *b, const uint8_t *s, ptrdiff_t n, int channels) {
	const int g = channels == 1 ? 0 : 1;
	for (ptrdiff_t i = 0; i < n; i++) {
		b->c[0][i] = s[channels * i];
		b->c[1][i] = s[channels * i + g];
		b->c[2][i] = s[channels * i + 2 * g];
	}
}

INLINE void store(uint8_t *d, const block *b, ptrdiff_t n, int channels) {
	for (ptrdiff_t i = 0; i < n; i++) {
		d[channels * i] = b->c[0][i];
		d[channels * i + 1] = b->c[1][i];
		d[channels * i + 2] = b->c[2][i];
	}
}

// Does `change` to each block b of pix. What the last one has too many of is black.
#define EACH_BLOCK(load, channels, change)                             \
	do {                                                               \
		for (ptrdiff_t i = 0; i < pixels; i += BLOCK) {                \
			ptrdiff_t n = pixels - i < BLOCK ? pixels - i : BLOCK;     \
			block b;                                                   \
			if (n < BLOCK)                                             \
				memset(&b, 0, sizeof b);                               \
			load(&b, pix + channels * i, n, channels);                 \
			change;                                                    \
		}                                                              \
	} while (0)

// The same, and stores what became of it.
#define EACH_CHANGED(load, store, channels, change) EACH_BLOCK(load, channels, change; store(pix + channels * i, &b, n, channels))

#if defined(__x86_64__)

// Which bytes of 3 vectors of 16 (packed pixels of 3 bytes) belong to each plane, and which of 3 planes to each vector.
static const int8_t apart[3][3][16] = {
	{{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
	 {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
	 {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
	{{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
	 {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
	 {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
	{{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
	 {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
	 {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}},
}, together[3][3][16] = {
	{{0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5},
	 {-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1},
	 {-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1}},
	{{-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1},
	 {5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10},
	 {-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1}},
	{{-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1},
	 {-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1},
	 {10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15}},
};

INLINE_AVX2 __m128i picked(__m128i v, const int8_t *from) { return _mm_shuffle_epi8(v, _mm_loadu_si128((const __m128i *)from)); }

// 16 pixels: d[c] is put together from the bytes of s that from[c] picks from each.
INLINE_AVX2 void shuffle3(uint8_t *const d[3], const uint8_t *const s[3], const int8_t from[3][3][16]) {
	__m128i v[3], to[3];
	for (int c = 0; c < 3; c++)
		v[c] = _mm_loadu_si128((const __m128i *)s[c]);
	for (int c = 0; c < 3; c++)
		to[c] = _mm_or_si128(_mm_or_si128(picked(v[0], from[c][0]), picked(v[1], from[c][1])), picked(v[2], from[c][2]));
	for (int c = 0; c < 3; c++)
		_mm_storeu_si128((__m128i *)d[c], to[c]);
}

INLINE_AVX2 void load_avx2(block *b, const uint8_t *s, ptrdiff_t n, int channels) {
	if (channels != 3 || n < BLOCK) {
		load(b, s, n, channels);
		return;
	}
	for (int i = 0; i < BLOCK; i += 16)
		shuffle3((uint8_t *const[]){b->c[0] + i, b->c[1] + i, b->c[2] + i},
		         (const uint8_t *const[]){s + 3 * i, s + 3 * i + 16, s + 3 * i + 32}, apart);
}

INLINE_AVX2 void store_avx2(uint8_t *d, const block *b, ptrdiff_t n, int channels) {
	if (channels != 3 || n < BLOCK) {
		store(d, b, n, channels);
		return;
	}
	for (int i = 0; i < BLOCK; i += 16)
		shuffle3((uint8_t *const[]){d + 3 * i, d + 3 * i + 16, d + 3 * i + 32},
		         (const uint8_t *const[]){b->c[0] + i, b->c[1] + i, b->c[2] + i}, together);
}

#endif

#endif
