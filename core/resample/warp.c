#include "kernel.h"

#include <string.h>

// Positions are fixed-point numbers with 32 bits of fraction, at pixel centers: 0 is
// the center of the first pixel.
#define ONE ((int64_t)1 << 32)
#define HALF (ONE / 2)

// Weights have 14 bits, so that two of them fit a multiply-add of 16-bit numbers.
enum { WEIGHT_BITS = 14, WEIGHT_ONE = 1 << WEIGHT_BITS };

#define INLINE_ANY static inline __attribute__((always_inline))

// The fraction of a position in WEIGHT_BITS.
INLINE_ANY int32_t fraction(int64_t u) { return (int32_t)((uint32_t)u >> (32 - WEIGHT_BITS)); }

INLINE_ANY ptrdiff_t clamp(ptrdiff_t i, ptrdiff_t n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

// One pixel between four. The weights sum to WEIGHT_ONE whatever the rounding, and none
// is below 0.
INLINE_ANY void blend(uint8_t *d, const uint8_t *a, const uint8_t *b, const uint8_t *c,
    const uint8_t *e, int32_t fx, int32_t fy, int channels) {
	int32_t both = (fx * fy + WEIGHT_ONE / 2) >> WEIGHT_BITS, right = fx - both, below = fy - both,
	        first = WEIGHT_ONE - fx - below;
	for (int i = 0; i < channels; i++) {
		d[i] =
		    (uint8_t)((first * a[i] + right * b[i] + below * c[i] + both * e[i] + WEIGHT_ONE / 2) >>
		              WEIGHT_BITS);
	}
}

// Where on an axis of n pixels a position outside of its centers lies, by the rule of a
// fill mode; 0 if it is to be filled. What comes back is between -1 and n, and pixels
// -1 and n are those beside them. The arithmetic is that of scipy.ndimage
// (ni_interpolation.c, map_coordinate).
INLINE_ANY int place(int64_t *position, ptrdiff_t n, int fill) {
	const int64_t all = n * ONE, last = all - ONE, twice = 2 * all;
	int64_t u = *position;
	switch (fill) {
	case FILL_CONSTANT: return u >= -HALF && u < all - HALF;
	case FILL_CONSTANT_CENTERS: return u >= 0 && u <= last;
	case FILL_NEAREST: u = u < 0 ? 0 : u > last ? last : u; break;
	case FILL_REFLECT:
		if (n == 1) {
			u = 0;
		} else if (u < 0) {
			if (u < -twice) { // a division takes as long as all the rest
				u += twice * (-u / twice);
			}
			u = u < -all ? u + twice : -u - ONE;
		} else if (u >= all) {
			if (u >= twice) {
				u -= twice * (u / twice);
			}
			u = u >= all ? twice - u - ONE : u;
		}
		break;
	default: // FILL_WRAP: the last pixel lies on the first, as scipy has it
		if (n == 1) {
			u = 0;
		} else if (u < 0) {
			u += u >= 1 - last ? last : last * (-u / last + 1);
		} else if (u > last) {
			u -= u < 2 * last ? last : last * (u / last);
		}
	}
	*position = u;
	return 1;
}

// One pixel anywhere.
INLINE_ANY void anywhere(uint8_t *d, const uint8_t *src, ptrdiff_t stride, ptrdiff_t width,
    ptrdiff_t height, int pixel, int channels, int64_t u, int64_t v, int bilinear, int fill,
    const uint8_t *value) {
	if (!place(&u, width, fill) || !place(&v, height, fill)) {
		for (int i = 0; i < channels; i++) {
			d[i] = value[i];
		}
		return;
	}
	if (!bilinear) {
		const uint8_t *s =
		    src + clamp((v + HALF) >> 32, height) * stride + clamp((u + HALF) >> 32, width) * pixel;
		for (int i = 0; i < channels; i++) {
			d[i] = s[i];
		}
		return;
	}
	ptrdiff_t x = u >> 32, y = v >> 32;
	const uint8_t *upper = src + clamp(y, height) * stride,
	              *lower = src + clamp(y + 1, height) * stride;
	ptrdiff_t left = clamp(x, width) * pixel, right = clamp(x + 1, width) * pixel;
	blend(d, upper + left, upper + right, lower + left, lower + right, fraction(u), fraction(v),
	    channels);
}

// A run of target pixels, from a position and by steps, all of whose source pixels lie
// within the source.
struct run {
	uint8_t *dst;
	ptrdiff_t n;
	int64_t u, v, du, dv;
	const uint8_t *src;
	ptrdiff_t stride;
};

INLINE_ANY const uint8_t *at(const struct run *r, int64_t u, int64_t v, int pixel) {
	return r->src + (ptrdiff_t)(v >> 32) * r->stride + (ptrdiff_t)(u >> 32) * pixel;
}

INLINE_ANY void bilinear_run(struct run r, int pixel, int channels) {
	for (; r.n > 0; r.n--, r.u += r.du, r.v += r.dv, r.dst += channels) {
		const uint8_t *s = at(&r, r.u, r.v, pixel);
		blend(r.dst, s, s + pixel, s + r.stride, s + r.stride + pixel, fraction(r.u), fraction(r.v),
		    channels);
	}
}

// u and v are half a pixel more.
INLINE_ANY void nearest_run(struct run r, int pixel, int channels) {
	for (; r.n > 0; r.n--, r.u += r.du, r.v += r.dv, r.dst += channels) {
		memcpy(r.dst, at(&r, r.u, r.v, pixel), channels);
	}
}

#if defined(__x86_64__)
#include "avx2.h"

// Two target pixels, a lane each: the upper and the lower two source pixels of each,
// side by side as `order` says, are widened and weighted. Gives 4 channels of 32 bits a
// pixel.
INLINE __m256i blend2(const uint8_t *a, const uint8_t *b, ptrdiff_t stride, __m256i order,
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

// 4 pixels a step. Of a pixel of 3 bytes 8 are read for two, of which the last 2 don't
// matter.
INLINE void bilinear_run4(struct run r, int pixel, int channels) {
	if (r.n < 4) { // with larger steps than can be multiplied by 4
		bilinear_run(r, pixel, channels);
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
	bilinear_run(r, pixel, channels);
}

AVX2 static void bilinear_run_avx2(struct run r, int pixel, int channels) {
	if (pixel == 3) {
		bilinear_run4(r, 3, 3);
	} else if (channels == 3) {
		bilinear_run4(r, 4, 3);
	} else {
		bilinear_run4(r, 4, 4);
	}
}
#endif

INLINE_ANY int64_t floor_div(int64_t a, int64_t b) { // b > 0
	return a / b - (a % b < 0);
}

// Narrows from..to down to those x for which low <= u + x du < high.
static void within(
    ptrdiff_t *from, ptrdiff_t *to, int64_t u, int64_t du, int64_t low, int64_t high) {
	int64_t first = *from, end = *to;
	if (du > 0) {
		first = -floor_div(u - low, du);
		end = -floor_div(u - high, du);
	} else if (du < 0) {
		first = floor_div(u - high, -du) + 1;
		end = floor_div(u - low, -du) + 1;
	} else if (u < low || u >= high) {
		end = first;
	}
	*from = first > *from ? first : *from;
	*to = end < *to ? end : *to;
}

INLINE_ANY void warp(uint8_t *dst, ptrdiff_t dst_stride, ptrdiff_t rows, ptrdiff_t width,
    const uint8_t *src, ptrdiff_t stride, ptrdiff_t src_width, ptrdiff_t src_height,
    const int64_t *m, int bilinear, int fill, const uint8_t *value, int pixel, int channels,
    int avx2) {
	// Where nothing is decided by the fill mode: between the first and the last center
	// for two pixels, for one half a pixel more if what lies there is the pixel beside
	// it.
	int64_t shift = bilinear ? 0 : HALF, low = 0, beyond = bilinear ? -ONE : 1 - ONE;
	if (!bilinear && fill != FILL_WRAP && fill != FILL_CONSTANT_CENTERS) {
		low = -HALF;
		beyond = -HALF;
	}
	for (ptrdiff_t y = 0; y < rows; y++) {
		uint8_t *d = dst + y * dst_stride;
		int64_t u = m[2] + y * m[1], v = m[5] + y * m[4];
		ptrdiff_t from = 0, to = width;
		within(&from, &to, u, m[0], low, src_width * ONE + beyond);
		within(&from, &to, v, m[3], low, src_height * ONE + beyond);
		if (from >= to) {
			from = to = width;
		}
		for (ptrdiff_t x = 0; x < width; x++) {
			if (x == from && from < to) {
				struct run r = {d + x * channels, to - x, u + x * m[0] + shift,
				    v + x * m[3] + shift, m[0], m[3], src, stride};
				x = to;
				if (!bilinear) {
					nearest_run(r, pixel, channels);
				}
#if defined(__x86_64__)
				else if (avx2 && pixel > 1) {
					bilinear_run_avx2(r, pixel, channels);
				}
#endif
				else {
					bilinear_run(r, pixel, channels);
				}
				if (x == width) {
					break;
				}
			}
			anywhere(d + x * channels, src, stride, src_width, src_height, pixel, channels,
			    u + x * m[0], v + x * m[3], bilinear, fill, value);
		}
	}
}

void resample_warp(uint8_t *dst, ptrdiff_t dst_stride, ptrdiff_t rows, ptrdiff_t width,
    const uint8_t *src, ptrdiff_t src_stride, ptrdiff_t src_width, ptrdiff_t src_height,
    const int64_t *m, int bilinear, int fill, const uint8_t *value, int pixel, int channels,
    int avx2) {
	switch (4 * pixel + channels) {
	case 4 * 1 + 1:
		warp(dst, dst_stride, rows, width, src, src_stride, src_width, src_height, m, bilinear,
		    fill, value, 1, 1, avx2);
		break;
	case 4 * 3 + 3:
		warp(dst, dst_stride, rows, width, src, src_stride, src_width, src_height, m, bilinear,
		    fill, value, 3, 3, avx2);
		break;
	case 4 * 4 + 3:
		warp(dst, dst_stride, rows, width, src, src_stride, src_width, src_height, m, bilinear,
		    fill, value, 4, 3, avx2);
		break;
	default:
		warp(dst, dst_stride, rows, width, src, src_stride, src_width, src_height, m, bilinear,
		    fill, value, 4, 4, avx2);
	}
}
