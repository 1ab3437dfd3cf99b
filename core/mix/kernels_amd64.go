package mix

// #include "kernels.h"
import "C"

import "mixfolder/core/simd"

func init() { simd.Provide("avx2", &C.mix_used, &C.mix_avx2) }
