package mix

import (
	"image"
	"math"
	"strings"
	"testing"

	"mixfolder/core/rng"
)

// examples has the parameters of every policy.
var examples = map[string]string{
	"balanced_mixup": `{"alpha": 0.2}`,
	"custom":         `{"images": 3}`,
	"cutmix":         `{"alpha": 1, "box": "clipped", "minmax": null}`,
	"fmix":           `{"alpha": 1, "decay": 3, "soft": 0}`,
	"gate":           `{"prob": 0.5, "policy": ` + mixUpDocument + `}`,
	"one_of":         `{"policies": [` + mixUpDocument + `], "probs": [0.5], "per": "sample"}`,
	"gridmix":        `{"cell": 64, "alpha": 1}`,
	"mixup":          `{"alpha": 0.4, "fold": false}`,
	"mosaic":         `{"fit": "crop"}`,
	"remix":          `{"kappa": 3, "tau": 0.5, "policy": ` + mixUpDocument + `}`,
	"resizemix":      `{"scale": [0.1, 0.8]}`,
	"samplepairing":  `{}`,
	"shared":         `{"per": "batch", "policy": ` + mixUpDocument + `}`,
	"smoothmix":      `{"sigma": [0.25, 0.5]}`,
}

func parse(t *testing.T, document string) Policy {
	t.Helper()
	p, err := Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestEveryPolicy holds them all to what Policy and Blend promise.
func TestEveryPolicy(t *testing.T) {
	for _, name := range policies.Names() {
		p := parse(t, `{"`+name+`": `+examples[name]+`}`)
		if n := p.Images(); n < 2 || n > MaxImages {
			t.Errorf("%s: %d images", name, n)
		}
		for _, size := range []image.Point{{224, 224}, {7, 31}, {1, 1}} {
			whole := image.Rectangle{Max: size}
			for i := range uint64(2000) {
				b := p.Draw(Seeds{Row: rng.Key(1, 0, i)}, size)
				if again := p.Draw(Seeds{Row: rng.Key(1, 0, i)}, size); again != b {
					t.Fatalf("%s: not the same again: %+v, %+v", name, b, again)
				}
				sum := 0.0
				for k, w := range b.Labels {
					if !(w >= 0 && w <= 1) || k >= p.Images() && w != 0 {
						t.Fatalf("%s: weights of labels %v", name, b.Labels)
					}
					sum += w
				}
				if math.Abs(sum-1) > 1e-12 || !(b.Weight >= 0 && b.Weight <= 1) {
					t.Fatalf("%s: labels %v, weight %v", name, b.Labels, b.Weight)
				}
				mask := b.Mask.Kind
				if soft := b.Weight != 1 || mask != nil && !mask.Binary; soft && !Soft(p) {
					t.Fatalf("%s: it has no method Soft, but draws %+v", name, b)
				}
				for _, box := range b.Boxes {
					if !box.To.In(whole) || !box.From.In(whole) || box.Image >= p.Images() ||
						box.From.Empty() != box.To.Empty() {
						t.Fatalf("%s: box %+v in %v", name, box, size)
					}
				}
			}
			if n := testing.AllocsPerRun(10, func() {
				for i := range uint64(20) { // mixed rows and, of some policies, unmixed ones
					p.Draw(Seeds{Row: rng.Key(1, 2, i)}, size)
				}
			}); n > 0 {
				t.Errorf("%s: %v allocations", name, n)
			}
		}
	}
}

func TestMixUp(t *testing.T) {
	p := parse(t, `{"mixup": {"alpha": 0.4, "fold": false}}`)
	for i := range uint64(100) {
		r := rng.Key(2, 0, i).Stream("mix")
		b := p.Draw(Seeds{Row: rng.Key(2, 0, i)}, image.Pt(5, 5))
		lam := r.Beta(0.4)
		if want := (Blend{Labels: [MaxImages]float64{lam, 1 - lam}, Weight: lam}); b != want {
			t.Fatalf("%+v, want %+v", b, want)
		}
	}
}

// Folded, the own weight is the larger one of the two.
func TestMixUpFold(t *testing.T) {
	plain, folded := parse(t, `{"mixup": {"alpha": 0.4}}`), &MixUp{Alpha: 0.4, Fold: true}
	for i := range uint64(100) {
		r := Seeds{Row: rng.Key(2, 0, i)}
		lam := plain.Draw(r, image.Pt(5, 5)).Weight
		if b := folded.Draw(r, image.Pt(5, 5)); b.Weight != max(lam, 1-lam) ||
			b.Labels[0] != b.Weight {
			t.Fatalf("%+v of the weight %v", b, lam)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for document, want := range map[string]string{
		`{"mixup": {"alpha": 0}}`:      "alpha of MixUp must be above 0, but is 0: use mix=None",
		`{"mixup": {"alpha": -1}}`:     "alpha of MixUp must be above 0",
		`{"mixup": {"beta": 1}}`:       "unknown field",
		`{"mix_up": {"alpha": 1}}`:     `unknown name "mix_up"`,
		`{"mixup": {"alpha": "much"}}`: "mixup",
		`0.2`:                          "must be an object with one name",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", document, err, want)
		}
	}
	for _, alpha := range []float64{math.NaN(), math.Inf(1)} {
		if err := (&MixUp{Alpha: alpha}).Validate(); err == nil {
			t.Errorf("alpha %v is taken", alpha)
		}
	}
}
