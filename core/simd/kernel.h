// Definitions for the C kernels of all packages.
//
// A package has a table of functions per instruction set, each filled by a file of its
// own: kernels_generic.c, which any processor runs, and kernels_avx2_amd64.c. All
// tables give the same bytes. Plain C that is compiled for several sets stands in a
// header that each of these files includes after it has defined TARGET.

#ifndef MIXFOLDER_SIMD_KERNEL_H
#define MIXFOLDER_SIMD_KERNEL_H

// No fused multiply-add. Clang obeys the pragma; GCC obeys -std=c11 on the cgo line.
#pragma STDC FP_CONTRACT OFF

// What TARGET, the attribute of a function, is defined as. Files for any processor
// define it as nothing.
#define TARGET_AVX2 __attribute__((target("avx2,f16c")))

// A function that becomes a part of its callers, for their instruction set.
#define INLINE static inline __attribute__((always_inline)) TARGET

#endif
