// Package exacttest helps the tests of packages whose numbers must be the same from
// every build and on every processor.
package exacttest

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"testing"
)

// Known compares a sum over all that write writes with the one in the source. The tests
// that call it are named TestKnown...; package exact runs them in other builds.
func Known(t *testing.T, want string, write func(h hash.Hash)) {
	t.Helper()
	h := sha256.New()
	write(h)
	if got := hex.EncodeToString(h.Sum(nil)[:4]); got != want {
		t.Errorf("these numbers have the sum %s, and had %s. If only this build or processor "+
			"gives others, an operation is "+
			"fused or a function of package math is used. If all do, every user's batches "+
			"change: say so in the changelog", got, want)
	}
}
