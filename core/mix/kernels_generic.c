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

const mix_kernels mix_generic = {interleaved, planar, outer};

const mix_kernels *mix_used = &mix_generic;
