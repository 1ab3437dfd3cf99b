// Spans of pixels between four with AVX2.

#ifndef MIXFOLDER_RESAMPLE_AFFINE_AVX2_H
#define MIXFOLDER_RESAMPLE_AFFINE_AVX2_H

#include <immintrin.h>

#include "affine_body.h"

// Two target pixels, a lane each: the upper and the lower two source pixels of each,
// side by side as `order` says, are widened and weighted. Gives 4 channels of 32 bits a
// pixel.
INLINE __m256i blend2(const uint8_t *a, const uint8_t *b, int64_t stride, __m256i order,
    __m256i upper, __m256i lower) {
	__m128i x = _mm_unpacklo_epi64(
	    _mm_loadl_epi64((const __m128i *)a), _mm_loadl_epi64((const __m128i *)(a + stride)));
	__m128i y = _mm_unpacklo_epi64(
	    _mm_loadl_epi64((const __m128i *)b), _mm_loadl_epi64((const __m128i *)(b + stride)));
	__m256i p = _mm256_shuffle_epi8(
	            _mm256_inserti128_si256(_mm256_castsi128_si256(x), y, 1), order),
	        zero = _mm256_setzero_si256();
	__m256i sum = _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi8(p, zero), upper),
	    _mm256_madd_epi16(_mm256_unpackhi_epi8(p, zero), lower));
	return _mm256_srai_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(WEIGHT_ONE / 2)), WEIGHT_BITS);
}

// 4 pixels per step. For two pixels of 3 bytes, 8 bytes are read; the last 2 are
// ignored.
INLINE void bilinear_span_by4(struct span r, int pixel, int channels) {
	if (r.n < 4) { // with larger steps than can be multiplied by 4
		bilinear_span(r, pixel, channels);
		return;
	}
	const __m256i order = pixel == 4
	                          ? _mm256_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11,
	                                15, 0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15)
	                          : _mm256_setr_epi8(0, 3, 1, 4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1,
	                                -1, 0, 3, 1, 4, 2, 5, -1, -1, 8, 11, 9, 12, 10, 13, -1, -1);
	const __m128i drop = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
	const __m256i low = _mm256_set1_epi64x(UINT32_MAX), one = _mm256_set1_epi64x(WEIGHT_ONE),
	              half = _mm256_set1_epi64x(WEIGHT_ONE / 2);
	const __m256i du = _mm256_set1_epi64x(4 * r.du), dv = _mm256_set1_epi64x(4 * r.dv);
	__m256i u = _mm256_setr_epi64x(r.u, r.u + r.du, r.u + 2 * r.du, r.u + 3 * r.du);
	__m256i v = _mm256_setr_epi64x(r.v, r.v + r.dv, r.v + 2 * r.dv, r.v + 3 * r.dv);
	for (; r.n >= 4; r.n -= 4, r.dst += 4 * channels) {
		const uint8_t *s[4];
		for (int i = 0; i < 4; i++, r.u += r.du, r.v += r.dv) {
			s[i] = at(&r, r.u, r.v, pixel);
		}
		// As in blend, a pixel in 64 bits.
		__m256i fx = _mm256_srli_epi64(_mm256_and_si256(u, low), 32 - WEIGHT_BITS);
		__m256i fy = _mm256_srli_epi64(_mm256_and_si256(v, low), 32 - WEIGHT_BITS);
		__m256i both =
		    _mm256_srli_epi64(_mm256_add_epi64(_mm256_mul_epu32(fx, fy), half), WEIGHT_BITS);
		__m256i right = _mm256_sub_epi64(fx, both), below = _mm256_sub_epi64(fy, both);
		__m256i first = _mm256_sub_epi64(_mm256_sub_epi64(one, fx), below);
		__m256i upper = _mm256_or_si256(first, _mm256_slli_epi64(right, 16)),
		        lower = _mm256_or_si256(below, _mm256_slli_epi64(both, 16));
		__m256i w = _mm256_or_si256(upper, _mm256_slli_epi64(lower, 32));
		u = _mm256_add_epi64(u, du);
		v = _mm256_add_epi64(v, dv);
		__m256i front = blend2(s[0], s[1], r.stride, order,
		    _mm256_permutevar8x32_epi32(w, _mm256_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2)),
		    _mm256_permutevar8x32_epi32(w, _mm256_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3)));
		__m256i back = blend2(s[2], s[3], r.stride, order,
		    _mm256_permutevar8x32_epi32(w, _mm256_setr_epi32(4, 4, 4, 4, 6, 6, 6, 6)),
		    _mm256_permutevar8x32_epi32(w, _mm256_setr_epi32(5, 5, 5, 5, 7, 7, 7, 7)));
		// pixels 0 and 2 in the low lane, 1 and 3 in the high one
		__m256i p = _mm256_packs_epi32(front, back);
		p = _mm256_packus_epi16(p, p);
		__m128i four =
		    _mm_unpacklo_epi32(_mm256_castsi256_si128(p), _mm256_extracti128_si256(p, 1));
		if (channels == 4) {
			_mm_storeu_si128((__m128i *)r.dst, four);
			continue;
		}
		four = _mm_shuffle_epi8(four, drop);
		_mm_storel_epi64((__m128i *)r.dst, four);
		int32_t rest = _mm_extract_epi32(four, 2);
		memcpy(r.dst + 8, &rest, 4);
	}
	bilinear_span(r, pixel, channels);
}

TARGET static void bilinear_spans(struct span r, int pixel, int channels) {
	if (pixel == 3) {
		bilinear_span_by4(r, 3, 3);
	} else if (channels == 3) {
		bilinear_span_by4(r, 4, 3);
	} else {
		bilinear_span_by4(r, 4, 4);
	}
}

#endif
