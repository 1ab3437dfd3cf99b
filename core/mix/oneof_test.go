package mix

import (
	"image"
	"math"
	"strings"
	"testing"

	"mixfolder/core/rng"
)

const mixUpDocument = `{"mixup": {"alpha": 1, "fold": false}}`

// Frequencies are within 4.5 standard errors of 100,000 draws. A row that is mixed is so
// as without a gate.
func TestGate(t *testing.T) {
	const n, prob = 100_000, 0.3
	size, mixed := image.Pt(9, 9), 0.0
	gate := parse(t, `{"gate": {"prob": 0.3, "policy": `+mixUpDocument+`}}`)
	alone := parse(t, mixUpDocument)
	for i := range uint64(n) {
		s := Seeds{Row: rng.Key(8, 0, i)}
		switch b := gate.Draw(s, size); b {
		case Unmixed:
		case alone.Draw(s, size):
			mixed++
		default:
			t.Fatalf("%+v", b)
		}
	}
	if math.Abs(mixed/n-prob) > 4.5*math.Sqrt(prob*(1-prob)/n) {
		t.Errorf("%v of %d are mixed", mixed, n)
	}
}

func TestOneOf(t *testing.T) {
	const n = 100_000
	document := `{"one_of": {"policies": [` + mixUpDocument + `, {"mosaic": {"fit": "crop"}}], ` +
		`"probs": [0.5, 0.2], "per": "sample"}}`
	p := parse(t, document)
	if p.Images() != 4 {
		t.Errorf("%d images", p.Images())
	}
	kinds := map[int]float64{} // by the number of images
	for i := range uint64(n) {
		b := p.Draw(Seeds{Row: rng.Key(9, 0, i)}, image.Pt(40, 40))
		kinds[b.Images()]++
	}
	for images, prob := range map[int]float64{1: 0.3, 2: 0.5, 4: 0.2} {
		if math.Abs(kinds[images]/n-prob) > 4.5*math.Sqrt(prob*(1-prob)/n) {
			t.Errorf("%v of %d are of %d images", kinds[images], n, images)
		}
	}
	p = parse(t, strings.Replace(document, `"sample"`, `"batch"`, 1))
	clear(kinds)
	for batch := range uint64(1000) {
		s, first := Seeds{Batch: rng.Key(9, 1, batch)}, 0
		for row := range uint64(5) {
			s.Row = rng.Key(9, 0, batch*5+row)
			b := p.Draw(s, image.Pt(40, 40))
			if row == 0 {
				first = b.Images()
				kinds[first]++
			} else if b.Images() != first {
				t.Fatalf("a batch has rows of %d and of %d images", first, b.Images())
			}
		}
	}
	if len(kinds) != 3 {
		t.Errorf("kinds %v", kinds)
	}
}
