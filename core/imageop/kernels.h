// C kernels of package imageop: operations on pixels in place. kernel.go checks every
// size and owns every buffer. All tables give the same bytes.
//
// Pixels are packed, with 1, 3 or 4 channels; the fourth, alpha, is unchanged. The
// magnitude of factors is at most 1 << 20.

#ifndef MIXFOLDER_IMAGEOP_KERNELS_H
#define MIXFOLDER_IMAGEOP_KERNELS_H

#include <stdint.h>

// Packed channels, 1, 3 or 4, repeat after this many bytes.
enum { IMAGEOP_PERIOD = 96 };

typedef struct {
	int64_t rows, width;
	int32_t channels;
	int32_t radius;
	int32_t precision; // 14 to 16: all weights of a pixel add up to 1 << precision
} imageop_blur_shape;

typedef struct {
	// A value of channel c becomes tables[256*c + value].
	void (*look_up)(uint8_t *pix, int64_t pixels, int channels, const uint8_t *tables);

	// Lowers low[i % IMAGEOP_PERIOD] and raises high[i % IMAGEOP_PERIOD] to byte i.
	void (*extremes)(const uint8_t *pix, int64_t bytes, uint8_t *low, uint8_t *high);

	// The sum of the pixels' luma.
	uint64_t (*luma_sum)(const uint8_t *pix, int64_t pixels, int channels);

	// Blends pixels of 3 or 4 channels with their luma: factor 0 is gray.
	void (*saturate)(uint8_t *pix, int64_t pixels, int channels, float factor);

	// Rotates the hue of pixels of 3 or 4 channels by shift (0 to 255) 255ths of a
	// circle; the sum is taken modulo 256, as torchvision does.
	void (*hue)(uint8_t *pix, int64_t pixels, int channels, int shift);

	// Blends rows with smooth ones: factor 0 is smooth. The first and the last pixel of
	// a row are unchanged. dst and src are the same rows, in different memory; src has
	// one row before them and one after.
	void (*sharpen)(
	    uint8_t *dst, const uint8_t *src, int64_t rows, int64_t width, int channels, float factor);

	// Blurs rows with weights[0] for a pixel and weights[k] for those k pixels away, k
	// up to radius, along y and along x. src has `radius` rows before dst's first row,
	// and as many after its last. Pixel k of a row with its borders is pixel mirror[k]
	// of the row, for k below width + 2*radius. line can hold a row with its borders.
	void (*blur)(uint8_t *dst, const uint8_t *src, const int16_t *weights, const int32_t *mirror,
	    int16_t *line, const imageop_blur_shape *s);
} imageop_kernels;

extern const imageop_kernels imageop_generic, imageop_avx2;

// The table in use. Go sets it before the first call.
extern const imageop_kernels *imageop_used;

// Adds the number of times that value occurs in channel c to counts[256*c + value]. The
// same for any processor.
void imageop_count(const uint8_t *pix, int64_t pixels, int channels, uint32_t *counts);

static inline void imageop_look_up(
    uint8_t *pix, int64_t pixels, int channels, const uint8_t *tables) {
	imageop_used->look_up(pix, pixels, channels, tables);
}

static inline void imageop_extremes(
    const uint8_t *pix, int64_t bytes, uint8_t *low, uint8_t *high) {
	imageop_used->extremes(pix, bytes, low, high);
}

static inline uint64_t imageop_luma_sum(const uint8_t *pix, int64_t pixels, int channels) {
	return imageop_used->luma_sum(pix, pixels, channels);
}

static inline void imageop_saturate(uint8_t *pix, int64_t pixels, int channels, float factor) {
	imageop_used->saturate(pix, pixels, channels, factor);
}

static inline void imageop_hue(uint8_t *pix, int64_t pixels, int channels, int shift) {
	imageop_used->hue(pix, pixels, channels, shift);
}

static inline void imageop_sharpen(
    uint8_t *dst, const uint8_t *src, int64_t rows, int64_t width, int channels, float factor) {
	imageop_used->sharpen(dst, src, rows, width, channels, factor);
}

static inline void imageop_blur(uint8_t *dst, const uint8_t *src, const int16_t *weights,
    const int32_t *mirror, int16_t *line, const imageop_blur_shape *s) {
	imageop_used->blur(dst, src, weights, mirror, line, s);
}

#endif
