// The arithmetic of package mix on buffers that Go has sized and checked. Every
// function gives the same bytes with and without avx2 (which stands for AVX2 and F16C).

#ifndef MIXFOLDER_MIX_KERNEL_H
#define MIXFOLDER_MIX_KERNEL_H

#include <stddef.h>
#include <stdint.h>

// The types of values, as in Go.
enum { MIX_FLOAT32, MIX_FLOAT16, MIX_UINT8 };

// What is interleaved repeats after this many values, for 1, 3 and 4 channels.
enum { MIX_PERIOD = 24 };

// With stream, stores may go past the caches.

// Value i of dst is (b[j] + lam * (a[j] - b[j])) * scale[c] + bias[c], each operation
// rounded, with c = i % MIX_PERIOD. j is i; with reverse it is that of the pixel of 3
// channels turned round: 2, 1, 0, 5, 4, 3, and so on.
void mix_interleaved(uint8_t *dst, const uint8_t *a, const uint8_t *b, ptrdiff_t values, float lam,
    const float *scale, const float *bias, int reverse, int type, int stream, int avx2);

// The same for pixels of 3 or 4 channels whose values go to planes, `plane` values
// apart. c is the plane.
void mix_planar(uint8_t *dst, ptrdiff_t plane, const uint8_t *a, const uint8_t *b, ptrdiff_t pixels,
    int channels, float lam, const float *scale, const float *bias, int reverse, int type,
    int stream, int avx2);

#endif
