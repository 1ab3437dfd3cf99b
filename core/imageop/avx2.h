// What the kernels of package augment share.

#ifndef MIXFOLDER_AUGMENT_AVX2_H
#define MIXFOLDER_AUGMENT_AVX2_H

#include <stdint.h>

// No fused multiply-add: Clang heeds the pragma, GCC the -std=c11 of the cgo line.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE_AVX2 static inline __attribute__((always_inline, target("avx2")))
#endif

// Pillow's Image.blend: in 32-bit floats, rounded down, clipped. Clipping what is
// rounded comes to the same.
INLINE uint8_t blend(int a, int b, float factor) {
	int v = (int)((float)a + factor * (float)(b - a));
	v = v < 0 ? 0 : v;
	return (uint8_t)(v > 255 ? 255 : v);
}

#endif
