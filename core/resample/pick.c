#include "kernel.h"

#include <string.h>

// 4-byte stores are the fast ones: 3 bytes of each stay, the rest is overwritten by the
// next, and the last pixel is stored alone.
static void choose3(uint8_t *d, const uint8_t *s, ptrdiff_t width, const int32_t *column) {
	ptrdiff_t last = width - 1;
	for (ptrdiff_t x = 0; x < last; x++) {
		memcpy(d + 3 * x, s + 4 * (ptrdiff_t)column[x], 4);
	}
	memcpy(d + 3 * last, s + 4 * (ptrdiff_t)column[last], 3);
}

static void choose(
    uint8_t *d, const uint8_t *s, ptrdiff_t width, const int32_t *column, int channels) {
	switch (channels) {
	case 1:
		for (ptrdiff_t x = 0; x < width; x++) {
			d[x] = s[column[x]];
		}
		break;
	case 3: choose3(d, s, width, column); break;
	default:
		for (ptrdiff_t x = 0; x < width; x++) {
			memcpy(d + 4 * x, s + 4 * (ptrdiff_t)column[x], 4);
		}
	}
}

// Drops every fourth byte.
static void drop_default(uint8_t *d, const uint8_t *s, ptrdiff_t width) {
	ptrdiff_t last = width - 1;
	for (ptrdiff_t x = 0; x < last; x++) {
		memcpy(d + 3 * x, s + 4 * x, 4);
	}
	memcpy(d + 3 * last, s + 4 * last, 3);
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static void drop_avx2(
    uint8_t *d, const uint8_t *s, ptrdiff_t width) {
	const __m128i keep = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
	ptrdiff_t x = 0;
	for (; x + 6 <= width; x += 4) { // 16 bytes are stored, 18 lie before the end of the row
		_mm_storeu_si128((__m128i *)(d + 3 * x),
		    _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(s + 4 * x)), keep));
	}
	drop_default(d + 3 * x, s + 4 * x, width - x);
}
#endif

void resample_pick(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
    ptrdiff_t rows, ptrdiff_t width, const int32_t *row, const int32_t *column, int channels,
    int pixel, int avx2) {
	void (*drop)(uint8_t *, const uint8_t *, ptrdiff_t) = drop_default;
#if defined(__x86_64__)
	if (avx2) {
		drop = drop_avx2;
	}
#endif
	for (ptrdiff_t y = 0; y < rows; y++) {
		uint8_t *d = dst + y * dst_stride;
		const uint8_t *s = src + (row ? row[y] : y) * src_stride;
		if (column) {
			choose(d, s, width, column, channels);
		} else if (channels == pixel) {
			memcpy(d, s, width * pixel);
		} else {
			drop(d, s, width);
		}
	}
}
