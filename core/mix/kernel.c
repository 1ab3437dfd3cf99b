#include "kernel.h"

#include <string.h>

// No fused multiply-add: Clang heeds the pragma, GCC the -std=c11 of the cgo line.
#pragma STDC FP_CONTRACT OFF

// half is the nearest 16-bit float, ties to even. Beyond its range it is infinite; a
// NaN stays one.
static inline uint16_t half(float v) {
	uint32_t bits, sign, result;
	memcpy(&bits, &v, 4);
	sign = bits & 0x80000000u;
	bits ^= sign;
	if (bits >= 0x47800000u) { // 2^16 and more, infinite, NaN
		result = bits > 0x7f800000u ? 0x7e00 : 0x7c00;
	} else if (bits < 0x38800000u) { // below 2^-14: subnormal. A sum of 0.5 has units of 2^-24 as
	                                 // its last bits, and rounds to them.
		float tiny, magic = 0.5f;
		memcpy(&tiny, &bits, 4);
		tiny += magic;
		memcpy(&result, &tiny, 4);
		result -= 0x3f000000u;
	} else { // exponent from bias 127 to bias 15; half of the last place, less one where that place
	         // is even
		result = (bits - (112u << 23) + 0xfff + (bits >> 13 & 1)) >> 13;
	}
	return (uint16_t)(result | sign >> 16);
}

static inline uint8_t byte(float v) {
	const float magic = 8388608.0f; // 2^23: a sum with it has no fraction, it was rounded to even
	v = v < 0.0f ? 0.0f : v;
	v = v > 255.0f ? 255.0f : v;
	return (uint8_t)(int32_t)((v + magic) - magic);
}

#define INLINE static inline __attribute__((always_inline))

// Stores n values, which are few, from place i on.
INLINE void store(uint8_t *dst, ptrdiff_t i, const float *v, int n, int type) {
	if (type == MIX_FLOAT32) {
		memcpy(dst + 4 * i, v, 4 * (size_t)n);
	} else if (type == MIX_FLOAT16) {
		for (int k = 0; k < n; k++) {
			uint16_t h = half(v[k]);
			memcpy(dst + 2 * (i + k), &h, 2);
		}
	} else {
		for (int k = 0; k < n; k++) {
			dst[i + k] = byte(v[k]);
		}
	}
}

// One value. The difference is exact and its share no larger than itself, so that the
// mixed pixel lies between a and b. Scaling and adding keep the order of numbers, and
// so does rounding: the value lies between those of a alone and of b alone.
INLINE float value(uint8_t a, uint8_t b, float lam, float scale, float bias) {
	float mixed = (float)b + lam * (float)(a - b);
	return mixed * scale + bias;
}

// n values, MIX_PERIOD at most, from value i on, which starts a period.
INLINE void some(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t i, int n, float lam,
    const float *scale, const float *bias, int reverse, int type) {
	float v[MIX_PERIOD];
	for (int k = 0; k < n; k++) {
		ptrdiff_t j = reverse ? i + k + 2 - 2 * (k % 3) : i + k;
		v[k] = value(a[j], b[j], lam, scale[k], bias[k]);
	}
	store(dst, i, v, n, type);
}

INLINE void interleaved_default(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t first,
    ptrdiff_t values, float lam, const float *scale, const float *bias, int reverse, int type) {
	ptrdiff_t i = first;
	for (; i + MIX_PERIOD <= values; i += MIX_PERIOD) {
		some(dst, a, b, i, MIX_PERIOD, lam, scale, bias, reverse, type);
	}
	some(dst, a, b, i, (int)(values - i), lam, scale, bias, reverse, type);
}

INLINE void planar_default(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b,
    ptrdiff_t first, ptrdiff_t pixels, int channels, float lam, const float *scale,
    const float *bias, int reverse, int type) {
	for (int c = 0; c < channels; c++) {
		ptrdiff_t j = first * channels + (reverse ? channels - 1 - c : c);
		for (ptrdiff_t i = first; i < pixels; i++, j += channels) {
			float v = value(a[j], b[j], lam, scale[c], bias[c]);
			store(dst, c * plane + i, &v, 1, type);
		}
	}
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,f16c")))
#define INLINE_AVX2 static inline __attribute__((always_inline, target("avx2,f16c")))

// value() of the bytes that mask picks from each lane of a and of b, each alone in 32
// bits.
INLINE_AVX2 __m256 value8(
    __m256i a, __m256i b, __m256i mask, __m256 lam, __m256 scale, __m256 bias) {
	__m256i p = _mm256_shuffle_epi8(a, mask), q = _mm256_shuffle_epi8(b, mask);
	__m256 mixed = _mm256_add_ps(
	    _mm256_cvtepi32_ps(q), _mm256_mul_ps(lam, _mm256_cvtepi32_ps(_mm256_sub_epi32(p, q))));
	return _mm256_add_ps(_mm256_mul_ps(mixed, scale), bias);
}

// Float32 past the caches: a batch is larger than they are, and what is stored isn't
// read before it is complete.
enum { STREAM = MIX_UINT8 + 1 };

INLINE_AVX2 void store8(uint8_t *dst, ptrdiff_t i, __m256 v, int type) {
	if (type == STREAM) {
		_mm256_stream_ps((float *)(void *)(dst + 4 * i), v);
	} else if (type == MIX_FLOAT32) {
		_mm256_storeu_ps((float *)(void *)(dst + 4 * i), v);
	} else if (type == MIX_FLOAT16) {
		_mm_storeu_si128((__m128i *)(dst + 2 * i), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
	} else {
		__m256i n = _mm256_cvtps_epi32(v); // to even
		n = _mm256_packs_epi32(n, n);
		n = _mm256_packus_epi16(n, n);
		_mm_storel_epi64((__m128i *)(dst + i),
		    _mm_unpacklo_epi32(_mm256_castsi256_si128(n), _mm256_extracti128_si256(n, 1)));
	}
}

INLINE_AVX2 void store24(uint8_t *dst, ptrdiff_t i, const __m256 v[3], int type) {
	if (type != MIX_UINT8) {
		for (int g = 0; g < 3; g++) {
			store8(dst, i + 8 * g, v[g], type);
		}
		return;
	}
	__m256i last = _mm256_cvtps_epi32(v[2]);
	__m256i n = _mm256_packs_epi32(_mm256_cvtps_epi32(v[0]), _mm256_cvtps_epi32(v[1]));
	n = _mm256_packus_epi16(n, _mm256_packs_epi32(last, last));
	// A lane has half of each: put the halves side by side.
	n = _mm256_permutevar8x32_epi32(n, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
	_mm_storeu_si128((__m128i *)(dst + i), _mm256_castsi256_si128(n));
	_mm_storel_epi64((__m128i *)(dst + i + 16), _mm256_extracti128_si256(n, 1));
}

// The type by which to store: float32 at addresses that allow it may be streamed.
static int stored(int type, const uint8_t *dst, ptrdiff_t plane, int stream) {
	return type == MIX_FLOAT32 && stream && (uintptr_t)dst % 32 == 0 && plane % 8 == 0 ? STREAM
	                                                                                   : type;
}

// A mask that brings bytes low[0..3] of the low lane and high[0..3] of the high one to
// 32 bits each.
INLINE_AVX2 __m256i pick(const int low[4], const int high[4]) {
	return _mm256_setr_epi32(low[0] | ~0xff, low[1] | ~0xff, low[2] | ~0xff, low[3] | ~0xff,
	    high[0] | ~0xff, high[1] | ~0xff, high[2] | ~0xff, high[3] | ~0xff);
}

INLINE_AVX2 __m256i twice(const uint8_t *p) {
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
}

// 24 values a step, 8 from each of 3 loads of 16 bytes: at 0, 6 and 8, so that each has
// all pixels that it is about, in both orders.
INLINE_AVX2 ptrdiff_t interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b,
    ptrdiff_t values, float lam, const float *scale, const float *bias, int reverse, int type) {
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
	for (; i + MIX_PERIOD <= values; i += MIX_PERIOD) {
		__m256 v[3];
		for (int g = 0; g < 3; g++) {
			v[g] = value8(twice(a + i + at[g]), twice(b + i + at[g]), mask[g], _mm256_set1_ps(lam),
			    _mm256_loadu_ps(scale + 8 * g), _mm256_loadu_ps(bias + 8 * g));
		}
		store24(dst, i, v, type);
	}
	return i;
}

// 8 pixels a step, the first 4 in the low lane, the others in the high one.
INLINE_AVX2 ptrdiff_t planar(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b,
    ptrdiff_t pixels, int channels, float lam, const float *scale, const float *bias, int reverse,
    int type) {
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
		__m256i p =
		    _mm256_inserti128_si256(twice(s), _mm_loadu_si128((const __m128i *)(s + upper)), 1);
		__m256i q =
		    _mm256_inserti128_si256(twice(t), _mm_loadu_si128((const __m128i *)(t + upper)), 1);
		for (int c = 0; c < channels; c++) {
			__m256 v = value8(p, q, mask[c], _mm256_set1_ps(lam), _mm256_set1_ps(scale[c]),
			    _mm256_set1_ps(bias[c]));
			store8(dst, c * plane + i, v, type);
		}
	}
	return i;
}

// A copy for each type; the fences order streams before whatever says that the batch is
// complete.

AVX2 static ptrdiff_t interleaved_avx2(uint8_t *dst, const uint8_t *a, const uint8_t *b,
    ptrdiff_t values, float lam, const float *scale, const float *bias, int reverse, int type) {
	ptrdiff_t done;
	switch (type) {
	case STREAM:
		done = interleaved(dst, a, b, values, lam, scale, bias, reverse, STREAM);
		_mm_sfence();
		return done;
	case MIX_FLOAT32: return interleaved(dst, a, b, values, lam, scale, bias, reverse, MIX_FLOAT32);
	case MIX_FLOAT16: return interleaved(dst, a, b, values, lam, scale, bias, reverse, MIX_FLOAT16);
	default: return interleaved(dst, a, b, values, lam, scale, bias, reverse, MIX_UINT8);
	}
}

AVX2 static ptrdiff_t planar_avx2(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b,
    ptrdiff_t pixels, int channels, float lam, const float *scale, const float *bias, int reverse,
    int type) {
	ptrdiff_t done;
	if (channels == 4) {
		done = planar(dst, plane, a, b, pixels, 4, lam, scale, bias, reverse, type);
		_mm_sfence();
		return done;
	}
	switch (type) {
	case STREAM:
		done = planar(dst, plane, a, b, pixels, 3, lam, scale, bias, reverse, STREAM);
		_mm_sfence();
		return done;
	case MIX_FLOAT32:
		return planar(dst, plane, a, b, pixels, 3, lam, scale, bias, reverse, MIX_FLOAT32);
	case MIX_FLOAT16:
		return planar(dst, plane, a, b, pixels, 3, lam, scale, bias, reverse, MIX_FLOAT16);
	default: return planar(dst, plane, a, b, pixels, 3, lam, scale, bias, reverse, MIX_UINT8);
	}
}
#endif

// The default kernels do what is left of the last step, too: a copy for each type, again.

void mix_interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t values, float lam,
    const float *scale, const float *bias, int reverse, int type, int stream, int avx2) {
	ptrdiff_t done = 0;
#if defined(__x86_64__)
	if (avx2) {
		done = interleaved_avx2(
		    dst, a, b, values, lam, scale, bias, reverse, stored(type, dst, 0, stream));
	}
#endif
	switch (type) {
	case MIX_FLOAT32:
		interleaved_default(dst, a, b, done, values, lam, scale, bias, reverse, MIX_FLOAT32);
		break;
	case MIX_FLOAT16:
		interleaved_default(dst, a, b, done, values, lam, scale, bias, reverse, MIX_FLOAT16);
		break;
	default: interleaved_default(dst, a, b, done, values, lam, scale, bias, reverse, MIX_UINT8);
	}
}

void mix_planar(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b, ptrdiff_t pixels,
    int channels, float lam, const float *scale, const float *bias, int reverse, int type,
    int stream, int avx2) {
	ptrdiff_t done = 0;
#if defined(__x86_64__)
	if (avx2) {
		done = planar_avx2(dst, plane, a, b, pixels, channels, lam, scale, bias, reverse,
		    stored(type, dst, plane, stream));
	}
#endif
	switch (type) {
	case MIX_FLOAT32:
		planar_default(
		    dst, plane, a, b, done, pixels, channels, lam, scale, bias, reverse, MIX_FLOAT32);
		break;
	case MIX_FLOAT16:
		planar_default(
		    dst, plane, a, b, done, pixels, channels, lam, scale, bias, reverse, MIX_FLOAT16);
		break;
	default:
		planar_default(
		    dst, plane, a, b, done, pixels, channels, lam, scale, bias, reverse, MIX_UINT8);
	}
}
