// The arithmetic of package augment on buffers that Go has sized and checked. Every
// function gives the same bytes with and without avx2.
//
// Pixels are packed, of 1, 3 or 4 channels; the fourth, alpha, is left alone. Factors
// are 1 << 20 at most, either sign.

#ifndef MIXFOLDER_AUGMENT_KERNEL_H
#define MIXFOLDER_AUGMENT_KERNEL_H

#include <stddef.h>
#include <stdint.h>

// What is packed repeats after this many bytes, for 1, 3 and 4 channels.
enum { AUGMENT_PERIOD = 96 };

// A value of channel c becomes tables[256*c + value].
void augment_look_up(uint8_t *pix, ptrdiff_t pixels, int channels, const uint8_t *tables, int avx2);

// Adds to counts[256*c + value] how often channel c has it.
void augment_count(const uint8_t *pix, ptrdiff_t pixels, int channels, uint32_t *counts);

// Lowers low[i % AUGMENT_PERIOD] and raises high[i % AUGMENT_PERIOD] to byte i.
void augment_extremes(const uint8_t *pix, ptrdiff_t bytes, uint8_t *low, uint8_t *high, int avx2);

// The sum of the pixels' luma.
uint64_t augment_luma_sum(const uint8_t *pix, ptrdiff_t pixels, int channels, int avx2);

// Mixes pixels of 3 or 4 channels with their luma: factor 0 is gray.
void augment_saturate(uint8_t *pix, ptrdiff_t pixels, int channels, float factor, int avx2);

// Turns the hue of pixels of 3 or 4 channels by `shift` 255ths of a circle; their sum
// is taken modulo 256, as torchvision does.
void augment_hue(uint8_t *pix, ptrdiff_t pixels, int channels, int shift, int avx2);

// Mixes rows with smooth ones: factor 0 is smooth. The first and the last pixel of a
// row stay as they are. dst and src are the same rows, in different memory; src has a
// row before them and one after.
void augment_sharpen(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width,
    int channels, float factor, int avx2);

// Blurs rows by weights[0] of a pixel and weights[k] of those k pixels away, k up to
// radius, along y and along x. All together they are worth 1 << precision, 7 to 16. src
// has `radius` rows before dst's first row, and as many after its last. Pixel x of a
// row is also pixel k of the row with its borders, where mirror[k] is x; k below width
// + 2*radius. line has room for such a row.
void augment_blur(uint8_t *dst, const uint8_t *src, ptrdiff_t rows, ptrdiff_t width, int channels,
    const int16_t *weights, int radius, int precision, const int32_t *mirror, int16_t *line,
    int avx2);

#endif
