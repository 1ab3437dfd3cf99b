#include "kernel.h"

#include <string.h>

// Both functions work on a pixel as one little-endian number of 32 bits, in a form that
// the compiler turns into vectors.

static inline __attribute__((always_inline)) void premultiply(
    uint8_t *dst, const uint8_t *src, ptrdiff_t pixels) {
	const uint32_t odd = 0x00ff00ff, half = 0x00800080;
	for (ptrdiff_t p = 0; p < pixels; p++) {
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
static inline __attribute__((always_inline)) uint32_t divide(uint32_t c, float a) {
	float v = (float)(int32_t)(c * 255) / a;
	return (uint32_t)(int32_t)(v < 255.0f ? v : 255.0f);
}

static inline __attribute__((always_inline)) void unpremultiply(uint8_t *pix, ptrdiff_t pixels) {
	for (ptrdiff_t p = 0; p < pixels; p++) {
		uint32_t v;
		memcpy(&v, pix + 4 * p, 4);
		uint32_t a = v >> 24;
		// By 255 where a is 0. Without a branch, so that this becomes vectors.
		float by = (float)(int32_t)(a | (255 & ((int32_t)(a - 1) >> 31)));
		v = divide(v & 0xff, by) | divide(v >> 8 & 0xff, by) << 8 |
		    divide(v >> 16 & 0xff, by) << 16 | a << 24;
		memcpy(pix + 4 * p, &v, 4);
	}
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void premultiply_avx2(
    uint8_t *dst, const uint8_t *src, ptrdiff_t pixels) {
	premultiply(dst, src, pixels);
}

__attribute__((target("avx2"))) static void unpremultiply_avx2(uint8_t *pix, ptrdiff_t pixels) {
	unpremultiply(pix, pixels);
}
#endif

void resample_premultiply(uint8_t *dst, const uint8_t *src, ptrdiff_t pixels, int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		premultiply_avx2(dst, src, pixels);
		return;
	}
#endif
	premultiply(dst, src, pixels);
}

void resample_unpremultiply(uint8_t *pix, ptrdiff_t pixels, int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		unpremultiply_avx2(pix, pixels);
		return;
	}
#endif
	unpremultiply(pix, pixels);
}
