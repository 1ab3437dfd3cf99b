#define TARGET TARGET_AVX2
#include "kernels_body.h"

const imagefile_kernels imagefile_avx2 = {
    .jpeg = jpeg, .vp8 = vp8, .luma = luma, .interleave4 = interleave4, .cmyk = cmyk};
