// Package simdtest helps the tests of packages with kernels.
package simdtest

import "mixfolder/core/simd"

// Both runs f as a test or benchmark with AVX2, where there is AVX2, and as one without.
func Both[T interface{ Run(string, func(T)) bool }](t T, f func(T)) {
	before := simd.AVX2
	defer func() { simd.AVX2 = before }()
	if before {
		t.Run("avx2", f)
	}
	simd.AVX2 = false
	t.Run("default", f)
}
