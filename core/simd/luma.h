// Luma as Pillow computes it.

#ifndef MIXFOLDER_SIMD_LUMA_H
#define MIXFOLDER_SIMD_LUMA_H

#include <stdint.h>

#include "kernel.h"

// L24 of Pillow's Convert.c, its conversion to mode L: the luma of ITU-R 601-2, 299,
// 587 and 114 of 1000, in 16-bit fixed point, rounded. The weights add up to 1 << 16.
INLINE uint8_t luma601(uint32_t r, uint32_t g, uint32_t b) {
	return (uint8_t)((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16);
}

#endif
