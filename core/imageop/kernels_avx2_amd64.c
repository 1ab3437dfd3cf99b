#define TARGET TARGET_AVX2
#include "color_body.h"
#include "lut_body.h"
#include "neighbors_body.h"

#include <immintrin.h>

// Which bytes of 3 vectors of 16 (packed pixels of 3 bytes) belong to each plane, and
// which of 3 planes to each vector.
static const int8_t deinterleave_table[3][3][16] =
    {
        {{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
        {{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
        {{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
            {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}},
    },
                    interleave_table[3][3][16] = {
                        {{0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5},
                            {-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1},
                            {-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1}},
                        {{-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1},
                            {5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10},
                            {-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1}},
                        {{-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1},
                            {-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1},
                            {10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15}},
                    };

// The bytes that `from` selects from each of 3 vectors, in each lane.
INLINE __m256i shuffled(const __m256i v[3], const int8_t from[3][16]) {
	__m256i bytes[3];
	for (int k = 0; k < 3; k++) {
		bytes[k] = _mm256_shuffle_epi8(
		    v[k], _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)from[k])));
	}
	return _mm256_or_si256(_mm256_or_si256(bytes[0], bytes[1]), bytes[2]);
}

// 32 pixels of 3 bytes to planes, those of the first 16 in the low lanes, and back.

INLINE void deinterleave3(__m256i plane[3], const uint8_t *s) {
	__m256i v[3];
	for (int k = 0; k < 3; k++) {
		v[k] =
		    _mm256_loadu2_m128i((const __m128i *)(s + 16 * k + 48), (const __m128i *)(s + 16 * k));
	}
	for (int c = 0; c < 3; c++) {
		plane[c] = shuffled(v, deinterleave_table[c]);
	}
}

INLINE void interleave3(uint8_t *d, const __m256i plane[3]) {
	for (int k = 0; k < 3; k++) {
		_mm256_storeu2_m128i((__m128i *)(d + 16 * k + 48), (__m128i *)(d + 16 * k),
		    shuffled(plane, interleave_table[k]));
	}
}

INLINE void load3(block *b, const uint8_t *s, int64_t n, int channels) {
	if (channels != 3 || n < BLOCK) {
		load(b, s, n, channels);
		return;
	}
	for (int i = 0; i < BLOCK; i += 32) {
		__m256i plane[3];
		deinterleave3(plane, s + 3 * i);
		for (int c = 0; c < 3; c++) {
			_mm256_storeu_si256((__m256i *)(b->c[c] + i), plane[c]);
		}
	}
}

INLINE void store3(uint8_t *d, const block *b, int64_t n, int channels) {
	if (channels != 3 || n < BLOCK) {
		store(d, b, n, channels);
		return;
	}
	for (int i = 0; i < BLOCK; i += 32) {
		__m256i plane[3];
		for (int c = 0; c < 3; c++) {
			plane[c] = _mm256_loadu_si256((const __m256i *)(b->c[c] + i));
		}
		interleave3(d + 3 * i, plane);
	}
}
// Entry 16 * k + low of a table.
INLINE __m256i entry(const uint8_t *table, int k, __m256i low) {
	return _mm256_shuffle_epi8(
	    _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(table + 16 * k))), low);
}

// 32 values, each looked up in all 16 parts of the table by its low bits; the high bits
// select one result, pair by pair. This takes half the time of 32 loads and stores.
INLINE __m256i entries(const uint8_t *table, __m256i v) {
	__m256i low = _mm256_and_si256(v, _mm256_set1_epi8(15)), part[8];
	// Only the highest bit of each byte is used.
	__m256i bit4 = _mm256_slli_epi16(v, 3), bit5 = _mm256_slli_epi16(v, 2),
	        bit6 = _mm256_slli_epi16(v, 1);
	for (int k = 0; k < 8; k++) {
		part[k] = _mm256_blendv_epi8(entry(table, 2 * k, low), entry(table, 2 * k + 1, low), bit4);
	}
	for (int k = 0; k < 4; k++) {
		part[k] = _mm256_blendv_epi8(part[2 * k], part[2 * k + 1], bit5);
	}
	for (int k = 0; k < 2; k++) {
		part[k] = _mm256_blendv_epi8(part[2 * k], part[2 * k + 1], bit6);
	}
	return _mm256_blendv_epi8(part[0], part[1], v);
}

TARGET static int64_t look_up_bytes32(uint8_t *pix, int64_t bytes, const uint8_t *table) {
	int64_t i = 0;
	for (; i + 32 <= bytes; i += 32) {
		_mm256_storeu_si256(
		    (__m256i *)(pix + i), entries(table, _mm256_loadu_si256((const __m256i *)(pix + i))));
	}
	return i;
}

TARGET static int64_t look_up_pixels32(uint8_t *pix, int64_t pixels, const uint8_t *tables) {
	int64_t i = 0;
	for (; i + 32 <= pixels; i += 32) {
		__m256i plane[3];
		deinterleave3(plane, pix + 3 * i);
		for (int c = 0; c < 3; c++) {
			plane[c] = entries(tables + 256 * c, plane[c]);
		}
		interleave3(pix + 3 * i, plane);
	}
	return i;
}
TARGET static void look_up(uint8_t *pix, int64_t pixels, int channels, const uint8_t *tables) {
	look_up_with(pix, pixels, channels, tables, look_up_bytes32, look_up_pixels32);
}

// A copy for packed pixels of 3 bytes, and one for the others.

TARGET static uint64_t luma_sum(const uint8_t *pix, int64_t pixels, int channels) {
	if (channels == 3) {
		return luma_sum_of(pix, pixels, 3, load3);
	}
	return luma_sum_of(pix, pixels, channels, load);
}

TARGET static void saturate(uint8_t *pix, int64_t pixels, int channels, float factor) {
	if (channels == 3) {
		change_blocks(pix, pixels, 3, load3, store3, saturate_block, factor);
	} else {
		change_blocks(pix, pixels, 4, load, store, saturate_block, factor);
	}
}

TARGET static void hue(uint8_t *pix, int64_t pixels, int channels, int shift) {
	if (channels == 3) {
		change_blocks(pix, pixels, 3, load3, store3, shift_hue, (float)shift);
	} else {
		change_blocks(pix, pixels, 4, load, store, shift_hue, (float)shift);
	}
}

// Sums of 16 values, in the order of unpacking: the low halves of both lanes, the high
// halves.
typedef struct {
	__m256i low, high;
} sums;

INLINE sums start_sums(int half, __m256i v, int weight) {
	const __m256i w = _mm256_set1_epi32(weight), zero = _mm256_setzero_si256(),
	              h = _mm256_set1_epi32(half);
	return (sums){_mm256_add_epi32(h, _mm256_madd_epi16(_mm256_unpacklo_epi16(v, zero), w)),
	    _mm256_add_epi32(h, _mm256_madd_epi16(_mm256_unpackhi_epi16(v, zero), w))};
}

INLINE sums add_weighted(sums s, __m256i a, __m256i b, int weight) {
	const __m256i w = _mm256_set1_epi16((int16_t)weight);
	return (sums){_mm256_add_epi32(s.low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w)),
	    _mm256_add_epi32(s.high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w))};
}

INLINE __m256i shift_sums(sums s, int by) {
	const __m128i n = _mm_cvtsi32_si128(by);
	return _mm256_packs_epi32(_mm256_sra_epi32(s.low, n), _mm256_sra_epi32(s.high, n));
}

INLINE __m256i load_u8_epi16(const uint8_t *p) {
	return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p));
}

INLINE __m256i load_epi16(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)p); }

INLINE int64_t vertical_16(int16_t *d, const uint8_t *s, int64_t stride, const int16_t *weights,
    int radius, int precision) {
	int64_t i = 0;
	for (; i + LANES <= stride; i += LANES) {
		sums v = start_sums(1 << (precision - FRACTION - 1), load_u8_epi16(s + i), weights[0]);
		for (int k = 1; k <= radius; k++) {
			v = add_weighted(v, load_u8_epi16(s + i + k * stride),
			    load_u8_epi16(s + i - k * stride), weights[k]);
		}
		_mm256_storeu_si256((__m256i *)(d + i), shift_sums(v, precision - FRACTION));
	}
	return i;
}

INLINE int64_t horizontal_16(uint8_t *d, const int16_t *s, int64_t stride, int channels,
    const int16_t *weights, int radius, int precision) {
	int64_t i = 0;
	for (; i + LANES <= stride; i += LANES) {
		sums v = start_sums(1 << (precision + FRACTION - 1), load_epi16(s + i), weights[0]);
		for (int k = 1; k <= radius; k++) {
			v = add_weighted(
			    v, load_epi16(s + i + k * channels), load_epi16(s + i - k * channels), weights[k]);
		}
		__m256i n = shift_sums(v, precision + FRACTION);
		_mm_storeu_si128((__m128i *)(d + i),
		    _mm_packus_epi16(_mm256_castsi256_si128(n), _mm256_extracti128_si256(n, 1)));
	}
	return i;
}

TARGET static void blur(uint8_t *dst, const uint8_t *src, const int16_t *weights,
    const int32_t *mirror, int16_t *line, const imageop_blur_shape *s) {
	blur_rows(dst, src, weights, mirror, line, s, vertical_16, horizontal_16);
}

const imageop_kernels imageop_avx2 = {
    .look_up = look_up,
    .extremes = extremes,
    .luma_sum = luma_sum,
    .saturate = saturate,
    .hue = hue,
    .sharpen = sharpen,
    .blur = blur,
};
