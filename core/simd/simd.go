// Package simd chooses the C kernels that fit the processor.
//
// A package with kernels has one table of functions per instruction set, and uses the
// one that this package picks when the process starts. All tables give the same bytes:
// the choice is one of speed alone. GODEBUG=cpu.avx2=off in the environment of the
// process leaves the kernels of plain C, which run on any processor.
package simd

import (
	"embed"
	"slices"

	"golang.org/x/sys/cpu"
)

// Generic names the tables of plain C.
const Generic = "generic"

// sets lists the instruction sets of this processor that kernels are written for, the
// best first. "avx2" includes F16C, which every processor with AVX2 has unless a
// virtual machine hides it.
var sets = detect()

func detect() (found []string) {
	if cpu.X86.HasAVX2 && cpu.X86.HasF16C {
		found = append(found, "avx2")
	}
	return found
}

// switches has one function per call of Provide.
var switches []func(set string)

// headers makes the packages whose C files include a header of this package depend on
// its content: the go command itself sees only the headers in a package's own folder.
//
//go:embed *.h
var headers embed.FS

var _ = headers

// Provide lets *used, the table that a package uses, point to table if the processor
// has the instruction set that table is compiled for. It is for init functions: *used
// points to the package's generic table until then.
func Provide[T any](set string, used **T, table *T) {
	if !slices.Contains(sets, set) {
		return
	}
	generic := *used
	switches = append(switches, func(chosen string) {
		*used = generic
		if chosen == set {
			*used = table
		}
	})
	*used = table
}

// Sets names the tables that this processor can run, the one in use first and Generic
// last.
func Sets() []string { return append(Features(), Generic) }

// Use makes every package use its table for one of Sets. It is for tests: no kernel may
// run meanwhile.
func Use(set string) {
	for _, choose := range switches {
		choose(set)
	}
}

// Features names the vector instructions in use, for build information.
func Features() []string { return append([]string{}, sets...) }
