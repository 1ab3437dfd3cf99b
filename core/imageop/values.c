#include "kernel.h"

#include "block.h"

#include <string.h>

INLINE void look_up(uint8_t *pix, ptrdiff_t pixels, int channels, const uint8_t *tables) {
	const uint8_t *r = tables, *g = tables + 256, *b = tables + 512;
	for (ptrdiff_t i = 0; i < pixels; i++, pix += channels) {
		uint8_t x = r[pix[0]], y = g[pix[1]], z = b[pix[2]];
		pix[0] = x;
		pix[1] = y;
		pix[2] = z;
	}
}

static void look_up_bytes(uint8_t *pix, ptrdiff_t bytes, const uint8_t *table) {
	for (ptrdiff_t i = 0; i < bytes; i++) {
		pix[i] = table[pix[i]];
	}
}

#if defined(__x86_64__)
// Entry 16 * k + low of a table.
INLINE_AVX2 __m256i entry(const uint8_t *table, int k, __m256i low) {
	return _mm256_shuffle_epi8(
	    _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(table + 16 * k))), low);
}

// 32 values, each looked up in all 16 parts of the table by its low bits; the high bits
// pick one, two by two. Takes half of the time of 32 loads and stores.
INLINE_AVX2 __m256i entries(const uint8_t *table, __m256i v) {
	__m256i low = _mm256_and_si256(v, _mm256_set1_epi8(15)), part[8];
	// The highest bit of each byte counts.
	__m256i bit4 = _mm256_slli_epi16(v, 3), bit5 = _mm256_slli_epi16(v, 2),
	        bit6 = _mm256_slli_epi16(v, 1);
	for (int k = 0; k < 8; k++) {
		part[k] = _mm256_blendv_epi8(entry(table, 2 * k, low), entry(table, 2 * k + 1, low), bit4);
	}
	for (int k = 0; k < 4; k++) {
		part[k] = _mm256_blendv_epi8(part[2 * k], part[2 * k + 1], bit5);
	}
	for (int k = 0; k < 2; k++) {
		part[k] = _mm256_blendv_epi8(part[2 * k], part[2 * k + 1], bit6);
	}
	return _mm256_blendv_epi8(part[0], part[1], v);
}

AVX2 static ptrdiff_t look_up_bytes_avx2(uint8_t *pix, ptrdiff_t bytes, const uint8_t *table) {
	ptrdiff_t i = 0;
	for (; i + 32 <= bytes; i += 32) {
		_mm256_storeu_si256(
		    (__m256i *)(pix + i), entries(table, _mm256_loadu_si256((const __m256i *)(pix + i))));
	}
	return i;
}

AVX2 static ptrdiff_t look_up3_avx2(uint8_t *pix, ptrdiff_t pixels, const uint8_t *tables) {
	ptrdiff_t i = 0;
	for (; i + 32 <= pixels; i += 32) {
		__m256i plane[3];
		take_apart(plane, pix + 3 * i);
		for (int c = 0; c < 3; c++) {
			plane[c] = entries(tables + 256 * c, plane[c]);
		}
		put_together(pix + 3 * i, plane);
	}
	return i;
}
#endif

void augment_look_up(
    uint8_t *pix, ptrdiff_t pixels, int channels, const uint8_t *tables, int avx2) {
	// the second like the first, the third like the second
	const int same = memcmp(tables, tables + 256, 512) == 0;
	if (channels == 1 || (channels == 3 && same)) {
		ptrdiff_t bytes = pixels * channels, done = 0;
#if defined(__x86_64__)
		if (avx2) {
			done = look_up_bytes_avx2(pix, bytes, tables);
		}
#endif
		look_up_bytes(pix + done, bytes - done, tables);
		return;
	}
	if (channels == 4) {
		look_up(pix, pixels, 4, tables);
		return;
	}
	ptrdiff_t done = 0;
#if defined(__x86_64__)
	if (avx2) {
		done = look_up3_avx2(pix, pixels, tables);
	}
#endif
	look_up(pix + 3 * done, pixels - done, 3, tables);
}

// Counting the same value twice in a row waits for the memory, so that neighbors are
// counted apart.
void augment_count(const uint8_t *pix, ptrdiff_t pixels, int channels, uint32_t *counts) {
	const int colors = channels < 3 ? channels : 3;
	uint32_t odd[3 * 256];
	memset(odd, 0, sizeof odd);
	ptrdiff_t i = 0;
	for (; i + 2 <= pixels; i += 2, pix += 2 * channels) {
		for (int c = 0; c < colors; c++) {
			counts[256 * c + pix[c]]++;
			odd[256 * c + pix[channels + c]]++;
		}
	}
	for (int c = 0; i < pixels && c < colors; c++) {
		counts[256 * c + pix[c]]++;
	}
	for (int k = 0; k < 256 * colors; k++) {
		counts[k] += odd[k];
	}
}

INLINE void extremes(const uint8_t *pix, ptrdiff_t bytes, uint8_t *low, uint8_t *high) {
	ptrdiff_t i = 0;
	for (; i + AUGMENT_PERIOD <= bytes; i += AUGMENT_PERIOD) {
		for (int k = 0; k < AUGMENT_PERIOD; k++) {
			uint8_t v = pix[i + k];
			low[k] = v < low[k] ? v : low[k];
			high[k] = v > high[k] ? v : high[k];
		}
	}
	for (int k = 0; i < bytes; i++, k++) {
		low[k] = pix[i] < low[k] ? pix[i] : low[k];
		high[k] = pix[i] > high[k] ? pix[i] : high[k];
	}
}

#if defined(__x86_64__)
AVX2 static void extremes_avx2(const uint8_t *pix, ptrdiff_t bytes, uint8_t *low, uint8_t *high) {
	extremes(pix, bytes, low, high);
}
#endif

void augment_extremes(const uint8_t *pix, ptrdiff_t bytes, uint8_t *low, uint8_t *high, int avx2) {
	uint8_t l[AUGMENT_PERIOD], h[AUGMENT_PERIOD]; // which no other pointer points to
	memcpy(l, low, sizeof l);
	memcpy(h, high, sizeof h);
#if defined(__x86_64__)
	if (avx2) {
		extremes_avx2(pix, bytes, l, h);
	} else
#endif
		extremes(pix, bytes, l, h);
	memcpy(low, l, sizeof l);
	memcpy(high, h, sizeof h);
}
