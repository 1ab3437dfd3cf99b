#define TARGET
#include "kernels_body.h"

static void interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam,
    const float *weights, const mix_format *f) {
	interleaved_from(0, dst, a, b, n, lam, weights, f);
}

static void planar(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam,
    const float *weights, const mix_format *f) {
	planar_from(0, dst, a, b, n, lam, weights, f);
}

static void waves(float *out, const float *re, const float *im, const float *cosine,
    const float *sine, int64_t rows, const mix_waves *w) {
	for (int64_t r = 0; r < rows; r++, out += w->n, re += w->row, im += w->row) {
		for (int64_t x = 0; x <= w->n / 2; x += MIX_WAVES) {
			float even[MIX_WAVES] = {0}, odd[MIX_WAVES] = {0};
			for (int64_t k = 0; k < w->count; k++) {
				const float a = re[k * w->step], b = im[k * w->step];
				const float *c = cosine + k * w->stride + x, *s = sine + k * w->stride + x;
				for (int j = 0; j < MIX_WAVES; j++) {
					even[j] += a * c[j];
					odd[j] += b * s[j];
				}
			}
			store_waves(out, even, odd, x, w->n);
		}
	}
}

static void within(
    int32_t *indices, int64_t *counts, const float *values, int64_t n, float low, float high) {
	counts[0] = counts[1] = 0;
	within_from(0, indices, counts, values, n, low, high);
}

static void add_alpha(
    uint8_t *dst, const uint8_t *src, int64_t width, int64_t rows, int64_t src_stride) {
	for (int64_t y = 0; y < rows; y++) {
		add_alpha_from(0, dst + y * width * 4, src + y * src_stride, width);
	}
}

const mix_kernels mix_generic = {interleaved, planar, outer, waves, within, above, add_alpha};

const mix_kernels *mix_used = &mix_generic;
