// C kernels of package jpeg: coefficients -> fewer samples than the blocks have. The
// conditions of idct.h hold: shrunk.go has checked every size. Each kernel exists for
// the default target and for AVX2, with the same bytes.

#ifndef MIXFOLDER_JPEG_SHRUNK_H
#define MIXFOLDER_JPEG_SHRUNK_H

#include "idct.h"

// jpeg_shrunk dequantizes a run and transforms each of its blocks to width x height
// samples: 4 x 4, 2 x 2, 1 x 1, or 2 x 1 or 1 x 2 equal ones. Bytes of all 2*width
// columns and height rows of each pair are written.
void jpeg_shrunk_default(const int16_t *coefs, const int16_t *quant, uint8_t *planes,
    const jpeg_run *run, int32_t width, int32_t height);
void jpeg_shrunk_avx2(const int16_t *coefs, const int16_t *quant, uint8_t *planes,
    const jpeg_run *run, int32_t width, int32_t height);

#endif
