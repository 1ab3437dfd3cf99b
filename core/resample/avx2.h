// What the AVX2 kernels of package resample share. To be included on x86-64 only.

#ifndef MIXFOLDER_RESAMPLE_AVX2_H
#define MIXFOLDER_RESAMPLE_AVX2_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline, target("avx2")))

// Two coefficients in every 32 bits.
INLINE __m256i pair(const int16_t *c) {
	int32_t v;
	memcpy(&v, c, 4);
	return _mm256_set1_epi32(v);
}

#endif
