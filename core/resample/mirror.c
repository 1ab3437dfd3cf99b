#include "kernel.h"

#include <string.h>

static void mirror_row_default(uint8_t *d, const uint8_t *s, ptrdiff_t width, int channels) {
	switch (channels) {
	case 1:
		for (ptrdiff_t x = 0; x < width; x++) {
			d[x] = s[width - 1 - x];
		}
		break;
	case 3:
		for (ptrdiff_t x = 0; x < width; x++) {
			memcpy(d + 3 * x, s + 3 * (width - 1 - x), 3);
		}
		break;
	default:
		for (ptrdiff_t x = 0; x < width; x++) {
			memcpy(d + 4 * x, s + 4 * (width - 1 - x), 4);
		}
	}
}

#if defined(__x86_64__)
#include <immintrin.h>

// 5 pixels a step, from the right end of s on. The 16th byte that is stored is
// overwritten by the next step; the 16th that is loaded lies before the pixels, so the
// leftmost ones are done one by one.
__attribute__((target("avx2"))) static void mirror_row3_avx2(
    uint8_t *d, const uint8_t *s, ptrdiff_t width) {
	const __m128i turn = _mm_setr_epi8(13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, -1);
	ptrdiff_t x = 0;
	for (; x + 6 <= width; x += 5) {
		_mm_storeu_si128((__m128i *)(d + 3 * x),
		    _mm_shuffle_epi8(
		        _mm_loadu_si128((const __m128i *)(s + 3 * (width - 5 - x) - 1)), turn));
	}
	mirror_row_default(d + 3 * x, s, width - x, 3);
}
#endif

void resample_mirror(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width,
    int channels, int upside_down, int avx2) {
	ptrdiff_t stride = width * channels;
	for (ptrdiff_t y = 0; y < rows; y++) {
		uint8_t *d = dst + (upside_down ? rows - 1 - y : y) * stride;
#if defined(__x86_64__)
		if (avx2 && channels == 3) {
			mirror_row3_avx2(d, src + y * stride, width);
			continue;
		}
#endif
		mirror_row_default(d, src + y * stride, width, channels);
	}
}
