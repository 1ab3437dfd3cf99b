package plan

import (
	"fmt"
	"hash"
	"testing"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/rng"
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
					fmt.Fprintf(h, "{%d %d %v}\n", b.Epoch, n, images(b))
				}
			}
		}
	})
}

// TestKnownPairings: those that TestKnownPlans does not have.
func TestKnownPairings(t *testing.T) {
	labels := Labels{Class: make([]int32, 1041), Values: make([]float32, 2082), Width: 2}
	for i := range labels.Class {
		labels.Class[i] = int32(i) % 7 % 3
	}
	for i := range labels.Values {
		labels.Values[i] = float32(i * i % 53)
	}
	exacttest.Known(t, "ce8f816c", func(h hash.Hash) {
		for _, pairing := range []Pairing{Reversed, SameClass, OtherClass, Balanced, NearbyLabels} {
			p := planner(t, Spec{Seed: 11, Shuffle: true, BatchSize: 8, Images: 2,
				Pairing: pairing, Sigma: 4, Labels: labels}, 41)
			for epoch := range uint64(6) {
				for n := range p.Batches() {
					fmt.Fprintf(h, "%v\n", pairs(p.Batch(epoch, n)))
				}
			}
		}
	})
}

type pair struct {
	Image
	Pair     rng.Seed
	Partners []Partner
}

func pairs(b Batch) []pair {
	rows := make([]pair, len(b.Samples))
	for i, s := range b.Samples {
		rows[i] = pair{s.Image, s.Pair, s.Partners}
	}
	return rows
}

type row struct {
	Image
	Partners []Partner
}

func images(b Batch) []row {
	rows := make([]row, len(b.Samples))
	for i, s := range b.Samples {
		rows[i] = row{s.Image, s.Partners}
	}
	return rows
}
