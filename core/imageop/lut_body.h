// Lookup tables and extremes, for the target that the including file defines.

#ifndef MIXFOLDER_IMAGEOP_LUT_BODY_H
#define MIXFOLDER_IMAGEOP_LUT_BODY_H

#include <string.h>

#include "../simd/kernel.h"
#include "kernels.h"

INLINE void look_up_pixels(uint8_t *pix, int64_t pixels, int channels, const uint8_t *tables) {
	const uint8_t *r = tables, *g = tables + 256, *b = tables + 512;
	for (int64_t i = 0; i < pixels; i++, pix += channels) {
		uint8_t x = r[pix[0]], y = g[pix[1]], z = b[pix[2]];
		pix[0] = x;
		pix[1] = y;
		pix[2] = z;
	}
}

TARGET static void look_up_bytes(uint8_t *pix, int64_t bytes, const uint8_t *table) {
	for (int64_t i = 0; i < bytes; i++) {
		pix[i] = table[pix[i]];
	}
}

// Look up the first values or pixels, and return how many.
typedef int64_t look_up_start(uint8_t *pix, int64_t n, const uint8_t *tables);

INLINE void look_up_with(uint8_t *pix, int64_t pixels, int channels, const uint8_t *tables,
    look_up_start *bytes_start, look_up_start *pixels_start) {
	// the second like the first, the third like the second
	const int same = memcmp(tables, tables + 256, 512) == 0;
	if (channels == 1 || (channels == 3 && same)) {
		int64_t bytes = pixels * channels, done = bytes_start(pix, bytes, tables);
		look_up_bytes(pix + done, bytes - done, tables);
	} else if (channels == 3) {
		int64_t done = pixels_start(pix, pixels, tables);
		look_up_pixels(pix + 3 * done, pixels - done, 3, tables);
	} else {
		look_up_pixels(pix, pixels, 4, tables);
	}
}

INLINE void extremes_of(const uint8_t *pix, int64_t bytes, uint8_t *low, uint8_t *high) {
	int64_t i = 0;
	for (; i + IMAGEOP_PERIOD <= bytes; i += IMAGEOP_PERIOD) {
		for (int k = 0; k < IMAGEOP_PERIOD; k++) {
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

TARGET static void extremes(const uint8_t *pix, int64_t bytes, uint8_t *low, uint8_t *high) {
	uint8_t l[IMAGEOP_PERIOD], h[IMAGEOP_PERIOD]; // which no other pointer points to
	memcpy(l, low, sizeof l);
	memcpy(h, high, sizeof h);
	extremes_of(pix, bytes, l, h);
	memcpy(low, l, sizeof l);
	memcpy(high, h, sizeof h);
}

#endif
