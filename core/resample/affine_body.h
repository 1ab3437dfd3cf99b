// Sampling through an affine map, for the target that the including file defines.

#ifndef MIXFOLDER_RESAMPLE_AFFINE_BODY_H
#define MIXFOLDER_RESAMPLE_AFFINE_BODY_H

#include <string.h>

#include "../simd/kernel.h"
#include "kernels.h"

// Positions are fixed-point numbers with 32 bits of fraction, at pixel centers: 0 is
// the center of the first pixel.
#define ONE ((int64_t)1 << 32)
#define HALF (ONE / 2)

// Weights have 14 bits, so that two of them fit a multiply-add of 16-bit numbers.
enum { WEIGHT_BITS = 14, WEIGHT_ONE = 1 << WEIGHT_BITS };

// The fraction of a position in WEIGHT_BITS.
INLINE int32_t fraction(int64_t u) { return (int32_t)((uint32_t)u >> (32 - WEIGHT_BITS)); }

INLINE int64_t clamp(int64_t i, int64_t n) { return i < 0 ? 0 : i >= n ? n - 1 : i; }

// One pixel between four. The weights sum to WEIGHT_ONE for any rounding, and none is
// negative.
INLINE void blend(uint8_t *d, const uint8_t *a, const uint8_t *b, const uint8_t *c,
    const uint8_t *e, int32_t fx, int32_t fy, int channels) {
	int32_t both = (fx * fy + WEIGHT_ONE / 2) >> WEIGHT_BITS, right = fx - both, below = fy - both,
	        first = WEIGHT_ONE - fx - below;
	for (int i = 0; i < channels; i++) {
		d[i] =
		    (uint8_t)((first * a[i] + right * b[i] + below * c[i] + both * e[i] + WEIGHT_ONE / 2) >>
		              WEIGHT_BITS);
	}
}

// Where on an axis of n pixels a position outside of its centers lies, by the rule of a
// fill mode; 0 if it is to be filled. The result is between -1 and n, and pixels -1 and
// n are their neighbors. The arithmetic is that of scipy.ndimage (ni_interpolation.c,
// map_coordinate).
INLINE int apply_fill(int64_t *position, int64_t n, int fill) {
	const int64_t all = n * ONE, last = all - ONE, twice = 2 * all;
	int64_t u = *position;
	switch (fill) {
	case FILL_CONSTANT: return u >= -HALF && u < all - HALF;
	case FILL_CONSTANT_CENTERS: return u >= 0 && u <= last;
	case FILL_NEAREST: u = u < 0 ? 0 : u > last ? last : u; break;
	case FILL_REFLECT:
		if (n == 1) {
			u = 0;
		} else if (u < 0) {
			if (u < -twice) { // a division takes as long as all the rest
				u += twice * (-u / twice);
			}
			u = u < -all ? u + twice : -u - ONE;
		} else if (u >= all) {
			if (u >= twice) {
				u -= twice * (u / twice);
			}
			u = u >= all ? twice - u - ONE : u;
		}
		break;
	default: // FILL_WRAP: the last pixel lies on the first, as scipy has it
		if (n == 1) {
			u = 0;
		} else if (u < 0) {
			u += u >= 1 - last ? last : last * (-u / last + 1);
		} else if (u > last) {
			u -= u < 2 * last ? last : last * (u / last);
		}
	}
	*position = u;
	return 1;
}

// One pixel at any position.
INLINE void sample_clamped(uint8_t *d, const uint8_t *src, int64_t stride,
    const resample_affine_map *map, int pixel, int channels, int64_t u, int64_t v) {
	const int64_t width = map->src_width, height = map->src_height;

	if (!apply_fill(&u, width, map->fill) || !apply_fill(&v, height, map->fill)) {
		for (int i = 0; i < channels; i++) {
			d[i] = map->value[i];
		}
		return;
	}
	if (!map->bilinear) {
		const uint8_t *s =
		    src + clamp((v + HALF) >> 32, height) * stride + clamp((u + HALF) >> 32, width) * pixel;
		for (int i = 0; i < channels; i++) {
			d[i] = s[i];
		}
		return;
	}
	int64_t x = u >> 32, y = v >> 32;
	const uint8_t *upper = src + clamp(y, height) * stride,
	              *lower = src + clamp(y + 1, height) * stride;
	int64_t left = clamp(x, width) * pixel, right = clamp(x + 1, width) * pixel;
	blend(d, upper + left, upper + right, lower + left, lower + right, fraction(u), fraction(v),
	    channels);
}

// A span of target pixels, from a position and by steps, all of whose source pixels lie
// within the source.
struct span {
	uint8_t *dst;
	int64_t n;
	int64_t u, v, du, dv;
	const uint8_t *src;
	int64_t stride;
};

INLINE const uint8_t *at(const struct span *r, int64_t u, int64_t v, int pixel) {
	return r->src + (int64_t)(v >> 32) * r->stride + (int64_t)(u >> 32) * pixel;
}

INLINE void bilinear_span(struct span r, int pixel, int channels) {
	for (; r.n > 0; r.n--, r.u += r.du, r.v += r.dv, r.dst += channels) {
		const uint8_t *s = at(&r, r.u, r.v, pixel);
		blend(r.dst, s, s + pixel, s + r.stride, s + r.stride + pixel, fraction(r.u), fraction(r.v),
		    channels);
	}
}

// u and v are half a pixel more.
INLINE void nearest_span(struct span r, int pixel, int channels) {
	for (; r.n > 0; r.n--, r.u += r.du, r.v += r.dv, r.dst += channels) {
		memcpy(r.dst, at(&r, r.u, r.v, pixel), channels);
	}
}

INLINE int64_t floor_div(int64_t a, int64_t b) { // b > 0
	return a / b - (a % b < 0);
}

// Narrows from..to down to those x for which low <= u + x du < high.
INLINE void within(int64_t *from, int64_t *to, int64_t u, int64_t du, int64_t low, int64_t high) {
	int64_t first = *from, end = *to;
	if (du > 0) {
		first = -floor_div(u - low, du);
		end = -floor_div(u - high, du);
	} else if (du < 0) {
		first = floor_div(u - high, -du) + 1;
		end = floor_div(u - low, -du) + 1;
	} else if (u < low || u >= high) {
		end = first;
	}
	*from = first > *from ? first : *from;
	*to = end < *to ? end : *to;
}

// Fills a span of pixels between four.
typedef void span_kernel(struct span r, int pixel, int channels);

INLINE void affine_rows(uint8_t *dst, const uint8_t *src, const resample_affine_map *map,
    const resample_shape *s, int pixel, int channels, span_kernel *bilinear_span_of) {
	const int64_t width = s->width, *m = map->m;
	const int bilinear = map->bilinear, fill = map->fill;
	// Positions that do not depend on the fill mode: between the first and the last
	// center for two pixels; for one, half a pixel more if the fill there is the
	// outermost pixel.
	int64_t shift = bilinear ? 0 : HALF, low = 0, beyond = bilinear ? -ONE : 1 - ONE;
	if (!bilinear && fill != FILL_WRAP && fill != FILL_CONSTANT_CENTERS) {
		low = -HALF;
		beyond = -HALF;
	}
	for (int64_t y = 0; y < s->rows; y++) {
		uint8_t *d = dst + y * s->dst_stride;
		int64_t u = m[2] + y * m[1], v = m[5] + y * m[4];
		int64_t from = 0, to = width;
		within(&from, &to, u, m[0], low, map->src_width * ONE + beyond);
		within(&from, &to, v, m[3], low, map->src_height * ONE + beyond);
		if (from >= to) {
			from = to = width;
		}
		for (int64_t x = 0; x < width; x++) {
			if (x == from && from < to) {
				struct span r = {d + x * channels, to - x, u + x * m[0] + shift,
				    v + x * m[3] + shift, m[0], m[3], src, s->src_stride};
				x = to;
				if (bilinear) {
					bilinear_span_of(r, pixel, channels);
				} else {
					nearest_span(r, pixel, channels);
				}
				if (x == width) {
					break;
				}
			}
			sample_clamped(d + x * channels, src, s->src_stride, map, pixel, channels, u + x * m[0],
			    v + x * m[3]);
		}
	}
}

// The kernel affine, with the functions for spans of pixels of 1 byte and of more: a
// copy of the loop per kind of pixels.
INLINE void affine_pixels(uint8_t *dst, const uint8_t *src, const resample_affine_map *map,
    const resample_shape *s, span_kernel *span1, span_kernel *span4) {
	switch (4 * s->src_pixel + s->channels) {
	case 4 * 1 + 1: affine_rows(dst, src, map, s, 1, 1, span1); break;
	case 4 * 3 + 3: affine_rows(dst, src, map, s, 3, 3, span4); break;
	case 4 * 4 + 3: affine_rows(dst, src, map, s, 4, 3, span4); break;
	default: affine_rows(dst, src, map, s, 4, 4, span4);
	}
}

#endif
