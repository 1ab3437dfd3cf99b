// The arithmetic of package resample on buffers that Go has sized and checked. Every
// function gives the same bytes with and without avx2.
//
// A target pixel's weights are `taps` coefficients of 16 bits. Where `split` is set
// they are followed by taps more, worth 1 << SPLIT_BITS each: weights of 1 and more
// have too few fractional bits in 16.

#ifndef MIXFOLDER_RESAMPLE_KERNEL_H
#define MIXFOLDER_RESAMPLE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum { SPLIT_BITS = 11 };

// Filters `rows` rows of 4-byte pixels along x. Target pixel x of a row is the sum of
// weight k of x times source pixel start[x]+k, k below taps, rounded and shifted right
// by precision; its first `channels` (3 or 4) bytes are stored. taps is even. May read
// 12 bytes behind the last tap, may write 16 bytes behind the end of a target row;
// start and coef hold a multiple of 4 entries.
void resample_horizontal4(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int channels, int avx2);

// The same for 1-byte pixels; taps is a multiple of 8, 8 bytes may be read behind the
// last tap, 3 written behind a row.
void resample_horizontal1(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src,
    ptrdiff_t src_stride, ptrdiff_t rows, ptrdiff_t width, const int32_t *start,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int avx2);

// Filters along y: byte i of target row y is the sum of weight k of y times byte i of
// source row start[y]+k, k below count[y]. Source rows are readable up to the next
// multiple of 32 bytes.
void resample_vertical(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
    ptrdiff_t rows, ptrdiff_t bytes, const int32_t *start, const int32_t *count,
    const int16_t *coef, ptrdiff_t taps, int split, int precision, int avx2);

// Filters along x as the functions above (pixel is 1 or 4 bytes, channels of which are
// kept), but into floats that are neither rounded nor shifted nor clipped, without gaps
// between the rows. Nothing is read behind the last tap, one float may be written
// behind the last row.
void resample_wide_rows(float *dst, const uint8_t *src, ptrdiff_t src_stride, ptrdiff_t rows,
    ptrdiff_t width, const int32_t *start, const int16_t *coef, ptrdiff_t taps, int split,
    int channels, int pixel, int avx2);

// Filters these along y. Sums are multiplied by unit, rounded and clipped.
void resample_wide_columns(uint8_t *dst, ptrdiff_t dst_stride, const float *src, ptrdiff_t rows,
    ptrdiff_t values, const int32_t *start, const int32_t *count, const int16_t *coef,
    ptrdiff_t taps, int split, float unit, int avx2);

// Copies pixels: target pixel (x, y) is source pixel (column[x], row[y]); where column
// is NULL (x, row[y]), where row is NULL (column[x], y). A pixel has `channels` bytes
// in the target and `pixel` bytes in the source: 1 of 1, 3 of 4 or 4 of 4.
void resample_pick(uint8_t *dst, ptrdiff_t dst_stride, const uint8_t *src, ptrdiff_t src_stride,
    ptrdiff_t rows, ptrdiff_t width, const int32_t *row, const int32_t *column, int channels,
    int pixel, int avx2);

// Multiplies R, G, B of `pixels` RGBA pixels by A/255, rounded.
void resample_premultiply(uint8_t *dst, const uint8_t *src, ptrdiff_t pixels, int avx2);

// Divides R, G, B of `pixels` RGBA pixels by A/255, rounded down and clipped; where A
// is 0 they stay as they are.
void resample_unpremultiply(uint8_t *pix, ptrdiff_t pixels, int avx2);

// Mirrors packed rows left to right, and turns their order round if upside_down is set.
// dst and src must not overlap.
void resample_mirror(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width,
    int channels, int upside_down, int avx2);

// What resample_warp shows outside of the source: values, those only between the
// centers of the outermost pixels, or scipy.ndimage's modes nearest, reflect and wrap.
enum { FILL_CONSTANT, FILL_CONSTANT_CENTERS, FILL_NEAREST, FILL_REFLECT, FILL_WRAP };

// Samples the source at positions of 32 fractional bits, of which 0 is the center of
// the first pixel: target pixel (x, y) at (m[2] + x m[0] + y m[1], m[5] + x m[3] + y
// m[4]), between 4 pixels or at the nearest. A pixel has `pixel` bytes in the source
// and `channels` in the target: 1 and 1, 3 and 3, 4 and 3, or 4 and 4. value is the
// target pixel where the fill mode is constant. Extents are below 2^24, all positions
// below 2^28 pixels. 2 bytes may be read behind the source's last pixel.
void resample_warp(uint8_t *dst, ptrdiff_t dst_stride, ptrdiff_t rows, ptrdiff_t width,
    const uint8_t *src, ptrdiff_t src_stride, ptrdiff_t src_width, ptrdiff_t src_height,
    const int64_t *m, int bilinear, int fill, const uint8_t *value, int pixel, int channels,
    int avx2);

#endif
