// C kernels of package mix: pixels of two images -> values of a batch. mixer.go has
// checked every size and owns every buffer. All tables give the same bytes.

#ifndef MIXFOLDER_MIX_KERNELS_H
#define MIXFOLDER_MIX_KERNELS_H

#include <stdint.h>

// The types of values, as in Go.
enum { MIX_FLOAT32, MIX_FLOAT16, MIX_UINT8 };

// Interleaved channels, 1, 3 or 4, repeat after this many values.
enum { MIX_PERIOD = 24 };

// mix_format is what all values of a batch have in common.
typedef struct {
	// Per value of a period in the order of the target; the first ones are those of the
	// target's channels.
	float scale[MIX_PERIOD], bias[MIX_PERIOD];
	int64_t plane; // values from one plane to the next
	int32_t channels;
	int32_t type;
	int32_t reverse; // the target has 3 channels in reverse order
	int32_t stream;  // stores may bypass the caches
} mix_format;

// n values or pixels of a and b; a pixel's own weight is lam, or that of weights if they
// are given.
typedef void mix_kernel(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam,
    const float *weights, const mix_format *f);

typedef struct {
	// n values: value i of dst is (b[j] + lam * (a[j] - b[j])) * scale[c] + bias[c], each
	// operation rounded, with c = i % MIX_PERIOD. j is i or, with reverse, the same channel
	// counted from the other end of its pixel: 2, 1, 0, 5, 4, 3, and so on. If there are
	// weights, lam is weights[i / channels], and n is a multiple of channels.
	mix_kernel *interleaved;
	// The same for n pixels of 3 or 4 channels whose values go to one plane per channel. c
	// is the plane; weights[i] are those of pixel i.
	mix_kernel *planar;
	// 1 - factors[y] * columns[x], each operation rounded, for all pixels, row by row.
	void (*outer)(
	    float *weights, const float *columns, const float *factors, int64_t width, int64_t height);
} mix_kernels;

extern const mix_kernels mix_generic, mix_avx2;

// The table in use. Go sets it before the first call.
extern const mix_kernels *mix_used;

static inline void mix_interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n,
    float lam, const float *weights, const mix_format *f) {
	mix_used->interleaved(dst, a, b, n, lam, weights, f);
}

static inline void mix_planar(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n,
    float lam, const float *weights, const mix_format *f) {
	mix_used->planar(dst, a, b, n, lam, weights, f);
}

static inline void mix_outer(
    float *weights, const float *columns, const float *factors, int64_t width, int64_t height) {
	mix_used->outer(weights, columns, factors, width, height);
}

#endif
