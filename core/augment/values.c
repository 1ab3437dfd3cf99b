#include "kernel.h"

#include "avx2.h"

#include <string.h>

void augment_look_up(uint8_t *pix, ptrdiff_t pixels, int channels, const uint8_t *tables, int avx2) {
	const uint8_t *r = tables, *g = tables + 256, *b = tables + 512;
	(void)avx2;
	switch (channels) {
	case 1:
		for (ptrdiff_t i = 0; i < pixels; i++)
			pix[i] = r[pix[i]];
		break;
	case 3:
		for (ptrdiff_t i = 0; i < pixels; i++, pix += 3) {
			uint8_t x = r[pix[0]], y = g[pix[1]], z = b[pix[2]];
			pix[0] = x;
			pix[1] = y;
			pix[2] = z;
		}
		break;
	default:
		for (ptrdiff_t i = 0; i < pixels; i++, pix += 4) {
			uint8_t x = r[pix[0]], y = g[pix[1]], z = b[pix[2]];
			pix[0] = x;
			pix[1] = y;
			pix[2] = z;
		}
	}
}

// Counting the same value twice in a row waits for the memory, so that neighbours are counted apart.
void augment_count(const uint8_t *pix, ptrdiff_t pixels, int channels, uint32_t *counts) {
	const int colours = channels < 3 ? channels : 3;
	uint32_t odd[3 * 256];
	memset(odd, 0, sizeof odd);
	ptrdiff_t i = 0;
	for (; i + 2 <= pixels; i += 2, pix += 2 * channels)
		for (int c = 0; c < colours; c++) {
			counts[256 * c + pix[c]]++;
			odd[256 * c + pix[channels + c]]++;
		}
	for (int c = 0; i < pixels && c < colours; c++)
		counts[256 * c + pix[c]]++;
	for (int k = 0; k < 256 * colours; k++)
		counts[k] += odd[k];
}

INLINE void extremes(const uint8_t *pix, ptrdiff_t bytes, uint8_t *low, uint8_t *high) {
	ptrdiff_t i = 0;
	for (; i + AUGMENT_PERIOD <= bytes; i += AUGMENT_PERIOD)
		for (int k = 0; k < AUGMENT_PERIOD; k++) {
			uint8_t v = pix[i + k];
			low[k] = v < low[k] ? v : low[k];
			high[k] = v > high[k] ? v : high[k];
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
	if (avx2)
		extremes_avx2(pix, bytes, l, h);
	else
#endif
		extremes(pix, bytes, l, h);
	memcpy(low, l, sizeof l);
	memcpy(high, h, sizeof h);
}
