// Luma, saturation and hue, for the target that the including file defines.

#ifndef MIXFOLDER_IMAGEOP_COLOR_BODY_H
#define MIXFOLDER_IMAGEOP_COLOR_BODY_H

#include "../simd/luma.h"
#include "blend.h"
#include "block_body.h"

INLINE void luma(uint8_t *l, const block *b) {
	for (int i = 0; i < BLOCK; i++) {
		l[i] = luma601(b->c[0][i], b->c[1][i], b->c[2][i]);
	}
}

INLINE uint32_t sum_of_luma(const block *b) {
	uint8_t l[BLOCK];
	uint16_t s = 0; // 64 * 255 at most
	luma(l, b);
	for (int i = 0; i < BLOCK; i++) {
		s = (uint16_t)(s + l[i]);
	}
	return s;
}

INLINE void saturate_block(block *b, float factor) {
	uint8_t l[BLOCK];
	luma(l, b);
	for (int c = 0; c < 3; c++) {
		for (int i = 0; i < BLOCK; i++) {
			b->c[c][i] = blend(l[i], b->c[c][i], factor);
		}
	}
}

// Pillow's conversion from RGB to HSV: h in 255ths of a circle, s; v is the greatest
// value.
//
// Let `middle` be the distance of the second greatest value from the greatest, as a
// fraction of the range of values. Pillow's hue in sixths of a circle (h in
// colorsys.py) is base plus or minus that: one division and one sum of 32-bit floats.
// The rest is in 64 bits.
INLINE void to_hsv(uint8_t *h, uint8_t *s, uint8_t *v, const block *rgb) {
	float sixths[BLOCK], saturation[BLOCK];
	for (int i = 0; i < BLOCK; i++) {
		int r = rgb->c[0][i], g = rgb->c[1][i], b = rgb->c[2][i];
		int high = r > g ? r : g, low = r < g ? r : g;
		high = high > b ? high : b;
		low = low < b ? low : b;
		int range = high - low, middle = 2 * high + low - (r + g + b);
		float share = (float)middle / (float)(range + (range == 0));
		// The greatest is r, or else g, or else b; the minimum decides whether the
		// fraction is added or subtracted.
		int red = r == high, green = (g == high) & !red, blue = !(red | green);
		int up = (red & (g == low)) | (green & (b == low)) | (blue & (r == low));
		int base = 1 - 2 * (red & up) + 2 * (green & !up) + 2 * blue + 2 * (blue & !up);
		sixths[i] = (float)base + (float)(2 * up - 1) * share;
		saturation[i] = (float)range / (float)(high + (high == 0));
		v[i] = (uint8_t)high;
	}
	for (int i = 0; i < BLOCK; i++) {
		double turn = sixths[i] / 6.0 + 1.0;
		turn -= (double)(int)turn;
		h[i] = (uint8_t)(int)((double)(float)turn * 255.0);
	}
	for (int i = 0; i < BLOCK; i++) {
		s[i] = (uint8_t)(int)((double)saturation[i] * 255.0);
	}
}

// a if is_a, b if is_b, else c, without a branch.
INLINE uint8_t select3(uint8_t a, int is_a, uint8_t b, int is_b, uint8_t c) {
	uint8_t of_a = (uint8_t)-is_a, of_b = (uint8_t)-is_b;
	return (a & of_a) | (b & of_b) | (c & (uint8_t)~(of_a | of_b));
}

// Pillow's conversion from HSV to RGB: of the three colors one is v, one the least, and
// one in between.
INLINE void from_hsv(block *rgb, const uint8_t *h, const uint8_t *s, const uint8_t *v) {
	uint8_t sector[BLOCK], least[BLOCK], between[BLOCK];
	for (int i = 0; i < BLOCK; i++) {
		double sixths = (double)h[i] * 6.0 / 255.0;
		int whole = (int)sixths, odd = whole & 1;
		float part = (float)(sixths - (double)whole), share = (float)s[i] / 255.0f;
		double away = (double)(1 - odd) + (double)(2 * odd - 1) * (double)part; // part, or 1 - part
		// Pillow rounds halves away from zero. There are none.
		between[i] = (uint8_t)(int)((double)v[i] * (1.0 - (double)share * away) + 0.5);
		sector[i] = (uint8_t)(whole - 6 * (whole == 6));
	}
	for (int i = 0; i < BLOCK; i++) {
		int n = v[i] * (255 - s[i]) + 128; // divided by 255, rounded
		least[i] = (uint8_t)((n + (n >> 8)) >> 8);
	}
	for (int i = 0; i < BLOCK; i++) {
		uint8_t k = sector[i], x = between[i], p = least[i], w = v[i];
		rgb->c[0][i] = select3(w, (k == 0) | (k == 5), x, (k == 1) | (k == 4), p);
		rgb->c[1][i] = select3(w, (k == 1) | (k == 2), x, (k == 0) | (k == 3), p);
		rgb->c[2][i] = select3(w, (k == 3) | (k == 4), x, (k == 2) | (k == 5), p);
	}
}

INLINE void shift_hue(block *b, float shift) {
	uint8_t h[BLOCK], s[BLOCK], v[BLOCK];
	to_hsv(h, s, v, b);
	for (int i = 0; i < BLOCK; i++) {
		h[i] = (uint8_t)(h[i] + (int)shift);
	}
	from_hsv(b, h, s, v);
}

INLINE uint64_t luma_sum_of(const uint8_t *pix, int64_t pixels, int channels, load_block *load) {
	uint64_t total = 0;
	for (int64_t i = 0; i < pixels; i += BLOCK) {
		block b;
		next_block(&b, pix, i, pixels, channels, load);
		total += sum_of_luma(&b);
	}
	return total;
}

#endif
