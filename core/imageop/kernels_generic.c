#define TARGET
#include "color_body.h"
#include "lut_body.h"
#include "neighbors_body.h"

static int64_t look_up_none(uint8_t *pix, int64_t n, const uint8_t *tables) {
	(void)pix, (void)n, (void)tables;
	return 0;
}

static void look_up(uint8_t *pix, int64_t pixels, int channels, const uint8_t *tables) {
	look_up_with(pix, pixels, channels, tables, look_up_none, look_up_none);
}

// Counting the same value twice in a row waits for the memory, so neighbors use
// separate counters.
void imageop_count(const uint8_t *pix, int64_t pixels, int channels, uint32_t *counts) {
	const int colors = channels < 3 ? channels : 3;
	uint32_t odd[3 * 256];
	memset(odd, 0, sizeof odd);
	int64_t i = 0;
	for (; i + 2 <= pixels; i += 2, pix += 2 * channels) {
		for (int c = 0; c < colors; c++) {
			counts[256 * c + pix[c]]++;
			odd[256 * c + pix[channels + c]]++;
		}
	}
	for (int c = 0; i < pixels && c < colors; c++) {
		counts[256 * c + pix[c]]++;
	}
	for (int k = 0; k < 256 * colors; k++) {
		counts[k] += odd[k];
	}
}

static uint64_t luma_sum(const uint8_t *pix, int64_t pixels, int channels) {
	return luma_sum_of(pix, pixels, channels, load);
}

static void saturate(uint8_t *pix, int64_t pixels, int channels, float factor) {
	change_blocks(pix, pixels, channels, load, store, saturate_block, factor);
}

static void hue(uint8_t *pix, int64_t pixels, int channels, int shift) {
	change_blocks(pix, pixels, channels, load, store, shift_hue, (float)shift);
}

static int64_t vertical_none(int16_t *d, const uint8_t *s, int64_t stride, const int16_t *weights,
    int radius, int precision) {
	(void)d, (void)s, (void)stride, (void)weights, (void)radius, (void)precision;
	return 0;
}

static int64_t horizontal_none(uint8_t *d, const int16_t *s, int64_t stride, int channels,
    const int16_t *weights, int radius, int precision) {
	(void)d, (void)s, (void)stride, (void)channels, (void)weights, (void)radius, (void)precision;
	return 0;
}

static void blur(uint8_t *dst, const uint8_t *src, const int16_t *weights, const int32_t *mirror,
    int16_t *line, const imageop_blur_shape *s) {
	blur_rows(dst, src, weights, mirror, line, s, vertical_none, horizontal_none);
}

const imageop_kernels imageop_generic = {
    .look_up = look_up,
    .extremes = extremes,
    .luma_sum = luma_sum,
    .saturate = saturate,
    .hue = hue,
    .sharpen = sharpen,
    .blur = blur,
};

const imageop_kernels *imageop_used = &imageop_generic;
