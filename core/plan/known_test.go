package plan

import (
	"fmt"
	"hash"
	"image"
	"testing"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/imageop"
	"mixfolder/core/resample"
)

// TestKnownDraws draws everything that there is to draw.
func TestKnownDraws(t *testing.T) {
	affine := &RandomAffine{Rotation: [2]float64{-40, 55}, Height: Shift{Range: [2]float64{-0.2,
		0.3}}, Width: Shift{Values: []float64{1, 3, 7}},
		Shear: [2]float64{-11, 17}, Zoom: [2]float64{0.7, 1.6}}
	legacy := *affine
	legacy.LegacyAxes = true
	jitter := &ColorJitter{Brightness: [2]float64{0.6, 1.4}, Contrast: [2]float64{0.6, 1.4},
		Saturation: [2]float64{0.6, 1.4},
		Hue:        [2]float64{-0.1, 0.1}, Prob: 0.8}
	erasing := &RandomErasing{Prob: 0.7, Scale: [2]float64{0.02, 0.33}, Ratio: [2]float64{0.3, 3.3},
		Noise: true}
	rest := []Augmentation{jitter, &ChannelShift{Range: 30, Prob: 0.9},
		&GaussianBlur{Sigma: [2]float64{0.1, 2}, Prob: 0.5}, erasing,
		&RandAugment{NumOps: 2, Magnitude: 9}, &TrivialAugmentWide{}, &RandomApply{Op: op(imageop.Solarize, 99.5), Prob: 0.3}}
	resized := &RandomResizedCrop{Scale: [2]float64{0.08, 1}, Ratio: [2]float64{3. / 4, 4. / 3}}
	exacttest.Known(t, "64c5470d", func(h hash.Hash) {
		for _, c := range []struct {
			crop  Crop
			items []Augmentation
			alpha float64
			from  Pairing
		}{
			{resized, append([]Augmentation{affine}, rest...), 0.2, InBatch},
			{&RandomCrop{Padding: 4}, append([]Augmentation{&legacy}, rest...), 1, FromDataset},
			{&CenterCrop{Fraction: 0.875}, rest, 7.5, FromDataset},
		} {
			s := Spec{Seed: 11, Shuffle: true, BatchSize: 8, Alpha: c.alpha, Pairing: c.from,
				FlipHorizontal: true, FlipVertical: true,
				Cropping: c.crop, Augment: c.items, Fit: Fit{Height: 37, Width: 53}}
			p := planner(t, s, 41)
			for epoch := range uint64(6) {
				for n := range p.Batches() {
					b := p.Batch(epoch, n)
					fmt.Fprintln(h, b)
					for _, sample := range b.Samples {
						for _, v := range []View{sample.View, sample.Partner} {
							turn, ok := s.Turn(v)
							part := resample.Part{Left: 1.5, Top: 2.25, Right: 301, Bottom: 173.1}
							fmt.Fprintln(h, s.Crop(v, 500, 333), turn, ok, turn.Onto(part,
								image.Rect(0, 1, 53, 36)), s.Ops(nil, v))
						}
					}
				}
			}
		}
	})
}
