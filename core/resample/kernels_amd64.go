package resample

// #include "kernels.h"
import "C"

import "mixfolder/core/simd"

func init() { simd.Provide("avx2", &C.resample_used, &C.resample_avx2) }
