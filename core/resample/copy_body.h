// Copying pixels, for the target that the including file defines.

#ifndef MIXFOLDER_RESAMPLE_COPY_BODY_H
#define MIXFOLDER_RESAMPLE_COPY_BODY_H

#include <string.h>

#include "../simd/kernel.h"
#include "kernels.h"

// Copies a row of pixels.
typedef void row_kernel(uint8_t *d, const uint8_t *s, int64_t width);

// Stores of 4 bytes are faster: the fourth byte of each is overwritten by the next
// store, and the last pixel is stored alone.
INLINE void copy_columns3(uint8_t *d, const uint8_t *s, int64_t width, const int32_t *column) {
	int64_t last = width - 1;
	for (int64_t x = 0; x < last; x++) {
		memcpy(d + 3 * x, s + 4 * (int64_t)column[x], 4);
	}
	memcpy(d + 3 * last, s + 4 * (int64_t)column[last], 3);
}

TARGET static void copy_columns(
    uint8_t *d, const uint8_t *s, int64_t width, const int32_t *column, int channels) {
	switch (channels) {
	case 1:
		for (int64_t x = 0; x < width; x++) {
			d[x] = s[column[x]];
		}
		break;
	case 3: copy_columns3(d, s, width, column); break;
	default:
		for (int64_t x = 0; x < width; x++) {
			memcpy(d + 4 * x, s + 4 * (int64_t)column[x], 4);
		}
	}
}

// Copies a row of 4-byte pixels without their last byte.
INLINE void drop_alpha(uint8_t *d, const uint8_t *s, int64_t width) {
	int64_t last = width - 1;
	for (int64_t x = 0; x < last; x++) {
		memcpy(d + 3 * x, s + 4 * x, 4);
	}
	memcpy(d + 3 * last, s + 4 * last, 3);
}

// The kernel nearest, with the function that drops alpha from a row.
INLINE void nearest_rows(uint8_t *dst, const uint8_t *src, const int32_t *row,
    const int32_t *column, const resample_shape *s, row_kernel *drop) {
	for (int64_t y = 0; y < s->rows; y++) {
		uint8_t *d = dst + y * s->dst_stride;
		const uint8_t *p = src + (row ? row[y] : y) * s->src_stride;
		if (column) {
			copy_columns(d, p, s->width, column, s->channels);
		} else if (s->channels == s->src_pixel) {
			memcpy(d, p, (size_t)(s->width * s->channels));
		} else {
			drop(d, p, s->width);
		}
	}
}

TARGET static void flip_row(uint8_t *d, const uint8_t *s, int64_t width, int channels) {
	switch (channels) {
	case 1:
		for (int64_t x = 0; x < width; x++) {
			d[x] = s[width - 1 - x];
		}
		break;
	case 3:
		for (int64_t x = 0; x < width; x++) {
			memcpy(d + 3 * x, s + 3 * (width - 1 - x), 3);
		}
		break;
	default:
		for (int64_t x = 0; x < width; x++) {
			memcpy(d + 4 * x, s + 4 * (width - 1 - x), 4);
		}
	}
}

INLINE void flip_row3(uint8_t *d, const uint8_t *s, int64_t width) { flip_row(d, s, width, 3); }

// The kernel flip, with the function for a row of 3 channels.
INLINE void flip_rows(uint8_t *dst, const uint8_t *src, const resample_shape *s, row_kernel *row3) {
	const int64_t rows = s->rows, width = s->width;
	const int channels = s->channels;
	for (int64_t y = 0; y < rows; y++) {
		uint8_t *d = dst + y * s->dst_stride;
		const uint8_t *p = src + y * s->src_stride;
		if (channels == 3) {
			row3(d, p, width);
		} else {
			flip_row(d, p, width, channels);
		}
	}
}

#endif
