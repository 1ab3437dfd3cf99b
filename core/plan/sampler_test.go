package plan

import (
	"fmt"
	"hash"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/rng"
)

// drawn shows given images, in another order in each epoch.
type drawn []int

func (d drawn) Samples() int { return len(d) }

func (d drawn) Epoch(s rng.Seed) Order {
	r := s.Stream("test")
	return &drawnOrder{d, r.Permutation(len(d))}
}

type drawnOrder struct {
	drawn
	order rng.Permutation
}

func (o *drawnOrder) At(position int) int { return o.drawn[o.order.At(position)] }

// inARow shows each image as often as repeats says, one after the other.
type inARow struct{ images, repeats int }

func (d inARow) Samples() int { return d.images * d.repeats }

func (d inARow) Epoch(rng.Seed) Order { return d }

func (d inARow) At(position int) int { return position / d.repeats }

func TestASamplerDecidesWhatAnEpochHas(t *testing.T) {
	d := drawn{3, 3, 3, 0, 1, 1, 7}
	for _, dropLast := range []bool{false, true} {
		p := planner(t, Spec{BatchSize: 3, DropLast: dropLast, Sampler: d}, 9)
		n, want := 3, slices.Sorted(slices.Values(d))
		if dropLast {
			n = 2
		}
		if p.Batches() != n || p.samples != 7 || !dropLast && p.Size(2) != 1 {
			t.Fatalf("%d batches of %d samples", p.Batches(), p.samples)
		}
		var shown []int
		seeds := map[rng.Seed]bool{}
		for number := range n {
			for _, s := range p.Batch(4, number).Samples {
				shown = append(shown, int(s.File)-1000)
				seeds[s.Seed] = true
			}
		}
		slices.Sort(shown)
		if !dropLast && !slices.Equal(shown, want) || len(seeds) != len(shown) {
			t.Errorf("the epoch has %v with %d seeds instead of %v", shown, len(seeds), want)
		}
	}
}

// TestPartnersOfRepeatedImages: none is the image itself or comes twice, for any numbers
// of rows and copies, as long as there are other images.
func TestPartnersOfRepeatedImages(t *testing.T) {
	mostly := make(drawn, 60) // one image half of the time, and four others
	for i := range mostly {
		mostly[i] = i % 2 * (1 + i%4)
	}
	samplers := map[string]Sampler{"two images": drawn{0, 0, 0, 0, 1}, "five": mostly,
		"3 in a row": inARow{20, 3}, "one": drawn{2, 2, 2}, "each once": drawn{0, 1, 2, 3, 4, 5}}
	images := map[string]int{"two images": 2, "five": 3, "3 in a row": 20, "one": 1, "each once": 6}
	for name, s := range samplers {
		for _, pairing := range []Pairing{InBatch, Global, FromDataset, Reversed} {
			for _, size := range []int{1, 2, 3, 7, 33} {
				for _, of := range []int{2, 4} {
					if pairing == Reversed && of > 2 {
						continue
					}
					p := planner(t, Spec{Seed: 5, BatchSize: size, Images: of, Pairing: pairing,
						Sampler: s}, 25)
					for epoch := range uint64(4) {
						for number := range p.Batches() {
							b := p.Batch(epoch, number)
							for _, row := range b.Samples {
								checkDifferent(t, fmt.Sprint(name, pairing, size, of), b, row,
									images[name])
							}
						}
					}
				}
			}
		}
	}
}

func checkDifferent(t *testing.T, name string, b Batch, row Sample, images int) {
	t.Helper()
	files := []int32{row.File}
	for _, p := range row.Partners {
		if p.Row >= 0 && b.Samples[p.Row].Image != p.Image {
			t.Fatalf("%s: the partner is not the image of row %d", name, p.Row)
		}
		if p.File == row.File && images > 1 {
			t.Fatalf("%s: an image is its own partner: %+v", name, row)
		}
		if !slices.Contains(files, p.File) {
			files = append(files, p.File)
		}
	}
	if len(files) < min(images, 1+len(row.Partners)) {
		t.Fatalf("%s: %d different images in %+v", name, len(files), row)
	}
}

// TestPartnersOfRepeatedImagesAreRows of the batch if it has enough, each equally likely:
// chi-square, at 0.1 %.
func TestPartnersOfRepeatedImagesAreRows(t *testing.T) {
	const images, repeats, epochs = 4, 3, 20000
	p := planner(t, Spec{Seed: 5, BatchSize: 12, Images: 2, Sampler: inARow{images, repeats}}, images)
	var got [images][images]float64
	for epoch := range uint64(epochs) {
		b := p.Batch(epoch, 0)
		row := b.Samples[epoch%12]
		if row.Partners[0].Row < 0 {
			t.Fatalf("%+v", row)
		}
		got[row.File-1000][row.Partners[0].File-1000]++
	}
	chi := 0.0
	for i := range got {
		for j := range got {
			if want := epochs / 12.; i != j {
				chi += (got[i][j] - want) * (got[i][j] - want) / want
			}
		}
	}
	if critical := (distuv.ChiSquared{K: 11}).Quantile(0.999); chi > critical {
		t.Errorf("chi-square %.1f, critical %.1f: %v", chi, critical, got)
	}
}

// TestKnownPlansOfSamplers: the plans of a seed must never change.
func TestKnownPlansOfSamplers(t *testing.T) {
	exacttest.Known(t, "23b6558b", func(h hash.Hash) {
		for _, pairing := range []Pairing{InBatch, FromDataset} {
			for _, of := range []int{2, 4} {
				p := planner(t, Spec{Seed: 11, BatchSize: 8, Images: of, Pairing: pairing,
					Sampler: inARow{15, 3}}, 15)
				for epoch := range uint64(3) {
					for n := range p.Batches() {
						for _, s := range p.Batch(epoch, n).Samples {
							fmt.Fprintln(h, s.Image, s.Partners)
						}
					}
				}
			}
		}
	})
}
