package augment

import (
	"fmt"
	"hash"
	"image"
	"testing"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/imageop"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
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
	list := NewList(rest...)
	exacttest.Known(t, "96788f6b", func(h hash.Hash) {
		for _, g := range []Geometry{
			{Crop: resized, Affine: affine},
			{Crop: &RandomCrop{Padding: 4}, Affine: &legacy},
			{Crop: &CenterCrop{Fraction: 0.875}},
		} {
			g.Aspect, g.Flip = Aspect{Height: 37, Width: 53}, Flip{true, true}
			for i := range uint64(500) {
				seed := rng.Key(11, i/100, i)
				v := g.Draw(seed, image.Pt(500, 333))
				part := resample.Part{Left: 1.5, Top: 2.25, Right: 301, Bottom: 173.1}
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
