// Blending of values, for the target that the including file defines.

#ifndef MIXFOLDER_IMAGEOP_BLEND_H
#define MIXFOLDER_IMAGEOP_BLEND_H

#include "../simd/kernel.h"
#include "kernels.h"

// Pillow's Image.blend: in 32-bit floats, rounded down, clipped. Clipping after
// rounding gives the same.
INLINE uint8_t blend(int a, int b, float factor) {
	int v = (int)((float)a + factor * (float)(b - a));
	v = v < 0 ? 0 : v;
	return (uint8_t)(v > 255 ? 255 : v);
}

#endif
