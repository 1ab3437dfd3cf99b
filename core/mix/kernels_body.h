// The kernels of package mix in plain C, for the target that the including file defines.

#include <string.h>

#include "../simd/kernel.h"
#include "kernels.h"

// The nearest 16-bit float, ties to even. Beyond its range it is infinite; a
// NaN stays one.
INLINE uint16_t half(float v) {
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

INLINE uint8_t byte(float v) {
	const float magic = 8388608.0f; // 2^23: a sum with it has no fraction, it is rounded to even
	v = v < 0.0f ? 0.0f : v;
	v = v > 255.0f ? 255.0f : v;
	return (uint8_t)(int32_t)((v + magic) - magic);
}

// Stores n values, MIX_PERIOD at most, at index i.
INLINE void store(uint8_t *dst, int64_t i, const float *v, int n, int type) {
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

// One value. The difference is exact and its product with lam no larger than itself, so
// that the mixed pixel lies between a and b. Scaling and adding keep the order of
// numbers, and so does rounding: the value lies between those of a alone and of b alone.
INLINE float value(uint8_t a, uint8_t b, float lam, float scale, float bias) {
	float mixed = (float)b + lam * (float)(a - b);
	return mixed * scale + bias;
}

// n values, MIX_PERIOD at most, from index i on, which starts a period.
INLINE void period(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t i, int n, float lam,
    const float *weights, const mix_format *f, int channels, int reverse, int type) {
	float v[MIX_PERIOD];
	for (int k = 0; k < n; k++) {
		int64_t j = reverse ? i + k + 2 - 2 * (k % 3) : i + k;
		v[k] = value(a[j], b[j], weights ? weights[k / channels] : lam, f->scale[k], f->bias[k]);
	}
	store(dst, i, v, n, type);
}

// Values from `first` on, which starts a period.
INLINE void interleaved_as(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t first,
    int64_t values, float lam, const float *weights, const mix_format *f, int channels, int type) {
	const int reverse = f->reverse, pixels = MIX_PERIOD / channels;
	int64_t i = first;
	if (weights) {
		weights += first / channels;
	}
	for (; i + MIX_PERIOD <= values; i += MIX_PERIOD) {
		period(dst, a, b, i, MIX_PERIOD, lam, weights, f, channels, reverse, type);
		if (weights) {
			weights += pixels;
		}
	}
	period(dst, a, b, i, (int)(values - i), lam, weights, f, channels, reverse, type);
}

INLINE void interleaved_with(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t first,
    int64_t values, float lam, const float *weights, const mix_format *f, int channels) {
	switch (f->type) {
	case MIX_FLOAT32:
		interleaved_as(dst, a, b, first, values, lam, weights, f, channels, MIX_FLOAT32);
		break;
	case MIX_FLOAT16:
		interleaved_as(dst, a, b, first, values, lam, weights, f, channels, MIX_FLOAT16);
		break;
	default: interleaved_as(dst, a, b, first, values, lam, weights, f, channels, MIX_UINT8);
	}
}

// A copy of the loop per type and, with weights, per number of channels.
TARGET static void interleaved_from(int64_t first, uint8_t *dst, const uint8_t *a, const uint8_t *b,
    int64_t values, float lam, const float *weights, const mix_format *f) {
	if (!weights) {
		interleaved_with(dst, a, b, first, values, lam, 0, f, 1);
	} else if (f->channels == 1) {
		interleaved_with(dst, a, b, first, values, lam, weights, f, 1);
	} else if (f->channels == 3) {
		interleaved_with(dst, a, b, first, values, lam, weights, f, 3);
	} else {
		interleaved_with(dst, a, b, first, values, lam, weights, f, 4);
	}
}

INLINE void planar_as(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t first,
    int64_t pixels, float lam, const float *weights, const mix_format *f, int channels, int type) {
	for (int c = 0; c < channels; c++) {
		const float scale = f->scale[c], bias = f->bias[c];
		const int64_t plane = c * f->plane, start = f->reverse ? channels - 1 - c : c;
		const uint8_t *p = a + first * channels + start, *q = b + first * channels + start;
		for (int64_t i = first; i < pixels; i++, p += channels, q += channels) {
			float v = value(*p, *q, weights ? weights[i] : lam, scale, bias);
			store(dst, plane + i, &v, 1, type);
		}
	}
}

// Pixels from `first` on.
TARGET static void planar_from(int64_t first, uint8_t *dst, const uint8_t *a, const uint8_t *b,
    int64_t pixels, float lam, const float *weights, const mix_format *f) {
	const int channels = f->channels;
	switch (f->type) {
	case MIX_FLOAT32:
		planar_as(dst, a, b, first, pixels, lam, weights, f, channels, MIX_FLOAT32);
		break;
	case MIX_FLOAT16:
		planar_as(dst, a, b, first, pixels, lam, weights, f, channels, MIX_FLOAT16);
		break;
	default: planar_as(dst, a, b, first, pixels, lam, weights, f, channels, MIX_UINT8);
	}
}

TARGET static void outer(
    float *weights, const float *columns, const float *factors, int64_t width, int64_t height) {
	for (int64_t y = 0; y < height; y++, weights += width) {
		for (int64_t x = 0; x < width; x++) {
			weights[x] = 1 - factors[y] * columns[x];
		}
	}
}

// Stores values x0 to x0 + MIX_WAVES - 1 of a row, and their mirror images.
INLINE void store_waves(float *out, const float *even, const float *odd, int64_t x0, int64_t n) {
	for (int j = 0; j < MIX_WAVES && x0 + j <= n / 2; j++) {
		const int64_t x = x0 + j;
		out[x] = even[j] - odd[j];
		if (x > 0 && x < n - x) {
			out[n - x] = even[j] + odd[j];
		}
	}
}

// Values from `first` on, after those that counts has already.
INLINE void within_from(int64_t first, int32_t *indices, int64_t *counts, const float *values,
    int64_t n, float low, float high) {
	for (int64_t i = first; i < n; i++) {
		indices[counts[0]] = (int32_t)i;
		counts[0] += values[i] >= low && values[i] <= high;
		counts[1] += values[i] > high;
	}
}

TARGET static void above(float *values, int64_t n, float limit) {
	for (int64_t i = 0; i < n; i++) {
		values[i] = values[i] > limit ? 1.0f : 0.0f;
	}
}

// Pixels of a row from `first` on.
INLINE void add_alpha_from(int64_t first, uint8_t *dst, const uint8_t *src, int64_t width) {
	for (int64_t x = first; x < width; x++) {
		memcpy(dst + 4 * x, src + 3 * x, 3);
		dst[4 * x + 3] = 255;
	}
}
