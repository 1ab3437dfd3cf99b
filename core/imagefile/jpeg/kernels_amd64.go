package jpeg

// #include "kernels.h"
import "C"

import "mixfolder/core/simd"

func init() { simd.Provide("avx2", &C.jpeg_used, &C.jpeg_avx2) }
