package mix

import (
	"encoding/binary"
	"encoding/json"
	"hash"
	"image"
	"testing"

	"mixfolder/core/exact/exacttest"
	"mixfolder/core/rng"
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

// What every policy draws, and its masks.
func TestKnownBlends(t *testing.T) {
	tests := []struct{ document, sum string }{
		{`{"balanced_mixup": {"alpha": 0.2}}`, "2aaae990"},
		{`{"custom": {"images": 3}}`, "9d7d5f95"},
		{`{"remix": {"kappa": 3, "tau": 0.5, "policy": {"mixup": {"alpha": 1, "fold": false}}}}`,
			"ad7e8685"},
		{`{"shared": {"per": "batch", "policy": {"mixup": {"alpha": 1, "fold": false}}}}`,
			"72d39cd5"},
		{`{"mixup": {"alpha": 0.2, "fold": true}}`, "f43a85de"},
		{`{"cutmix": {"alpha": 1, "box": "inside", "minmax": null}}`, "9df53676"},
		{`{"cutmix": {"alpha": 1, "box": "uniform", "minmax": null}}`, "5b9c4da5"},
		{`{"cutmix": {"alpha": 1, "box": "clipped", "minmax": [0.2, 0.7]}}`, "828d9845"},
		{`{"mosaic": {"fit": "resize"}}`, "83f9ba37"},
		{`{"fmix": {"alpha": 0.3, "decay": 1.7, "soft": 0.2}}`, "5c9d036a"},
		{`{"cutmix": {"alpha": 1, "box": "clipped", "minmax": null}}`, "6b31d908"},
		{`{"fmix": {"alpha": 1, "decay": 3, "soft": 0}}`, "561cf1c6"},
		{`{"gate": {"prob": 0.5, "policy": {"mixup": {"alpha": 1, "fold": false}}}}`, "68adc39a"},
		{`{"one_of": {"policies": [{"mixup": {"alpha": 1, "fold": false}}], ` +
			`"probs": [0.5], "per": "sample"}}`, "4e3e1a7f"},
		{`{"gridmix": {"cell": 64, "alpha": 1}}`, "769931c2"},
		{`{"mixup": {"alpha": 0.4, "fold": false}}`, "5aa73fde"},
		{`{"mosaic": {"fit": "crop"}}`, "2ddd0105"},
		{`{"resizemix": {"scale": [0.1, 0.8]}}`, "35ba4e10"},
		{`{"samplepairing": {}}`, "21b0ac99"},
		{`{"smoothmix": {"sigma": [0.25, 0.5]}}`, "73e09cf0"},
	}
	var s Scratch
	known := map[string]bool{}
	for _, test := range tests {
		known[test.document] = true
		p := parse(t, test.document)
		t.Run(test.document, func(t *testing.T) {
			exacttest.Known(t, test.sum, func(h hash.Hash) { writeBlends(t, h, p, &s) })
		})
	}
	for _, name := range policies.Names() {
		if document := `{"` + name + `": ` + examples[name] + `}`; !known[document] {
			t.Errorf("no sum is known of %s", document)
		}
	}
}

func writeBlends(t *testing.T, h hash.Hash, p Policy, s *Scratch) {
	for _, size := range []image.Point{{224, 224}, {37, 41}} {
		for i := range uint64(100) {
			seeds := Seeds{Row: rng.Key(31, 0, i), Batch: rng.Key(31, 1, i), Pair: rng.Key(31, 2, i)}
			b := p.Draw(seeds, size)
			if err := json.NewEncoder(h).Encode(b); err != nil {
				t.Fatal(err)
			}
			if b.Mask.Kind != nil && i < 20 {
				weights := make([]float32, size.X*size.Y)
				b.Mask.Kind.Render(weights, size, &b.Mask, s)
				if err := binary.Write(h, binary.LittleEndian, weights); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
