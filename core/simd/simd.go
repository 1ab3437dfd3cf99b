// Package simd says which vector instructions the C kernels may use.
//
// A kernel is one C source compiled for the default target and again for AVX2. Both
// give the same bytes: the choice is one of speed alone. GODEBUG=cpu.avx2=off in the
// environment of the process switches AVX2 off.
package simd

import "golang.org/x/sys/cpu"

// AVX2 is true where kernels may use AVX2. Tests set it to false to reach the default
// kernels; nothing else writes it, and nothing writes it while kernels run.
var AVX2 = cpu.X86.HasAVX2

// Features names the vector instructions in use, for build information.
func Features() []string {
	if AVX2 {
		return []string{"avx2"}
	}
	return []string{}
}
