package mix

import (
	"hash"
	"testing"

	"mixfolder/core/exact/exacttest"
)

func TestKnownValues(t *testing.T) {
	exacttest.Known(t, "2da94692", func(h hash.Hash) {
		for i, f := range formats(37, 41) {
			m, n := newMixer(t, f), 37*41*f.Channels
			a, b, dst := noise(uint64(i), n), noise(uint64(i+1000), n), make([]byte, f.Bytes())
			for _, lam := range []float32{1, 0.9123, 0.33333} {
				m.Image(dst, a, b, lam)
				h.Write(dst)
			}
		}
	})
}
