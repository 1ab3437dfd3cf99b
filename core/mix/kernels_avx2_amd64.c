#define TARGET TARGET_AVX2
#include "kernels_body.h"

#include <immintrin.h>

// value() of the bytes that mask selects from each lane of a and of b, each alone in 32
// bits.
INLINE __m256 value8(__m256i a, __m256i b, __m256i mask, __m256 lam, __m256 scale, __m256 bias) {
	__m256i p = _mm256_shuffle_epi8(a, mask), q = _mm256_shuffle_epi8(b, mask);
	__m256 mixed = _mm256_add_ps(
	    _mm256_cvtepi32_ps(q), _mm256_mul_ps(lam, _mm256_cvtepi32_ps(_mm256_sub_epi32(p, q))));
	return _mm256_add_ps(_mm256_mul_ps(mixed, scale), bias);
}

// Float32 that bypasses the caches: a batch is larger than they are, and isn't read
// before it is complete.
enum { STREAM = MIX_UINT8 + 1 };

INLINE void store8(uint8_t *dst, int64_t i, __m256 v, int type) {
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

INLINE void store24(uint8_t *dst, int64_t i, const __m256 v[3], int type) {
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

// How values are stored: as f->type says, or as STREAM where the addresses allow that.
INLINE int store_kind(const uint8_t *dst, int64_t plane, const mix_format *f) {
	const int stream = f->type == MIX_FLOAT32 && f->stream;
	return stream && (uintptr_t)dst % 32 == 0 && plane % 8 == 0 ? STREAM : f->type;
}

// A mask that brings bytes low[0..3] of the low lane and high[0..3] of the high one to
// 32 bits each.
INLINE __m256i lane_mask(const int low[4], const int high[4]) {
	return _mm256_setr_epi32(low[0] | ~0xff, low[1] | ~0xff, low[2] | ~0xff, low[3] | ~0xff,
	    high[0] | ~0xff, high[1] | ~0xff, high[2] | ~0xff, high[3] | ~0xff);
}

INLINE __m256i broadcast128(const uint8_t *p) {
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
}

// The weights of values 8g to 8g+7 of a period: a value has that of its pixel.
INLINE __m256 weights8(const float *weights, int g, int channels) {
	static const int32_t pixel[3][8] = {
	    {0, 0, 0, 1, 1, 1, 2, 2}, {2, 3, 3, 3, 4, 4, 4, 5}, {5, 5, 6, 6, 6, 7, 7, 7}};
	switch (channels) {
	case 1: return _mm256_loadu_ps(weights + 8 * g);
	case 3:
		return _mm256_permutevar8x32_ps(
		    _mm256_loadu_ps(weights), _mm256_loadu_si256((const __m256i *)pixel[g]));
	default: return _mm256_set_m128(_mm_set1_ps(weights[2 * g + 1]), _mm_set1_ps(weights[2 * g]));
	}
}

// 24 values per step, 8 from each of 3 loads of 16 bytes: at 0, 6 and 8, so that each
// load has all pixels that its values need, in both orders. Returns how many values are
// done.
INLINE int64_t interleaved_as_24(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t values,
    float lam, const float *weights, const mix_format *f, int channels, int kind) {
	static const int at[3] = {0, 6, 8};
	__m256i mask[3];
	for (int g = 0; g < 3; g++) {
		int from[8];
		for (int k = 0; k < 8; k++) {
			int i = 8 * g + k;
			from[k] = (f->reverse ? i + 2 - 2 * (i % 3) : i) - at[g];
		}
		mask[g] = lane_mask(from, from + 4);
	}
	int64_t i = 0;
	for (; i + MIX_PERIOD <= values; i += MIX_PERIOD) {
		__m256 v[3];
		for (int g = 0; g < 3; g++) {
			__m256 own = weights ? weights8(weights, g, channels) : _mm256_set1_ps(lam);
			v[g] = value8(broadcast128(a + i + at[g]), broadcast128(b + i + at[g]), mask[g], own,
			    _mm256_loadu_ps(f->scale + 8 * g), _mm256_loadu_ps(f->bias + 8 * g));
		}
		store24(dst, i, v, kind);
		if (weights) {
			weights += MIX_PERIOD / channels;
		}
	}
	return i;
}

// 8 pixels per step, the first 4 in the low lane, the others in the high one. Returns
// how many pixels are done.
INLINE int64_t planar_as_8(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t pixels,
    float lam, const float *weights, const mix_format *f, int channels, int kind) {
	const int64_t plane = f->plane;
	const int upper = 8 * channels - 16; // where the load of the high lane starts
	__m256i mask[4];
	for (int c = 0; c < channels; c++) {
		int low[4], high[4];
		for (int k = 0; k < 4; k++) {
			low[k] = channels * k + (f->reverse ? channels - 1 - c : c);
			high[k] = low[k] + 4 * channels - upper;
		}
		mask[c] = lane_mask(low, high);
	}
	int64_t i = 0;
	for (; i + 8 <= pixels; i += 8) {
		const uint8_t *s = a + i * channels, *t = b + i * channels;
		__m256i p = _mm256_inserti128_si256(
		    broadcast128(s), _mm_loadu_si128((const __m128i *)(s + upper)), 1);
		__m256i q = _mm256_inserti128_si256(
		    broadcast128(t), _mm_loadu_si128((const __m128i *)(t + upper)), 1);
		__m256 own = weights ? _mm256_loadu_ps(weights + i) : _mm256_set1_ps(lam);
		for (int c = 0; c < channels; c++) {
			__m256 v =
			    value8(p, q, mask[c], own, _mm256_set1_ps(f->scale[c]), _mm256_set1_ps(f->bias[c]));
			store8(dst, c * plane + i, v, kind);
		}
	}
	return i;
}

// A copy of each loop per kind of store. The fences order streams before the writes that
// say that the batch is complete.

INLINE int64_t interleaved_with_24(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n,
    float lam, const float *weights, const mix_format *f, int channels) {
	int64_t done;
	switch (store_kind(dst, 0, f)) {
	case STREAM:
		done = interleaved_as_24(dst, a, b, n, lam, weights, f, channels, STREAM);
		_mm_sfence();
		return done;
	case MIX_FLOAT32:
		return interleaved_as_24(dst, a, b, n, lam, weights, f, channels, MIX_FLOAT32);
	case MIX_FLOAT16:
		return interleaved_as_24(dst, a, b, n, lam, weights, f, channels, MIX_FLOAT16);
	default: return interleaved_as_24(dst, a, b, n, lam, weights, f, channels, MIX_UINT8);
	}
}

INLINE int64_t planar_with_8(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam,
    const float *weights, const mix_format *f) {
	int64_t done;
	const int kind = store_kind(dst, f->plane, f);
	if (f->channels == 4) {
		done = planar_as_8(dst, a, b, n, lam, weights, f, 4, kind);
		_mm_sfence();
		return done;
	}
	switch (kind) {
	case STREAM:
		done = planar_as_8(dst, a, b, n, lam, weights, f, 3, STREAM);
		_mm_sfence();
		return done;
	case MIX_FLOAT32: return planar_as_8(dst, a, b, n, lam, weights, f, 3, MIX_FLOAT32);
	case MIX_FLOAT16: return planar_as_8(dst, a, b, n, lam, weights, f, 3, MIX_FLOAT16);
	default: return planar_as_8(dst, a, b, n, lam, weights, f, 3, MIX_UINT8);
	}
}

TARGET static void interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n,
    float lam, const float *weights, const mix_format *f) {
	int64_t done;
	if (!weights) {
		done = interleaved_with_24(dst, a, b, n, lam, 0, f, 1);
	} else if (f->channels == 3) {
		done = interleaved_with_24(dst, a, b, n, lam, weights, f, 3);
	} else if (f->channels == 1) {
		done = interleaved_with_24(dst, a, b, n, lam, weights, f, 1);
	} else {
		done = interleaved_with_24(dst, a, b, n, lam, weights, f, 4);
	}
	interleaved_from(done, dst, a, b, n, lam, weights, f);
}

TARGET static void planar(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam,
    const float *weights, const mix_format *f) {
	int64_t done = weights ? planar_with_8(dst, a, b, n, lam, weights, f)
	                       : planar_with_8(dst, a, b, n, lam, 0, f);
	planar_from(done, dst, a, b, n, lam, weights, f);
}

// 24 values per step, of which the sums stay in registers, and their mirror images.
TARGET static void waves(float *out, const float *re, const float *im, const float *cosine,
    const float *sine, int64_t rows, const mix_waves *w) {
	const __m256i backward = _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0);
	for (int64_t r = 0; r < rows; r++, out += w->n, re += w->row, im += w->row) {
		for (int64_t x = 0; x <= w->n / 2; x += MIX_WAVES) {
			__m256 even[3] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
			__m256 odd[3] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
			const float *c = cosine + x, *s = sine + x, *p = re, *q = im;
			for (int64_t k = 0; k < w->count; k++) {
				const __m256 a = _mm256_set1_ps(*p), b = _mm256_set1_ps(*q);
				for (int g = 0; g < 3; g++) {
					even[g] = _mm256_add_ps(even[g], _mm256_mul_ps(a, _mm256_loadu_ps(c + 8 * g)));
					odd[g] = _mm256_add_ps(odd[g], _mm256_mul_ps(b, _mm256_loadu_ps(s + 8 * g)));
				}
				p += w->step, q += w->step, c += w->stride, s += w->stride;
			}
			if (x > 0 && x + MIX_WAVES <= w->n / 2) {
				for (int g = 0; g < 3; g++) {
					__m256 mirrored = _mm256_add_ps(even[g], odd[g]);
					_mm256_storeu_ps(out + x + 8 * g, _mm256_sub_ps(even[g], odd[g]));
					_mm256_storeu_ps(
					    out + w->n - x - 8 * g - 7, _mm256_permutevar8x32_ps(mirrored, backward));
				}
				continue;
			}
			float e[MIX_WAVES], o[MIX_WAVES];
			for (int g = 0; g < 3; g++) {
				_mm256_storeu_ps(e + 8 * g, even[g]);
				_mm256_storeu_ps(o + 8 * g, odd[g]);
			}
			store_waves(out, e, o, x, w->n);
		}
	}
}

// 8 values per step: most have no bit to follow.
TARGET static void within(
    int32_t *indices, int64_t *counts, const float *values, int64_t n, float low, float high) {
	const __m256 lower = _mm256_set1_ps(low), upper = _mm256_set1_ps(high);
	int64_t found = 0, larger = 0, i = 0;
	for (; i + 8 <= n; i += 8) {
		const __m256 v = _mm256_loadu_ps(values + i), over = _mm256_cmp_ps(v, upper, _CMP_GT_OQ);
		const __m256 from = _mm256_cmp_ps(v, lower, _CMP_GE_OQ);
		larger += __builtin_popcount((unsigned)_mm256_movemask_ps(over));
		unsigned bits = (unsigned)_mm256_movemask_ps(_mm256_andnot_ps(over, from));
		for (; bits; bits &= bits - 1) {
			indices[found++] = (int32_t)i + __builtin_ctz(bits);
		}
	}
	counts[0] = found;
	counts[1] = larger;
	within_from(i, indices, counts, values, n, low, high);
}

// 8 pixels per step, of two loads of 16 bytes that have 4 of them each.
TARGET static void add_alpha(
    uint8_t *dst, const uint8_t *src, int64_t width, int64_t rows, int64_t src_stride) {
	const __m256i spread = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 0,
	    1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
	for (int64_t y = 0; y < rows; y++, dst += width * 4, src += src_stride) {
		int64_t x = 0;
		for (; x + 10 <= width; x += 8) { // the second load ends with pixel x + 9
			__m256i p = _mm256_inserti128_si256(
			    broadcast128(src + 3 * x), _mm_loadu_si128((const __m128i *)(src + 3 * x + 12)), 1);
			p = _mm256_or_si256(
			    _mm256_shuffle_epi8(p, spread), _mm256_set1_epi32((int32_t)0xff000000));
			_mm256_storeu_si256((__m256i *)(dst + 4 * x), p);
		}
		add_alpha_from(x, dst, src, width);
	}
}

const mix_kernels mix_avx2 = {interleaved, planar, outer, waves, within, above, add_alpha};
