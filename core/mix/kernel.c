#include "kernel.h"

#include <string.h>

// No fused multiply-add, whatever the compiler.
#pragma STDC FP_CONTRACT OFF

// half is the nearest 16-bit float, ties to even. Beyond its range it is infinite; a NaN stays one.
static inline uint16_t half(float v) {
	uint32_t bits, sign, result;
	memcpy(&bits, &v, 4);
	sign = bits & 0x80000000u;
	bits ^= sign;
	if (bits >= 0x47800000u) { // 2^16 and more, infinite, NaN
		result = bits > 0x7f800000u ? 0x7e00 : 0x7c00;
	} else if (bits < 0x38800000u) { // below 2^-14: subnormal. A sum of 0.5 has units of 2^-24 as its last bits, and rounds to them.
		float tiny, magic = 0.5f;
		memcpy(&tiny, &bits, 4);
		tiny += magic;
		memcpy(&result, &tiny, 4);
		result -= 0x3f000000u;
	} else { // exponent from bias 127 to bias 15; half of the last place, less one where that place is even
		result = (bits - (112u << 23) + 0xfff + (bits >> 13 & 1)) >> 13;
	}
	return (uint16_t)(result | sign >> 16);
}

static inline void store(uint8_t *dst, ptrdiff_t i, float v, int type) {
	if (type == MIX_FLOAT32) {
		memcpy(dst + 4 * i, &v, 4);
	} else if (type == MIX_FLOAT16) {
		uint16_t h = half(v);
		memcpy(dst + 2 * i, &h, 2);
	} else {
		v = v < 0 ? 0 : v > 255 ? 255 : v;
		const float magic = 8388608.0f; // 2^23: a sum with it has no fraction, it was rounded to even
		dst[i] = (uint8_t)(int32_t)((v + magic) - magic);
	}
}

// The value from input pixels p and q, in output channel c.
static inline float mixed(const float *wa, const float *wb, const float *bias, ptrdiff_t c, uint8_t p, uint8_t q) {
	return (wa[c] * (float)p + wb[c] * (float)q) + bias[c];
}

static void interleaved_default(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t first, ptrdiff_t values, const float *wa,
                                const float *wb, const float *bias, int reverse, int type) {
	for (ptrdiff_t i = first; i < values; i++) {
		ptrdiff_t j = reverse ? i + 2 - 2 * (i % 3) : i;
		store(dst, i, mixed(wa, wb, bias, i % MIX_PERIOD, a[j], b[j]), type);
	}
}

static void planar_default(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b, ptrdiff_t first, ptrdiff_t pixels,
                           int channels, const float *wa, const float *wb, const float *bias, int reverse, int type) {
	for (int c = 0; c < channels; c++) {
		ptrdiff_t j = reverse ? channels - 1 - c : c;
		for (ptrdiff_t i = first; i < pixels; i++)
			store(dst, c * plane + i, mixed(wa, wb, bias, c, a[i * channels + j], b[i * channels + j]), type);
	}
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,f16c")))
#define INLINE static inline __attribute__((always_inline, target("avx2,f16c")))

// The bytes that mask picks from each lane of p (each alone in 32 bits), as floats.
INLINE __m256 floats(__m256i p, __m256i mask) { return _mm256_cvtepi32_ps(_mm256_shuffle_epi8(p, mask)); }

INLINE __m256 mixed8(__m256 p, __m256 q, __m256 wa, __m256 wb, __m256 bias) {
	return _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(wa, p), _mm256_mul_ps(wb, q)), bias);
}

INLINE void store8(uint8_t *dst, ptrdiff_t i, __m256 v, int type) {
	if (type == MIX_FLOAT32) {
		_mm256_storeu_ps((float *)(void *)(dst + 4 * i), v);
	} else if (type == MIX_FLOAT16) {
		_mm_storeu_si128((__m128i *)(dst + 2 * i), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
	} else {
		__m256i n = _mm256_cvtps_epi32(v); // to even
		n = _mm256_packs_epi32(n, n);
		n = _mm256_packus_epi16(n, n);
		_mm_storel_epi64((__m128i *)(dst + i), _mm_unpacklo_epi32(_mm256_castsi256_si128(n), _mm256_extracti128_si256(n, 1)));
	}
}

// A mask that brings bytes low[0..3] of the low lane and high[0..3] of the high one to 32 bits each.
INLINE __m256i pick(const int low[4], const int high[4]) {
	return _mm256_setr_epi32(low[0] | ~0xff, low[1] | ~0xff, low[2] | ~0xff, low[3] | ~0xff,
	                         high[0] | ~0xff, high[1] | ~0xff, high[2] | ~0xff, high[3] | ~0xff);
}

INLINE __m256i twice(const uint8_t *p) { return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p)); }

// 24 values a step, 8 from each of 3 loads of 16 bytes: at 0, 6 and 8, so that each has all pixels that it is about, in both orders.
INLINE ptrdiff_t interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t values, const float *wa, const float *wb,
                             const float *bias, int reverse, int type) {
	static const int at[3] = {0, 6, 8};
	__m256i mask[3];
	for (int g = 0; g < 3; g++) {
		int from[8];
		for (int k = 0; k < 8; k++) {
			int i = 8 * g + k;
			from[k] = (reverse ? i + 2 - 2 * (i % 3) : i) - at[g];
		}
		mask[g] = pick(from, from + 4);
	}
	ptrdiff_t i = 0;
	for (; i + MIX_PERIOD <= values; i += MIX_PERIOD)
		for (int g = 0; g < 3; g++) {
			__m256 p = floats(twice(a + i + at[g]), mask[g]), q = floats(twice(b + i + at[g]), mask[g]);
			__m256 v = mixed8(p, q, _mm256_loadu_ps(wa + 8 * g), _mm256_loadu_ps(wb + 8 * g), _mm256_loadu_ps(bias + 8 * g));
			store8(dst, i + 8 * g, v, type);
		}
	return i;
}

// 8 pixels a step, the first 4 in the low lane, the others in the high one.
INLINE ptrdiff_t planar(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b, ptrdiff_t pixels, int channels,
                        const float *wa, const float *wb, const float *bias, int reverse, int type) {
	const int upper = 8 * channels - 16; // where the load of the high lane starts
	__m256i mask[4];
	for (int c = 0; c < channels; c++) {
		int low[4], high[4];
		for (int k = 0; k < 4; k++) {
			low[k] = channels * k + (reverse ? channels - 1 - c : c);
			high[k] = low[k] + 4 * channels - upper;
		}
		mask[c] = pick(low, high);
	}
	ptrdiff_t i = 0;
	for (; i + 8 <= pixels; i += 8) {
		const uint8_t *s = a + i * channels, *t = b + i * channels;
		__m256i p = _mm256_inserti128_si256(twice(s), _mm_loadu_si128((const __m128i *)(s + upper)), 1);
		__m256i q = _mm256_inserti128_si256(twice(t), _mm_loadu_si128((const __m128i *)(t + upper)), 1);
		for (int c = 0; c < channels; c++) {
			__m256 v = mixed8(floats(p, mask[c]), floats(q, mask[c]), _mm256_set1_ps(wa[c]), _mm256_set1_ps(wb[c]),
			                  _mm256_set1_ps(bias[c]));
			store8(dst, c * plane + i, v, type);
		}
	}
	return i;
}

AVX2 static ptrdiff_t interleaved_avx2(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t values, const float *wa,
                                       const float *wb, const float *bias, int reverse, int type) {
	switch (type) {
	case MIX_FLOAT32: return interleaved(dst, a, b, values, wa, wb, bias, reverse, MIX_FLOAT32);
	case MIX_FLOAT16: return interleaved(dst, a, b, values, wa, wb, bias, reverse, MIX_FLOAT16);
	default: return interleaved(dst, a, b, values, wa, wb, bias, reverse, MIX_UINT8);
	}
}

AVX2 static ptrdiff_t planar_avx2(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b, ptrdiff_t pixels, int channels,
                                  const float *wa, const float *wb, const float *bias, int reverse, int type) {
	if (channels == 4)
		return planar(dst, plane, a, b, pixels, 4, wa, wb, bias, reverse, type);
	switch (type) {
	case MIX_FLOAT32: return planar(dst, plane, a, b, pixels, 3, wa, wb, bias, reverse, MIX_FLOAT32);
	case MIX_FLOAT16: return planar(dst, plane, a, b, pixels, 3, wa, wb, bias, reverse, MIX_FLOAT16);
	default: return planar(dst, plane, a, b, pixels, 3, wa, wb, bias, reverse, MIX_UINT8);
	}
}
#endif

// The default kernels do what is left of the last step, too.

void mix_interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t values, const float *wa, const float *wb,
                     const float *bias, int reverse, int type, int avx2) {
	ptrdiff_t done = 0;
#if defined(__x86_64__)
	if (avx2)
		done = interleaved_avx2(dst, a, b, values, wa, wb, bias, reverse, type);
#endif
	interleaved_default(dst, a, b, done, values, wa, wb, bias, reverse, type);
}

void mix_planar(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b, ptrdiff_t pixels, int channels, const float *wa,
                const float *wb, const float *bias, int reverse, int type, int avx2) {
	ptrdiff_t done = 0;
#if defined(__x86_64__)
	if (avx2)
		done = planar_avx2(dst, plane, a, b, pixels, channels, wa, wb, bias, reverse, type);
#endif
	planar_default(dst, plane, a, b, done, pixels, channels, wa, wb, bias, reverse, type);
}
