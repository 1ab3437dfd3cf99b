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

typedef void mix_kernel(
    uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam, const mix_format *f);

// n pixels with a weight each, to planes or interleaved.
typedef void mix_weighted_kernel(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n,
    const float *weights, int planes, const mix_format *f);

typedef struct {
	// n values: value i of dst is (b[j] + lam * (a[j] - b[j])) * scale[c] + bias[c], each
	// operation rounded, with c = i % MIX_PERIOD. j is i or, with reverse, the same channel
	// counted from the other end of its pixel: 2, 1, 0, 5, 4, 3, and so on.
	mix_kernel *interleaved;
	// The same for n pixels of 3 or 4 channels whose values go to one plane per channel. c
	// is the plane.
	mix_kernel *planar;
	// Both with weights[i] for lam at all values of pixel i.
	mix_weighted_kernel *weighted;
} mix_kernels;

extern const mix_kernels mix_generic, mix_avx2;

// The table in use. Go sets it before the first call.
extern const mix_kernels *mix_used;

static inline void mix_interleaved(
    uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam, const mix_format *f) {
	mix_used->interleaved(dst, a, b, n, lam, f);
}

static inline void mix_planar(
    uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n, float lam, const mix_format *f) {
	mix_used->planar(dst, a, b, n, lam, f);
}

static inline void mix_weighted(uint8_t *dst, const uint8_t *a, const uint8_t *b, int64_t n,
    const float *weights, int planes, const mix_format *f) {
	mix_used->weighted(dst, a, b, n, weights, planes, f);
}

#endif
