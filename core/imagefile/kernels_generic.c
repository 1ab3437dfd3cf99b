#define TARGET
#include "kernels_body.h"

const imagefile_kernels imagefile_generic = {
    .jpeg = jpeg, .vp8 = vp8, .luma = luma, .interleave4 = interleave4, .cmyk = cmyk};

const imagefile_kernels *imagefile_used = &imagefile_generic;
