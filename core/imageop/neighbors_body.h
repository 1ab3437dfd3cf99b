// Sharpening and blurring, for the target that the including file defines.

#ifndef MIXFOLDER_IMAGEOP_NEIGHBORS_BODY_H
#define MIXFOLDER_IMAGEOP_NEIGHBORS_BODY_H

#include <string.h>

#include "../simd/kernel.h"
#include "blend.h"
#include "kernels.h"

enum { CHUNK = 64 };

// Copies the alpha of a row.
INLINE void copy_alpha(uint8_t *d, const uint8_t *s, int64_t width) {
	for (int64_t x = 0; x < width; x++) {
		d[4 * x + 3] = s[4 * x + 3];
	}
}

// n bytes of a row, at most CHUNK, that have neighbors. All weights of Pillow's
// ImageFilter.SMOOTH are 1 except that of the center, 5. The sum is divided by 13 and
// rounded; there are no halves.
INLINE void sharpen_chunk(
    uint8_t *d, const uint8_t *s, int64_t stride, int64_t n, int channels, float factor) {
	uint8_t smooth[CHUNK];
	const uint8_t *above = s - stride, *below = s + stride;
	for (int64_t i = 0; i < n; i++) {
		unsigned sum = above[i - channels] + above[i] + above[i + channels] + s[i - channels] +
		               5u * s[i] + s[i + channels] + below[i - channels] + below[i] +
		               below[i + channels];
		smooth[i] = (uint8_t)((uint16_t)(2 * sum + 13) / 26);
	}
	for (int64_t i = 0; i < n; i++) {
		d[i] = blend(smooth[i], s[i], factor);
	}
}

TARGET static void sharpen(
    uint8_t *dst, const uint8_t *src, int64_t rows, int64_t width, int channels, float factor) {
	int64_t stride = width * channels;
	for (int64_t y = 0; y < rows; y++, dst += stride, src += stride) {
		int64_t i = channels, end = stride - channels;
		for (; i + CHUNK <= end; i += CHUNK) {
			sharpen_chunk(dst + i, src + i, stride, CHUNK, channels, factor);
		}
		sharpen_chunk(dst + i, src + i, stride, end - i, channels, factor);
		if (channels == 4) {
			copy_alpha(dst, src, width);
		}
	}
}

// Between the passes of a blur values have this many fractional bits.
enum { FRACTION = 7 };

// Each pass for n values, LANES at most.
enum { LANES = 16 };

INLINE void blur_vertical(int16_t *d, const uint8_t *s, int64_t n, int64_t stride,
    const int16_t *weights, int radius, int precision) {
	int32_t sum[LANES];
	for (int64_t i = 0; i < n; i++) {
		sum[i] = (1 << (precision - FRACTION - 1)) + weights[0] * s[i];
	}
	for (int k = 1; k <= radius; k++) {
		for (int64_t i = 0; i < n; i++) {
			sum[i] += weights[k] * (int16_t)(s[k * stride + i] + s[-k * stride + i]);
		}
	}
	for (int64_t i = 0; i < n; i++) {
		d[i] = (int16_t)(sum[i] >> (precision - FRACTION));
	}
}

INLINE void blur_horizontal(uint8_t *d, const int16_t *s, int64_t n, int channels,
    const int16_t *weights, int radius, int precision) {
	int32_t sum[LANES];
	for (int64_t i = 0; i < n; i++) {
		sum[i] = (1 << (precision + FRACTION - 1)) + weights[0] * s[i];
	}
	for (int k = 1; k <= radius; k++) {
		for (int64_t i = 0; i < n; i++) {
			sum[i] += weights[k] * s[k * channels + i] + weights[k] * s[-k * channels + i];
		}
	}
	for (int64_t i = 0; i < n; i++) {
		d[i] = (uint8_t)(sum[i] >> (precision + FRACTION));
	}
}

// Values from i to the end of a row.

INLINE void vertical_row(int16_t *d, const uint8_t *s, int64_t i, int64_t stride,
    const int16_t *weights, int radius, int precision) {
	for (; i + LANES <= stride; i += LANES) {
		blur_vertical(d + i, s + i, LANES, stride, weights, radius, precision);
	}
	blur_vertical(d + i, s + i, stride - i, stride, weights, radius, precision);
}

INLINE void horizontal_row(uint8_t *d, const int16_t *s, int64_t i, int64_t stride, int channels,
    const int16_t *weights, int radius, int precision) {
	for (; i + LANES <= stride; i += LANES) {
		blur_horizontal(d + i, s + i, LANES, channels, weights, radius, precision);
	}
	blur_horizontal(d + i, s + i, stride - i, channels, weights, radius, precision);
}

// The borders of a row between the passes.
INLINE void border(
    int16_t *line, int64_t from, int64_t to, int channels, const int32_t *mirror, int radius) {
	for (int64_t k = from; k < to; k++) {
		memcpy(line + k * channels, line + (mirror[k] + radius) * channels, 2 * (size_t)channels);
	}
}

// How many values of a row, from the first on, a pass completed before the plain C.
typedef int64_t vertical_start(int16_t *d, const uint8_t *s, int64_t stride, const int16_t *weights,
    int radius, int precision);
typedef int64_t horizontal_start(uint8_t *d, const int16_t *s, int64_t stride, int channels,
    const int16_t *weights, int radius, int precision);

// Both passes of each row.
INLINE void blur_rows(uint8_t *dst, const uint8_t *src, const int16_t *weights,
    const int32_t *mirror, int16_t *line, const imageop_blur_shape *s, vertical_start *vertical,
    horizontal_start *horizontal) {
	const int64_t rows = s->rows, width = s->width, stride = width * s->channels;
	const int channels = s->channels, radius = s->radius, precision = s->precision;
	int16_t *middle = line + radius * channels;
	for (int64_t y = 0; y < rows; y++, dst += stride, src += stride) {
		int64_t done = vertical(middle, src, stride, weights, radius, precision);
		vertical_row(middle, src, done, stride, weights, radius, precision);
		border(line, 0, radius, channels, mirror, radius);
		border(line, radius + width, 2 * radius + width, channels, mirror, radius);
		done = horizontal(dst, middle, stride, channels, weights, radius, precision);
		horizontal_row(dst, middle, done, stride, channels, weights, radius, precision);
		if (channels == 4) {
			copy_alpha(dst, src, width);
		}
	}
}

#endif
