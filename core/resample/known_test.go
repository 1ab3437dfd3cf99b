package resample

import (
	"fmt"
	"hash"
	"math/rand/v2"
	"testing"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/raster"
)

func TestKnownCoefficients(t *testing.T) {
	exacttest.Known(t, "e4db0c17", func(h hash.Hash) {
		random := rand.New(rand.NewPCG(1, 0))
		var a axis
		var scratch []float64
		for filter := range Filter(len(filters)) {
			for flags := range 16 {
				for range 12 {
					k := axisKey{source: 1 + random.IntN(700), target: 1 + random.IntN(300),
						filter: filter, antialias: flags&1 != 0, flip: flags&2 != 0,
						precise: flags&4 != 0, layout: vertical}
					k.to = float64(k.source)
					if flags&8 != 0 {
						k.from = float64(k.source) * 0.3 * random.Float64()
						k.to = float64(k.source) * (1 - 0.3*random.Float64())
						k.layout = horizontal4
					}
					clear(scratch[:cap(scratch)])
					a.build(k, &scratch)
					fmt.Fprintln(h, a.start, a.count, a.coef, a.precision, a.spans, scratch)
				}
			}
		}
	})
}

func TestKnownMaps(t *testing.T) {
	exacttest.Known(t, "2f22a4ff", func(h hash.Hash) {
		random := rand.New(rand.NewPCG(2, 0))
		var r Resampler
		src := noise(1, 97, 61, 4)
		dst := make([]byte, 53*37*3)
		between := func(low, high float64) float64 {
			return low +
				float64((high-low)*random.Float64())
		}
		for i := range 400 {
			m := raster.Affine{between(-2, 2), between(-2, 2), between(-30, 90), between(-2, 2),
				between(-2, 2), between(-30, 90)}
			s := AffineOptions{SampleOptions{Bilinear: i%2 == 0, Fill: Fill(i % len(fills))},
				ResizeOptions{Filter: Filter(i % len(filters)), Antialias: true}}
			src.Part = raster.Rect{Left: between(0, 20), Top: between(0, 20), Right: between(70,
				97), Bottom: between(40, 61)}
			if err := r.Affine(raster.Packed(dst, 53, 37, 3), src, m, s); err != nil {
				t.Fatal(err)
			}
			x, y := m.At(between(0, 9), between(0, 9))
			fmt.Fprintln(h, m.After(m), x, y, m.Bounds(53, 37), fixedPoint(m), dst)
		}
	})
}
