package augment

import (
	"fmt"
	"hash"
	"image"
	"testing"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/imageop"
	"mixfolder/core/raster"
	"mixfolder/core/rng"
)

// TestKnownDraws draws with all transforms that draw numbers.
func TestKnownDraws(t *testing.T) {
	affine := &RandomAffine{
		Rotation: pair{-40, 55},
		Height:   Shift{Range: pair{-0.2, 0.3}},
		Width:    Shift{Values: []float64{1, 3, 7}},
		Shear:    pair{-11, 17},
		Zoom:     pair{0.7, 1.6},
	}
	legacy := *affine
	legacy.LegacyAxes = true
	list := NewList(
		&ColorJitter{pair{0.6, 1.4}, pair{0.6, 1.4}, pair{0.6, 1.4}, pair{-0.1, 0.1}, 0.8},
		&ChannelShift{Range: 30, Prob: 0.9},
		&GaussianBlur{Sigma: pair{0.1, 2}, Prob: 0.5},
		&RandomErasing{Prob: 0.7, Scale: pair{0.02, 0.33}, Ratio: pair{0.3, 3.3}, Noise: true},
		&RandAugment{NumOps: 2, Magnitude: 9},
		&TrivialAugmentWide{},
		&RandomApply{op(imageop.Solarize, 99.5), 0.3},
	)
	exacttest.Known(t, "96788f6b", func(h hash.Hash) {
		for _, g := range []Geometry{
			{Crop: inception, Affine: affine},
			{Crop: &RandomCrop{Padding: 4}, Affine: &legacy},
			{Crop: &CenterCrop{Fraction: 0.875}},
		} {
			g.Aspect, g.Flip = Aspect{Height: 37, Width: 53}, Flip{true, true}
			for i := range uint64(500) {
				seed := rng.Key(11, i/100, i)
				v := g.Draw(seed, image.Pt(500, 333))
				part := raster.Rect{Left: 1.5, Top: 2.25, Right: 301, Bottom: 173.1}
				fmt.Fprintln(h, v, v.Compose(part), list.Draw(seed, g.Full().Max, nil))
			}
		}
	})
}

func TestKnownMagnitudes(t *testing.T) {
	exacttest.Known(t, "9310e290", func(h hash.Hash) {
		for _, wide := range []bool{false, true} {
			for i := range choices {
				for bin := range bins {
					size := image.Pt(53, 37)
					fmt.Fprintln(h, choices[i].at(wide, bin, false, size),
						choices[i].at(wide, bin, true, size))
				}
			}
		}
	})
}
