// Package simdtest helps the tests of packages with kernels.
package simdtest

import "mixfolder/core/simd"

// Each runs f as one test or benchmark per table of kernels that the processor can run.
func Each[T interface{ Run(string, func(T)) bool }](t T, f func(T)) {
	sets := simd.Sets()
	defer simd.Use(sets[0])
	for _, set := range sets {
		simd.Use(set)
		t.Run(set, f)
	}
}
