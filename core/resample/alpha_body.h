// Multiplying colors by alpha, and dividing them, for the target that the including
// file defines.

#ifndef MIXFOLDER_RESAMPLE_ALPHA_BODY_H
#define MIXFOLDER_RESAMPLE_ALPHA_BODY_H

#include <string.h>

#include "../simd/kernel.h"
#include "kernels.h"

// Both functions work on a pixel as one little-endian number of 32 bits, in a form that
// the compiler turns into vectors.

TARGET static void premultiply(uint8_t *dst, const uint8_t *src, int64_t pixels) {
	const uint32_t odd = 0x00ff00ff, half = 0x00800080;
	for (int64_t p = 0; p < pixels; p++) {
		uint32_t v;
		memcpy(&v, src + 4 * p, 4);
		// Two products of bytes in one 32-bit number. (t + t/256)/256 with t = product
		// + 128 is the exact rounded quotient by 255.
		uint32_t a = v >> 24, rb = (v & odd) * a + half, g = (v >> 8 & 0xff) * a + 128;
		rb = (rb + (rb >> 8 & odd)) >> 8 & odd;
		g = (g + (g >> 8)) >> 8;
		v = rb | g << 8 | a << 24;
		memcpy(dst + 4 * p, &v, 4);
	}
}

// c*255/a, rounded down and clipped. Floats are exact enough for that: the quotient is
// below 2^16 and an integer, or at least 1/255 away from the next.
INLINE uint32_t divide(uint32_t c, float a) {
	float v = (float)(int32_t)(c * 255) / a;
	return (uint32_t)(int32_t)(v < 255.0f ? v : 255.0f);
}

TARGET static void unpremultiply(uint8_t *pix, int64_t pixels) {
	for (int64_t p = 0; p < pixels; p++) {
		uint32_t v;
		memcpy(&v, pix + 4 * p, 4);
		uint32_t a = v >> 24;
		// By 255 where a is 0. Without a branch, so that this becomes vectors.
		float alpha = (float)(int32_t)(a | (255 & ((int32_t)(a - 1) >> 31)));
		v = divide(v & 0xff, alpha) | divide(v >> 8 & 0xff, alpha) << 8 |
		    divide(v >> 16 & 0xff, alpha) << 16 | a << 24;
		memcpy(pix + 4 * p, &v, 4);
	}
}

#endif
