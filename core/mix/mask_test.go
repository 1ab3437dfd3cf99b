package mix

import (
	"image"
	"math"
	"testing"

	"mixfolder/core/resample"
	"mixfolder/core/rng"
)

// The weights of the labels are the means of the masks, which do not depend on what the
// memory held before.
func TestMasks(t *testing.T) {
	for _, document := range []string{
		`{"gridmix": {"cell": 7, "alpha": 1}}`,
		`{"gridmix": {"cell": 1, "alpha": 0.5}}`,
		`{"smoothmix": {"sigma": [0.01, 1]}}`,
		`{"fmix": {"alpha": 1, "decay": 3, "soft": 0}}`,
		`{"fmix": {"alpha": 0.5, "decay": 1.3, "soft": 0.2}}`,
	} {
		for _, size := range []image.Point{{31, 20}, {7, 7}, {1, 3}} {
			weights := make([]float32, size.X*size.Y)
			draws(t, document, size, 500, func(b Blend) {
				m := &b.Mask
				if m.Kind == nil {
					if b != Unmixed {
						t.Fatalf("%s: %+v has no mask", document, b)
					}
					return
				}
				for i := range weights {
					weights[i] = float32(math.NaN())
				}
				m.Kind.Render(weights, size, m, new(Scratch))
				sum := 0.0
				for _, w := range weights {
					if !(w >= 0 && w <= 1) || m.Kind.Binary && w != 0 && w != 1 {
						t.Fatalf("%s: weight %v", document, w)
					}
					sum += float64(w)
				}
				if mean := sum / float64(len(weights)); math.Abs(mean-b.Labels[0]) > 1e-6 {
					t.Fatalf("%s, %v: the mean is %v, the label's weight %v", document, size, mean,
						b.Labels[0])
				}
			})
		}
	}
}

// Of a 4 x 4 grid with alpha 1, each number of own cells from 1 to 16 is equally likely,
// and so is each cell. The bounds are 4.5 standard errors of 100,000 draws.
func TestGridMix(t *testing.T) {
	const n, cells = 100_000, 16
	size := image.Pt(32, 32)
	var numbers [cells + 1]float64
	var chosen [cells]float64
	draws(t, `{"gridmix": {"cell": 8, "alpha": 1}}`, size, n, func(b Blend) {
		own := int(b.Labels[0] * cells)
		numbers[own]++
		if b == Unmixed {
			return
		}
		i := 0
		for _, isOwn := range gridCells(size, &b.Mask) {
			if isOwn {
				chosen[i]++
				own--
			}
			i++
		}
		if own != 0 {
			t.Fatalf("%d cells differ from %+v", own, b)
		}
	})
	for own, count := range numbers[1:] {
		p := 1.0 / cells
		if math.Abs(count/n-p) > 4.5*math.Sqrt(p*(1-p)/n) {
			t.Errorf("%d own cells: %v of %d", own+1, count, n)
		}
	}
	for i, count := range chosen { // the mean of 1 to 15, of 16, in 15 of 16 draws
		if math.Abs(count/n-15.0/32) > 4.5*0.5/math.Sqrt(n) {
			t.Errorf("cell %d is chosen %v times of %d", i, count, n)
		}
	}
}

// BenchmarkPolicies is what a row costs, with all that is drawn.
func BenchmarkPolicies(b *testing.B) {
	size := image.Pt(224, 224)
	f := Format{Height: size.Y, Width: size.X, Channels: 3, Scale: one,
		Resize: resample.ResizeOptions{Filter: resample.Bilinear, Antialias: true}}
	for _, name := range policies.Names() {
		b.Run(name, func(b *testing.B) {
			p, err := Parse([]byte(`{"` + name + `": ` + examples[name] + `}`))
			if err != nil {
				b.Fatal(err)
			}
			m, images, batch := newMixer(b, f), fourImages(f), make([]byte, 32*f.Bytes())
			var s Scratch
			for i := 0; b.Loop(); i++ {
				blend := p.Draw(Seeds{Row: rng.Key(5, 0, uint64(i))}, size)
				dst := batch[i%32*f.Bytes():][:f.Bytes()]
				if err := m.Write(dst, images, &blend, &s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
