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

// mix_waves is what the rows of a sum of waves have in common.
typedef struct {
	int64_t n;         // values of a row
	int64_t count;     // waves
	int64_t row, step; // from one row's coefficients to the next, from one wave's to the next
	int64_t stride;    // of the tables: n / 2 + 1 at least, a multiple of MIX_WAVES
} mix_waves;

// The tables of waves are padded to a multiple of this many values.
enum { MIX_WAVES = 24 };

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
	// Sums of waves: value x of row r of out is the sum over k of re[i] * cosine[j] less
	// the sum over k of im[i] * sine[j], with i = r * row + k * step and, up to x = n / 2,
	// j = k * stride + x, and beyond that value n - x with its second sum added. Both
	// sums start at 0 and go by k, each operation rounded.
	void (*waves)(float *out, const float *re, const float *im, const float *cosine,
	    const float *sine, int64_t rows, const mix_waves *w);
	// Stores the indices of the values from low to high, in order, and their number in
	// counts[0]; the number of larger values in counts[1]. n is below 2^31.
	void (*within)(
	    int32_t *indices, int64_t *counts, const float *values, int64_t n, float low, float high);
	// Replaces values by 1 if they are above a limit, and by 0 otherwise.
	void (*above)(float *values, int64_t n, float limit);
	// Rows of 3-byte pixels to packed 4-byte pixels, the last byte 255.
	void (*add_alpha)(
	    uint8_t *dst, const uint8_t *src, int64_t width, int64_t rows, int64_t src_stride);
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

static inline void mix_sum_waves(float *out, const float *re, const float *im, const float *cosine,
    const float *sine, int64_t rows, const mix_waves *w) {
	mix_used->waves(out, re, im, cosine, sine, rows, w);
}

static inline void mix_within(
    int32_t *indices, int64_t *counts, const float *values, int64_t n, float low, float high) {
	mix_used->within(indices, counts, values, n, low, high);
}

static inline void mix_above(float *values, int64_t n, float limit) {
	mix_used->above(values, n, limit);
}

static inline void mix_add_alpha(
    uint8_t *dst, const uint8_t *src, int64_t width, int64_t rows, int64_t src_stride) {
	mix_used->add_alpha(dst, src, width, rows, src_stride);
}

#endif
