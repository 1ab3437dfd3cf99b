#include "kernel.h"

#include "avx2.h"

#include <string.h>

enum { CHUNK = 64 };

// Copies alpha.
INLINE void alpha(uint8_t *d, const uint8_t *s, ptrdiff_t width) {
	for (ptrdiff_t x = 0; x < width; x++) {
		d[4 * x + 3] = s[4 * x + 3];
	}
}

// n bytes of a row, CHUNK at most, that have neighbors. All weights of Pillow's
// ImageFilter.SMOOTH are 1 but the middle's, 5. The sum is divided by 13 and rounded;
// there are no halves.
INLINE void sharpen_chunk(
    uint8_t *d, const uint8_t *s, ptrdiff_t stride, ptrdiff_t n, int channels, float factor) {
	uint8_t smooth[CHUNK];
	const uint8_t *above = s - stride, *below = s + stride;
	for (ptrdiff_t i = 0; i < n; i++) {
		unsigned sum = above[i - channels] + above[i] + above[i + channels] + s[i - channels] +
		               5u * s[i] + s[i + channels] + below[i - channels] + below[i] +
		               below[i + channels];
		smooth[i] = (uint8_t)((uint16_t)(2 * sum + 13) / 26);
	}
	for (ptrdiff_t i = 0; i < n; i++) {
		d[i] = blend(smooth[i], s[i], factor);
	}
}

INLINE void sharpen(
    uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width, int channels, float factor) {
	ptrdiff_t stride = width * channels;
	for (ptrdiff_t y = 0; y < rows; y++, dst += stride, src += stride) {
		ptrdiff_t i = channels, end = stride - channels;
		for (; i + CHUNK <= end; i += CHUNK) {
			sharpen_chunk(dst + i, src + i, stride, CHUNK, channels, factor);
		}
		sharpen_chunk(dst + i, src + i, stride, end - i, channels, factor);
		if (channels == 4) {
			alpha(dst, src, width);
		}
	}
}

// Between the passes of a blur values have this many bits behind the point.
enum { FRACTION = 7 };

// Each pass for n values, LANES at most.
enum { LANES = 16 };

INLINE void upright(int16_t *d, const uint8_t *s, ptrdiff_t n, ptrdiff_t stride,
    const int16_t *weights, int radius, int precision) {
	int32_t sum[LANES];
	for (ptrdiff_t i = 0; i < n; i++) {
		sum[i] = (1 << (precision - FRACTION - 1)) + weights[0] * s[i];
	}
	for (int k = 1; k <= radius; k++) {
		for (ptrdiff_t i = 0; i < n; i++) {
			sum[i] += weights[k] * (int16_t)(s[k * stride + i] + s[-k * stride + i]);
		}
	}
	for (ptrdiff_t i = 0; i < n; i++) {
		d[i] = (int16_t)(sum[i] >> (precision - FRACTION));
	}
}

INLINE void level(uint8_t *d, const int16_t *s, ptrdiff_t n, int channels, const int16_t *weights,
    int radius, int precision) {
	int32_t sum[LANES];
	for (ptrdiff_t i = 0; i < n; i++) {
		sum[i] = (1 << (precision + FRACTION - 1)) + weights[0] * s[i];
	}
	for (int k = 1; k <= radius; k++) {
		for (ptrdiff_t i = 0; i < n; i++) {
			sum[i] += weights[k] * s[k * channels + i] + weights[k] * s[-k * channels + i];
		}
	}
	for (ptrdiff_t i = 0; i < n; i++) {
		d[i] = (uint8_t)(sum[i] >> (precision + FRACTION));
	}
}

// Values from i to the end of a row.

INLINE void upright_row(int16_t *d, const uint8_t *s, ptrdiff_t i, ptrdiff_t stride,
    const int16_t *weights, int radius, int precision) {
	for (; i + LANES <= stride; i += LANES) {
		upright(d + i, s + i, LANES, stride, weights, radius, precision);
	}
	upright(d + i, s + i, stride - i, stride, weights, radius, precision);
}

INLINE void level_row(uint8_t *d, const int16_t *s, ptrdiff_t i, ptrdiff_t stride, int channels,
    const int16_t *weights, int radius, int precision) {
	for (; i + LANES <= stride; i += LANES) {
		level(d + i, s + i, LANES, channels, weights, radius, precision);
	}
	level(d + i, s + i, stride - i, channels, weights, radius, precision);
}

// The borders of a row between the passes.
INLINE void border(
    int16_t *line, ptrdiff_t from, ptrdiff_t to, int channels, const int32_t *mirror, int radius) {
	for (ptrdiff_t k = from; k < to; k++) {
		memcpy(line + k * channels, line + (mirror[k] + radius) * channels, 2 * (size_t)channels);
	}
}

// Both passes of each row; upright_done and level_done are how many values of it
// somebody else has done before.
#define EACH_BLURRED_ROW(upright_done, level_done)                                                 \
	do {                                                                                           \
		ptrdiff_t stride = width * channels;                                                       \
		int16_t *middle = line + radius * channels;                                                \
		for (ptrdiff_t y = 0; y < rows; y++, dst += stride, src += stride) {                       \
			upright_row(middle, src, upright_done, stride, weights, radius, precision);            \
			border(line, 0, radius, channels, mirror, radius);                                     \
			border(line, radius + width, 2 * radius + width, channels, mirror, radius);            \
			level_row(dst, middle, level_done, stride, channels, weights, radius, precision);      \
			if (channels == 4)                                                                     \
				alpha(dst, src, width);                                                            \
		}                                                                                          \
	} while (0)

static void blur_default(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width,
    int channels, const int16_t *weights, int radius, int precision, const int32_t *mirror,
    int16_t *line) {
	EACH_BLURRED_ROW(0, 0);
}

static void sharpen_default(
    uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width, int channels, float factor) {
	sharpen(dst, src, rows, width, channels, factor);
}

#if defined(__x86_64__)
// Sums of 16 values, in the order of unpacking: the low halves of both lanes, the high
// halves.
typedef struct {
	__m256i low, high;
} sums;

INLINE_AVX2 sums started(int half, __m256i v, int weight) {
	const __m256i w = _mm256_set1_epi32(weight), zero = _mm256_setzero_si256(),
	              h = _mm256_set1_epi32(half);
	return (sums){_mm256_add_epi32(h, _mm256_madd_epi16(_mm256_unpacklo_epi16(v, zero), w)),
	    _mm256_add_epi32(h, _mm256_madd_epi16(_mm256_unpackhi_epi16(v, zero), w))};
}

INLINE_AVX2 sums added(sums s, __m256i a, __m256i b, int weight) {
	const __m256i w = _mm256_set1_epi16((int16_t)weight);
	return (sums){_mm256_add_epi32(s.low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w)),
	    _mm256_add_epi32(s.high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w))};
}

INLINE_AVX2 __m256i shifted(sums s, int by) {
	const __m128i n = _mm_cvtsi32_si128(by);
	return _mm256_packs_epi32(_mm256_sra_epi32(s.low, n), _mm256_sra_epi32(s.high, n));
}

INLINE_AVX2 __m256i words(const uint8_t *p) {
	return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p));
}

INLINE_AVX2 __m256i values(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

INLINE_AVX2 ptrdiff_t upright_avx2(int16_t *d, const uint8_t *s, ptrdiff_t stride,
    const int16_t *weights, int radius, int precision) {
	ptrdiff_t i = 0;
	for (; i + LANES <= stride; i += LANES) {
		sums v = started(1 << (precision - FRACTION - 1), words(s + i), weights[0]);
		for (int k = 1; k <= radius; k++) {
			v = added(v, words(s + i + k * stride), words(s + i - k * stride), weights[k]);
		}
		_mm256_storeu_si256((__m256i *)(d + i), shifted(v, precision - FRACTION));
	}
	return i;
}

INLINE_AVX2 ptrdiff_t level_avx2(uint8_t *d, const int16_t *s, ptrdiff_t stride, int channels,
    const int16_t *weights, int radius, int precision) {
	ptrdiff_t i = 0;
	for (; i + LANES <= stride; i += LANES) {
		sums v = started(1 << (precision + FRACTION - 1), values(s + i), weights[0]);
		for (int k = 1; k <= radius; k++) {
			v = added(v, values(s + i + k * channels), values(s + i - k * channels), weights[k]);
		}
		__m256i n = shifted(v, precision + FRACTION);
		_mm_storeu_si128((__m128i *)(d + i),
		    _mm_packus_epi16(_mm256_castsi256_si128(n), _mm256_extracti128_si256(n, 1)));
	}
	return i;
}

AVX2 static void blur_avx2(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width,
    int channels, const int16_t *weights, int radius, int precision, const int32_t *mirror,
    int16_t *line) {
	EACH_BLURRED_ROW(upright_avx2(middle, src, stride, weights, radius, precision),
	    level_avx2(dst, middle, stride, channels, weights, radius, precision));
}

AVX2 static void sharpen_avx2(
    uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width, int channels, float factor) {
	sharpen(dst, src, rows, width, channels, factor);
}
#endif

void augment_sharpen(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width,
    int channels, float factor, int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		sharpen_avx2(dst, src, rows, width, channels, factor);
		return;
	}
#endif
	sharpen_default(dst, src, rows, width, channels, factor);
}

void augment_blur(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width, int channels,
    const int16_t *weights, int radius, int precision, const int32_t *mirror, int16_t *line,
    int avx2) {
#if defined(__x86_64__)
	if (avx2) {
		blur_avx2(dst, src, rows, width, channels, weights, radius, precision, mirror, line);
		return;
	}
#endif
	blur_default(dst, src, rows, width, channels, weights, radius, precision, mirror, line);
}
