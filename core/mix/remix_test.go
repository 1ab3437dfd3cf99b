package mix

import (
	"fmt"
	"image"
	"math"
	"strings"
	"testing"

	"mixfolder/core/rng"
)

// TestRemix compares labels with equation 8 of the paper, for own images of the larger
// and of the smaller class.
func TestRemix(t *testing.T) {
	const kappa, tau = 3., 0.4
	plain := parse(t, mixUpDocument)
	remix := parse(t, `{"remix": {"kappa": 3, "tau": 0.4, "policy": `+mixUpDocument+`}}`)
	changed := 0
	for i := range uint64(3000) {
		s := Seeds{Row: rng.Key(4, 0, i)}
		lam := plain.Draw(s, image.Pt(5, 5)).Weight
		own, second := int(i%10)+1, int(i/10%10)+1
		want, ratio := lam, float64(own)/float64(second)
		if ratio >= kappa && lam < tau {
			want = 0
		} else if float64(second)/float64(own) >= kappa && 1-lam < tau {
			want = 1
		}
		if want != lam {
			changed++
		}
		b := remix.Draw(s, image.Pt(5, 5))
		b.Rule.Relabel(&b.Labels, &[MaxImages]int{own, second})
		if b.Labels != [MaxImages]float64{want, 1 - want} || b.Weight != lam {
			t.Fatalf("%d and %d images, lambda %v: %+v, want %v", own, second, lam, b, want)
		}
	}
	if changed < 300 {
		t.Errorf("%d labels were changed", changed)
	}
	unmixed := Unmixed.Labels
	remix.(LabelRule).Relabel(&unmixed, &[MaxImages]int{9, 0})
	if unmixed != Unmixed.Labels {
		t.Errorf("the label of an image alone is %v", unmixed)
	}
	for _, document := range []string{
		`{"remix": {"kappa": 0.5, "tau": 0.4, "policy": ` + mixUpDocument + `}}`,
		`{"remix": {"kappa": 3, "tau": 2, "policy": ` + mixUpDocument + `}}`,
		`{"remix": {"kappa": 3, "tau": 0.4, "policy": {"mosaic": {"fit": "crop"}}}}`,
	} {
		if _, err := Parse([]byte(document)); err == nil {
			t.Errorf("%s is taken", document)
		}
	}
}

func TestNeedsClasses(t *testing.T) {
	remix := `{"remix": {"kappa": 3, "tau": 0.4, "policy": ` + mixUpDocument + `}}`
	if NeedsClasses(nil) || NeedsClasses(parse(t, mixUpDocument)) {
		t.Error("MixUp needs classes")
	}
	for _, document := range []string{remix,
		`{"gate": {"prob": 0.5, "policy": ` + remix + `}}`,
		`{"shared": {"per": "batch", "policy": ` + remix + `}}`,
		`{"one_of": {"policies": [` + mixUpDocument + `,` + remix + `], "probs": [0.5, 0.2],
			"per": "sample"}}`,
	} {
		if !NeedsClasses(parse(t, document)) {
			t.Errorf("%s needs no classes", document)
		}
	}
}

// TestBalancedMixUp is a Kolmogorov-Smirnov test, at 0.1 %, against x^alpha.
func TestBalancedMixUp(t *testing.T) {
	for _, alpha := range []float64{0.1, 0.3, 1} {
		p, second := &BalancedMixUp{alpha}, make([]float64, drawn)
		for i := range second {
			b := p.Draw(Seeds{Row: rng.Key(4, 1, uint64(i))}, image.Pt(5, 5))
			if b.Labels[0] != b.Weight || b.Labels[1] < 0 {
				t.Fatalf("%+v", b)
			}
			second[i] = b.Labels[1]
		}
		follows(t, fmt.Sprint("alpha ", alpha), second, func(v float64) float64 {
			return math.Pow(v, alpha)
		})
	}
}

// TestShared: rows have the draws of their batch or pair, and others between these.
func TestShared(t *testing.T) {
	seeds := Seeds{rng.Key(1, 0, 0), rng.Key(1, 1, 0), rng.Key(1, 2, 0)}
	for per, change := range map[string]func(s *Seeds, n uint64){
		"pair":  func(s *Seeds, n uint64) { s.Pair = rng.Key(1, 1, n) },
		"batch": func(s *Seeds, n uint64) { s.Batch = rng.Key(1, 2, n) },
	} {
		document := `{"shared": {"per": "` + per + `", "policy": ` + mixUpDocument + `}}`
		p := parse(t, document)
		weights := map[float64]bool{}
		for n := range uint64(50) {
			s := seeds
			change(&s, n)
			b := p.Draw(s, image.Pt(5, 5))
			weights[b.Weight] = true
			s.Row = rng.Key(2, 0, n)
			if p.Draw(s, image.Pt(5, 5)) != b {
				t.Fatalf("%s: the weight depends on the row", per)
			}
		}
		if len(weights) != 50 {
			t.Errorf("%s: %d weights", per, len(weights))
		}
		if _, err := Parse([]byte(strings.Replace(document, per, "row", 1))); err == nil {
			t.Error("per row is taken")
		}
	}
}
