package imagefile

// #include "kernels.h"
import "C"

import "mixfolder/core/simd"

func init() { simd.Provide("avx2", &C.imagefile_used, &C.imagefile_avx2) }
