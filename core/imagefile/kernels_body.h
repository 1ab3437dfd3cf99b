// The kernels of package imagefile in plain C, for the target that the including file
// defines. GCC vectorizes all their inner loops; hand-written intrinsics would gain
// nothing measurable beside the decoding of an image.

#include <string.h>

#include "../simd/kernel.h"
#include "../simd/luma.h"
#include "kernels.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PAIR(first, second) ((uint16_t)((first) | (second) << 8))
#define PIXEL(c) ((uint32_t)(c).r | (uint32_t)(c).g << 8 | (uint32_t)(c).b << 16 | 0xff000000u)
#define BYTE(p, i) ((p) >> (8 * (i)) & 0xff)
#else
#define PAIR(first, second) ((uint16_t)((first) << 8 | (second)))
#define PIXEL(c) ((uint32_t)(c).r << 24 | (uint32_t)(c).g << 16 | (uint32_t)(c).b << 8 | 0xffu)
#define BYTE(p, i) ((p) >> (24 - 8 * (i)) & 0xff)
#endif

typedef struct {
	int32_t r, g, b;
} color;

INLINE int32_t clamp8(int32_t v) { return v < 0 ? 0 : v > 255 ? 255 : v; }
INLINE int64_t clamp(int64_t v, int64_t lo, int64_t hi) { return v < lo ? lo : v > hi ? hi : v; }

INLINE uint8_t luma_of(color c) { return luma601((uint32_t)c.r, (uint32_t)c.g, (uint32_t)c.b); }

// other_row is the second nearest row of chroma to row y of luma where v is 2. Beyond
// the image, its last row is repeated.
INLINE int64_t other_row(int64_t y, int64_t height) {
	return clamp((y >> 1) + (y & 1 ? 1 : -1), 0, height - 1);
}

// span is the columns of chroma under the region where h is 2: c0..c1, and first..last
// with the neighbors that exist.
typedef struct {
	int64_t c0, c1, first, last;
} span;

INLINE span span_of(const imagefile_shape *s) {
	const int64_t c0 = s->x0 >> 1, c1 = (s->x1 + 1) >> 1;
	return (span){c0, c1, c0 > 0 ? c0 - 1 : 0, c1 < s->c_width ? c1 + 1 : c1};
}

// JPEG.

// jpeg_sums writes four times the vertically interpolated samples of the span, with a
// neighbor on either side: sum[1] is column c0. A column at the edge of the image is
// its own neighbor.
INLINE void jpeg_sums(
    const uint8_t *near, const uint8_t *far, const imagefile_shape *s, uint16_t *restrict sum) {
	const span p = span_of(s);
	uint16_t *restrict t = sum + (p.first - p.c0 + 1);
	const int64_t m = p.last - p.first;
	near += p.first;
	far += p.first;
	if (s->v == 2) {
		for (int64_t i = 0; i < m; i++) {
			t[i] = (uint16_t)(3 * near[i] + far[i]);
		}
	} else {
		for (int64_t i = 0; i < m; i++) {
			t[i] = (uint16_t)(4 * near[i]);
		}
	}
	if (p.first == p.c0) {
		sum[0] = sum[1];
	}
	if (p.last == p.c1) {
		sum[p.c1 - p.c0 + 1] = sum[p.c1 - p.c0];
	}
}

// jpeg_chroma computes the samples of one component for row y and columns x0..x1 of
// luma as jdsample.c of libjpeg-turbo does: weights 3/4 and 1/4 in each direction that
// is halved, rounded alternately down and up; plain repetition for other ratios and for
// chroma of one or two columns. sum and out are scratch.
INLINE const uint8_t *jpeg_chroma(const uint8_t *plane, const imagefile_shape *s, int64_t y,
    uint16_t *restrict sum, uint16_t *restrict out) {
	const int64_t n = s->x1 - s->x0;
	const uint8_t *near = plane + y / s->v * s->c_stride;
	const uint8_t *far = plane + (s->v == 2 ? other_row(y, s->c_height) : 0) * s->c_stride;
	uint8_t *restrict o = (uint8_t *)out;
	if (s->h == 1 && s->v == 1) {
		return near + s->x0;
	}
	if (s->h == 1 && s->v == 2) { // h1v2_fancy_upsample
		const int32_t bias = y & 1 ? 2 : 1;
		near += s->x0;
		far += s->x0;
		for (int64_t i = 0; i < n; i++) {
			o[i] = (uint8_t)((3 * near[i] + far[i] + bias) >> 2);
		}
		return o;
	}
	if (s->h != 2 || s->v > 2 || s->c_width <= 2) { // int_upsample, h2v1_upsample, h2v2_upsample
		for (int64_t i = 0; i < n; i++) {
			o[i] = near[(s->x0 + i) / s->h];
		}
		return o;
	}
	// h2v2_fancy_upsample rounds sums of 16 by adding 8 and 7, h2v1_fancy_upsample sums
	// of 4 by adding 1 and 2.
	const uint16_t left = s->v == 2 ? 8 : 4 * 1, right = s->v == 2 ? 7 : 4 * 2;
	const int64_t m = (s->x1 + 1) / 2 - s->x0 / 2;
	jpeg_sums(near, far, s, sum);
	for (int64_t i = 0; i < m; i++) {
		const uint16_t own = (uint16_t)(3 * sum[i + 1]);
		out[i] =
		    PAIR((uint16_t)(own + sum[i] + left) >> 4, (uint16_t)(own + sum[i + 2] + right) >> 4);
	}
	return o + (s->x0 & 1);
}

// jpeg_color has the constants of jdcolor.c: 1.402, 0.71414, 0.34414 and 1.772 in
// 16-bit fixed point, rounded.
INLINE color jpeg_color(int32_t y, int32_t cb, int32_t cr) {
	const int32_t u = cb - 128, v = cr - 128;
	return (color){
	    clamp8(y + ((91881 * v + 0x8000) >> 16)),
	    clamp8(y + ((-22554 * u - 46802 * v + 0x8000) >> 16)),
	    clamp8(y + ((116130 * u + 0x8000) >> 16)),
	};
}

TARGET static void jpeg(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *scratch,
    uint8_t *dst, const imagefile_shape *s) {
	const int64_t n = s->x1 - s->x0, part = (n + IMAGEFILE_SCRATCH_EXTRA) / 2;
	uint16_t *sum = (uint16_t *)scratch, *su = sum + part, *sv = su + part;
	for (int64_t row = s->y0; row < s->y1; row++, dst += s->dst_stride) {
		const uint8_t *restrict l = y + row * s->y_stride + s->x0;
		const uint8_t *restrict u = jpeg_chroma(cb, s, row, sum, su);
		const uint8_t *restrict v = jpeg_chroma(cr, s, row, sum, sv);
		uint8_t *restrict gray = dst;
		uint32_t *restrict rgba = (uint32_t *)dst;
		if (s->gray) {
			for (int64_t i = 0; i < n; i++) {
				gray[i] = luma_of(jpeg_color(l[i], u[i], v[i]));
			}
		} else {
			for (int64_t i = 0; i < n; i++) {
				const color c = jpeg_color(l[i], u[i], v[i]);
				rgba[i] = PIXEL(c);
			}
		}
	}
}

// WebP (VP8).

// vp8_pad copies the samples of the span with a neighbor on either side: out[1] is
// column c0. A column at the edge of the image is its own neighbor.
INLINE void vp8_pad(const uint8_t *row, const imagefile_shape *s, uint8_t *restrict out) {
	const span p = span_of(s);
	uint8_t *restrict t = out + (p.first - p.c0 + 1);
	for (int64_t i = 0; i < p.last - p.first; i++) {
		t[i] = row[p.first + i];
	}
	if (p.first == p.c0) {
		out[0] = out[1];
	}
	if (p.last == p.c1) {
		out[p.c1 - p.c0 + 1] = out[p.c1 - p.c0];
	}
}

// vp8_mean is UPSAMPLE_FUNC of libwebp's upsampling.c for one sample: weights 9, 3, 3,
// 1 of 16, rounded twice.
INLINE uint16_t vp8_mean(uint16_t own, uint16_t beside, uint16_t above, uint16_t across) {
	const uint16_t diagonal = (uint16_t)(own + 3 * (beside + above) + across + 8) >> 3;
	return (uint16_t)(diagonal + own) >> 1;
}

INLINE const uint8_t *vp8_chroma(const uint8_t *plane, const imagefile_shape *s, int64_t y,
    uint8_t *near, uint8_t *far, uint16_t *restrict out) {
	const int64_t m = (s->x1 + 1) / 2 - s->x0 / 2;
	vp8_pad(plane + y / 2 * s->c_stride, s, near);
	vp8_pad(plane + other_row(y, s->c_height) * s->c_stride, s, far);
	for (int64_t i = 0; i < m; i++) {
		const uint16_t left = vp8_mean(near[i + 1], near[i], far[i + 1], far[i]);
		const uint16_t right = vp8_mean(near[i + 1], near[i + 2], far[i + 1], far[i + 2]);
		out[i] = PAIR(left, right);
	}
	return (const uint8_t *)out + (s->x0 & 1);
}

// vp8_color is VP8YUVToR, -G and -B of libwebp's yuv.h: products keep 6 bits of
// fraction.
INLINE color vp8_color(int32_t y, int32_t u, int32_t v) {
	const int32_t l = y * 19077 >> 8;
	return (color){
	    clamp8((l + (v * 26149 >> 8) - 14234) >> 6),
	    clamp8((l - (u * 6419 >> 8) - (v * 13320 >> 8) + 8708) >> 6),
	    clamp8((l + (u * 33050 >> 8) - 17685) >> 6),
	};
}

TARGET static void vp8(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *scratch,
    uint8_t *dst, const imagefile_shape *s) {
	const int64_t n = s->x1 - s->x0, part = (n + IMAGEFILE_SCRATCH_EXTRA) / 2;
	uint8_t *near = scratch, *far = near + part;
	uint16_t *su = (uint16_t *)scratch + part, *sv = su + part;
	for (int64_t row = s->y0; row < s->y1; row++, dst += s->dst_stride) {
		const uint8_t *restrict l = y + row * s->y_stride + s->x0;
		const uint8_t *restrict u = vp8_chroma(cb, s, row, near, far, su);
		const uint8_t *restrict v = vp8_chroma(cr, s, row, near, far, sv);
		uint8_t *restrict gray = dst;
		uint32_t *restrict rgba = (uint32_t *)dst;
		if (s->gray) {
			for (int64_t i = 0; i < n; i++) {
				gray[i] = luma_of(vp8_color(l[i], u[i], v[i]));
			}
		} else {
			for (int64_t i = 0; i < n; i++) {
				const color c = vp8_color(l[i], u[i], v[i]);
				rgba[i] = PIXEL(c);
			}
		}
	}
}

// Pixels.

TARGET static void luma(const uint8_t *restrict rgba, uint8_t *restrict dst, int64_t n) {
	for (int64_t i = 0; i < n; i++) {
		dst[i] = luma_of((color){rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]});
	}
}

// CMYK.

TARGET static void interleave4(const uint8_t *restrict a, const uint8_t *restrict b,
    const uint8_t *restrict c, const uint8_t *restrict d, uint8_t *restrict dst, int64_t n) {
	for (int64_t i = 0; i < n; i++) {
		dst[4 * i] = (uint8_t)~a[i];
		dst[4 * i + 1] = (uint8_t)~b[i];
		dst[4 * i + 2] = (uint8_t)~c[i];
		dst[4 * i + 3] = (uint8_t)~d[i];
	}
}

// under is the light that an ink leaves of that which black leaves. t / 255, rounded,
// is (t + 128 + ((t + 128) >> 8)) >> 8.
INLINE uint32_t under(uint32_t ink, uint32_t light) {
	const uint32_t t = ink * light + 0x80, taken = (t + (t >> 8)) >> 8;
	return light > taken ? light - taken : 0;
}

TARGET static void cmyk(uint8_t *pixels, int64_t n) {
	for (int64_t i = 0; i < n; i++) {
		uint32_t p;
		memcpy(&p, pixels + 4 * i, 4);
		const uint32_t light = 0xff - BYTE(p, 3);
		p = PIXEL(((color){(int32_t)under(BYTE(p, 0), light), (int32_t)under(BYTE(p, 1), light),
		    (int32_t)under(BYTE(p, 2), light)}));
		memcpy(pixels + 4 * i, &p, 4);
	}
}
