package plan

import (
	"fmt"
	"hash"
	"testing"

	"mixfolder/core/exact/exacttest"
)

// TestKnownPlans: the plans of a seed must never change.
func TestKnownPlans(t *testing.T) {
	exacttest.Known(t, "e09b96a8", func(h hash.Hash) {
		for _, s := range []Spec{{Images: 1}, {Images: 2}, {Images: 2, Pairing: FromDataset},
			{Images: 4}, {Images: 4, Pairing: FromDataset}} {
			s.Seed, s.Shuffle, s.BatchSize = 11, true, 8
			p := planner(t, s, 41)
			for epoch := range uint64(6) {
				for n := range p.Batches() {
					b := p.Batch(epoch, n)
					fmt.Fprintf(h, "{%d %d %v}\n", b.Epoch, n, b.Samples)
				}
			}
		}
	})
}
