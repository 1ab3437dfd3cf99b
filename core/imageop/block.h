// Blocks of pixels for the kernels of package augment: load, do something in plain C,
// store.

#ifndef MIXFOLDER_AUGMENT_BLOCK_H
#define MIXFOLDER_AUGMENT_BLOCK_H

#include <stddef.h>
#include <string.h>

#include "avx2.h"

// Pixels are taken in blocks, a plane for each color. What is done to a block is plain
// C that compilers turn into vectors, of the default target and of AVX2; only taking
// packed pixels apart needs a hand.
enum { BLOCK = 64 };

typedef struct {
	uint8_t c[3][BLOCK];
} block;

// n pixels of s, BLOCK at most. The others stay as they are. Gray pixels have three
// equal colors.
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
#define EACH_BLOCK(load, channels, change)                                                         \
	do {                                                                                           \
		for (ptrdiff_t i = 0; i < pixels; i += BLOCK) {                                            \
			ptrdiff_t n = pixels - i < BLOCK ? pixels - i : BLOCK;                                 \
			block b;                                                                               \
			if (n < BLOCK)                                                                         \
				memset(&b, 0, sizeof b);                                                           \
			load(&b, pix + channels * i, n, channels);                                             \
			change;                                                                                \
		}                                                                                          \
	} while (0)

// The same, and stores what became of it.
#define EACH_CHANGED(load, store, channels, change)                                                \
	EACH_BLOCK(load, channels, change; store(pix + channels * i, &b, n, channels))

#if defined(__x86_64__)

// Which bytes of 3 vectors of 16 (packed pixels of 3 bytes) belong to each plane, and
// which of 3 planes to each vector.
static const int8_t apart[3][3][16] =
    {
        {{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
        {{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
        {{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}},
    },
                    together[3][3][16] = {
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

// The bytes of 3 vectors that `from` picks from each, in each lane.
INLINE_AVX2 __m256i shuffled(const __m256i v[3], const int8_t from[3][16]) {
	__m256i bytes[3];
	for (int k = 0; k < 3; k++) {
		bytes[k] = _mm256_shuffle_epi8(
		    v[k], _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)from[k])));
	}
	return _mm256_or_si256(_mm256_or_si256(bytes[0], bytes[1]), bytes[2]);
}

// 32 pixels of 3 bytes to planes, those of the first 16 in the low lanes, and back.

INLINE_AVX2 void take_apart(__m256i plane[3], const uint8_t *s) {
	__m256i v[3];
	for (int k = 0; k < 3; k++) {
		v[k] =
		    _mm256_loadu2_m128i((const __m128i *)(s + 16 * k + 48), (const __m128i *)(s + 16 * k));
	}
	for (int c = 0; c < 3; c++) {
		plane[c] = shuffled(v, apart[c]);
	}
}

INLINE_AVX2 void put_together(uint8_t *d, const __m256i plane[3]) {
	for (int k = 0; k < 3; k++) {
		_mm256_storeu2_m128i(
		    (__m128i *)(d + 16 * k + 48), (__m128i *)(d + 16 * k), shuffled(plane, together[k]));
	}
}

INLINE_AVX2 void load_avx2(block *b, const uint8_t *s, ptrdiff_t n, int channels) {
	if (channels != 3 || n < BLOCK) {
		load(b, s, n, channels);
		return;
	}
	for (int i = 0; i < BLOCK; i += 32) {
		__m256i plane[3];
		take_apart(plane, s + 3 * i);
		for (int c = 0; c < 3; c++) {
			_mm256_storeu_si256((__m256i *)(b->c[c] + i), plane[c]);
		}
	}
}

INLINE_AVX2 void store_avx2(uint8_t *d, const block *b, ptrdiff_t n, int channels) {
	if (channels != 3 || n < BLOCK) {
		store(d, b, n, channels);
		return;
	}
	for (int i = 0; i < BLOCK; i += 32) {
		__m256i plane[3];
		for (int c = 0; c < 3; c++) {
			plane[c] = _mm256_loadu_si256((const __m256i *)(b->c[c] + i));
		}
		put_together(d + 3 * i, plane);
	}
}
#endif

#endif
