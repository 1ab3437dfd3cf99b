package plan

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestShardsAreTheRowsOfABatch: in worlds of 1 to 8 processes, with 1 to 200 images and
// batches of up to 33 rows per process, all shards together are the batches of one
// process, each image comes once, and all have the same number of rows.
func TestShardsAreTheRowsOfABatch(t *testing.T) {
	for _, count := range []int{1, 2, 3, 4, 8} {
		for images := 1; images <= 200; images += 1 + images/40 {
			for _, rows := range []int{1, 2, 3, 7, 8, 33} {
				checkShards(t, count, images, rows)
			}
		}
	}
}

func checkShards(t *testing.T, count, images, rows int) {
	t.Helper()
	spec := Spec{Seed: 4, Shuffle: true, BatchSize: rows * count}
	alone := planner(t, spec, images)
	var shards []*Planner
	for i := range count {
		spec.Shard = Shard{Index: i, Count: count}
		shards = append(shards, planner(t, spec, images))
	}
	seen := 0
	for n := range alone.Batches() {
		var all []Image
		for i, p := range shards {
			b := p.Batch(1, n)
			if p.Batches() != alone.Batches() || len(b.Samples) != p.Size(n) ||
				count > 1 && len(b.Samples) != rows {
				t.Fatalf("%d of %d, %d images: batch %d of %d has %d rows", i, count, images, n,
					p.Batches(), len(b.Samples))
			}
			for _, s := range b.Samples {
				if !s.Filler {
					all = append(all, s.Image)
				}
			}
		}
		var want []Image
		for _, s := range alone.Batch(1, n).Samples {
			want = append(want, s.Image)
		}
		if !slices.Equal(all, want) {
			t.Fatalf("%d shards, %d images, batches of %d: batch %d has %v, want %v", count, images,
				rows*count, n, all, want)
		}
		seen += len(all)
	}
	if seen != images {
		t.Fatalf("%d of %d images came", seen, images)
	}
}

// TestGlobalPartnersAreThoseOfOneProcess in all rows that are not fillers. A partner of
// another shard is decoded by the seed of its own row.
func TestGlobalPartnersAreThoseOfOneProcess(t *testing.T) {
	for _, images := range []int{1, 2, 5, 16, 41} {
		for _, own := range []int{2, 4} {
			spec := Spec{Seed: 4, Shuffle: true, BatchSize: 8, Images: own, Pairing: InBatch}
			alone := planner(t, spec, images)
			for i := range 4 {
				spec.Pairing, spec.Shard = Global, Shard{Index: i, Count: 4}
				p := planner(t, spec, images)
				for n := range p.Batches() {
					want, got := alone.Batch(3, n).Samples, p.Batch(3, n).Samples
					for k, s := range got {
						if s.Filler {
							continue
						}
						checkSame(t, want[2*i+k], s, got, 2*i)
					}
				}
			}
		}
	}
}

func checkSame(t *testing.T, want, got Sample, rows []Sample, first int) {
	t.Helper()
	for slot, p := range got.Partners {
		w := want.Partners[slot]
		row := w.Row - first
		if w.Row < 0 || row < 0 || row >= len(rows) {
			row = -1
		}
		if p.Image != w.Image || p.Row != row {
			t.Fatalf("partner %+v, want %+v at row %d", p, w, row)
		}
	}
	if got.Image != want.Image {
		t.Fatalf("image %+v, want %+v", got.Image, want.Image)
	}
}

// TestGlobalIsInBatchWithoutShards.
func TestGlobalIsInBatchWithoutShards(t *testing.T) {
	spec := Spec{Seed: 4, Shuffle: true, BatchSize: 8, Images: 4}
	in := planner(t, spec, 41)
	spec.Pairing = Global
	global := planner(t, spec, 41)
	for n := range in.Batches() {
		if !reflect.DeepEqual(in.Batch(2, n), global.Batch(2, n)) {
			t.Errorf("batch %d differs", n)
		}
	}
}

// TestPartnersOfAShard: with "batch" they are rows of the own shard, also in the last
// batch, whose fillers repeat images.
func TestPartnersOfAShard(t *testing.T) {
	for _, pairing := range []Pairing{InBatch, FromDataset, Reversed, Global} {
		for _, images := range []int{1, 3, 17} {
			p := planner(t, Spec{Seed: 4, Shuffle: true, BatchSize: 12, Images: 2, Pairing: pairing,
				Shard: Shard{Index: 1, Count: 3}}, images)
			for n := range p.Batches() {
				b := p.Batch(0, n)
				for i, s := range b.Samples {
					row := s.Partners[0].Row
					if local := pairing == InBatch || pairing == Reversed; local != (row >= 0) &&
						pairing != Global || row == i || row >= len(b.Samples) ||
						row >= 0 && s.Partners[0].Image != b.Samples[row].Image {
						t.Fatalf("%s, %d images: row %d of batch %d: %+v", pairing, images, i, n, s)
					}
				}
			}
		}
	}
}

// TestDevicesFillTheLastBatch of a single process as well.
func TestDevicesFillTheLastBatch(t *testing.T) {
	spec := Spec{BatchSize: 8, Shard: Shard{Devices: 2}}
	p := planner(t, spec, 11)
	fillers := 0
	for _, s := range p.Batch(0, 1).Samples {
		if s.Filler {
			fillers++
		}
	}
	if p.Size(1) != 8 || fillers != 5 {
		t.Errorf("%d rows, %d fillers", p.Size(1), fillers)
	}
	spec.DropLast = true
	if p := planner(t, spec, 11); p.Batches() != 1 || p.Batch(0, 0).Samples[7].Filler {
		t.Error("drop_last does not drop the last batch")
	}
}

func TestShardsThatCannotBe(t *testing.T) {
	for want, s := range map[string]Spec{
		"there is no shard 2 of 2": {BatchSize: 8, Shard: Shard{Index: 2, Count: 2}},
		"there is no shard -1 of":  {BatchSize: 8, Shard: Shard{Index: -1, Count: 2}},
		"a multiple of 3 (3 proc":  {BatchSize: 8, Shard: Shard{Count: 3}},
		"a multiple of 6 (2 proce": {BatchSize: 8, Shard: Shard{Count: 2, Devices: 3}},
		"a multiple of 0 (42":      {BatchSize: 8, Shard: Shard{Count: 1 << 32, Devices: 1 << 32}},
	} {
		s.Images, s.Pairing = 1, InBatch
		if _, err := New(s, make([]int32, 20)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
