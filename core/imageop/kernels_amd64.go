package imageop

// #include "kernels.h"
import "C"

import "mixfolder/core/simd"

func init() { simd.Provide("avx2", &C.imageop_used, &C.imageop_avx2) }
