package mix

import (
	"image"
	"math"
	"strings"
	"testing"

	"mixfolder/core/rng"
)

// draws calls use with many blends of a policy, each of another row and batch.
func draws(t *testing.T, document string, size image.Point, n uint64, use func(b Blend)) {
	t.Helper()
	p := parse(t, document)
	for i := range n {
		use(p.Draw(Seeds{Row: rng.Key(11, 0, i), Batch: rng.Key(11, 1, i)}, size))
	}
}

// The mean weight of the own label at 224 x 224 and alpha 1, summed up over all boxes and
// places with their probabilities, and how often it is below 1/2 in an independent
// simulation. 0.003 is more than four standard errors of 200,000 draws, and so is 0.0045
// for how often the weight is below 1/2.
func TestCutMixAreas(t *testing.T) {
	const n = 200_000
	for document, want := range map[string][2]float64{
		`{"cutmix": {"alpha": 1, "box": "clipped", "minmax": null}}`: {0.6807, 0.175},
		`{"cutmix": {"alpha": 1, "box": "inside", "minmax": null}}`:  {0.5030, 0.496},
		`{"cutmix": {"alpha": 1, "box": "uniform", "minmax": null}}`: {0.8409, 0},
	} {
		sum, below := 0.0, 0.0
		draws(t, document, image.Pt(224, 224), n, func(b Blend) {
			sum += b.Labels[0]
			if b.Labels[0] < 0.5 {
				below++
			}
		})
		if got := sum / n; math.Abs(got-want[0]) > 0.003 {
			t.Errorf("%s: mean %v, want %v", document, got, want[0])
		}
		if got := below / n; want[1] > 0 && math.Abs(got-want[1]) > 0.0045 {
			t.Errorf("%s: %v are below 1/2, want %v", document, got, want[1])
		}
	}
}

// With "uniform" every pixel is covered equally often; with "clipped" the middle is
// covered more often than a corner.
func TestCutMixCoverage(t *testing.T) {
	const n, side = 100_000, 8
	count := func(place string) (covered [side][side]float64) {
		document := `{"cutmix": {"alpha": 1, "box": "` + place + `", "minmax": null}}`
		draws(t, document, image.Pt(side, side), n, func(b Blend) {
			for y := b.Boxes[0].To.Min.Y; y < b.Boxes[0].To.Max.Y; y++ {
				for x := b.Boxes[0].To.Min.X; x < b.Boxes[0].To.Max.X; x++ {
					covered[y][x]++
				}
			}
		})
		return covered
	}
	uniform, clipped := count("uniform"), count("clipped")
	mean := 0.0
	for _, row := range uniform {
		for _, c := range row {
			mean += c / side / side
		}
	}
	for y, row := range uniform {
		for x, c := range row {
			if math.Abs(c-mean) > 4.5*math.Sqrt(mean) { // of 64 pixels one in 2,000 runs
				t.Errorf("(%d, %d) is covered %v times, the mean is %v", x, y, c, mean)
			}
		}
	}
	if clipped[side/2][side/2] < 1.5*clipped[0][0] {
		t.Errorf("the middle is covered %v times, a corner %v", clipped[side/2][side/2],
			clipped[0][0])
	}
}

func TestCutMixMinMax(t *testing.T) {
	size := image.Pt(100, 60)
	heights, widths := map[int]int{}, map[int]int{}
	draws(t, `{"cutmix": {"alpha": 1, "box": "clipped", "minmax": [0.2, 0.5]}}`, size, 20_000,
		func(b Blend) {
			to := b.Boxes[0].To
			heights[to.Dy()]++
			widths[to.Dx()]++
			if got := 1 - areaFraction(to, size); b.Labels[0] != got {
				t.Fatalf("%v, want %v", b.Labels[0], got)
			}
		})
	if len(heights) != 30-12+1 || len(widths) != 50-20+1 || heights[12] == 0 || widths[50] == 0 {
		t.Errorf("heights %v, widths %v", heights, widths)
	}
}

// A box of no pixels mixes nothing.
func TestCutMixOfOnePixel(t *testing.T) {
	unmixed := 0
	draws(t, `{"cutmix": {"alpha": 1, "box": "inside", "minmax": null}}`, image.Pt(1, 1), 1000,
		func(b Blend) {
			if b == Unmixed {
				unmixed++
			}
		})
	if unmixed < 900 { // the box has a pixel only if its side is exactly 1
		t.Errorf("%d of 1000 are not mixed", unmixed)
	}
}

// ResizeMix: the mean weight of the own label is 1 minus the mean of a square that is
// uniform from 0.1 to 0.8: 0.757.
func TestResizeMix(t *testing.T) {
	const n = 100_000
	size, sum := image.Pt(224, 224), 0.0
	draws(t, `{"resizemix": {"scale": [0.1, 0.8]}}`, size, n, func(b Blend) {
		box := b.Boxes[0]
		if d := box.To.Size(); box.From != (image.Rectangle{Max: size}) || d.X < 22 || d.X > 179 {
			t.Fatalf("%+v", box)
		}
		sum += b.Labels[0]
	})
	if got := sum / n; math.Abs(got-0.757) > 0.0025 { // four standard errors
		t.Errorf("mean %v, want 0.757", got)
	}
}

// The parts of a mosaic tile the image. Cropped, each touches the point with the corner
// of its image that is opposite to the corner where it lies.
func TestMosaic(t *testing.T) {
	size := image.Pt(31, 20)
	draws(t, `{"mosaic": {"fit": "crop"}}`, size, 1000, func(b Blend) {
		var covered [20][31]int
		point := b.Boxes[0].To.Max
		for i, box := range b.Boxes {
			if box.Image != i || box.From.Size() != box.To.Size() {
				t.Fatalf("%+v", box)
			}
			for y := box.To.Min.Y; y < box.To.Max.Y; y++ {
				for x := box.To.Min.X; x < box.To.Max.X; x++ {
					covered[y][x]++
				}
			}
			sheet := image.Pt(size.X*(i%2), size.Y*(i/2)) // of two by two images
			if got, want := box.From.Add(sheet), box.To.Sub(point).Add(size); got != want {
				t.Fatalf("%d shows %v of the sheet, want %v", i, got, want)
			}
		}
		for _, row := range covered {
			for _, c := range row {
				if c != 1 {
					t.Fatalf("covered %d times: %+v", c, b.Boxes)
				}
			}
		}
	})
	draws(t, `{"mosaic": {"fit": "resize"}}`, size, 10, func(b Blend) {
		for _, box := range b.Boxes {
			if box.From != (image.Rectangle{Max: size}) {
				t.Fatalf("%+v", box)
			}
		}
	})
}

func TestPoliciesRefuse(t *testing.T) {
	improbable := `{"one_of": {"policies": [` + mixUpDocument + `], "probs": [1.1], "per": "batch"}}`
	for document, want := range map[string]string{
		`{"cutmix": {"alpha": 0, "box": "inside"}}`:                       "alpha of CutMix must be",
		`{"cutmix": {"alpha": 1, "box": "outside"}}`:                      "box of CutMix must be",
		`{"cutmix": {"alpha": 1, "box": "inside", "minmax": [0.5, 0.2]}}`: "minmax of CutMix must",
		`{"resizemix": {"scale": [0, 0.8]}}`:                              "scale of ResizeMix must be",
		`{"resizemix": {"scale": [0.1, 2]}}`:                              "scale of ResizeMix must be",
		`{"gate": {"prob": 2, "policy": null}}`:                           "prob must be from 0 to 1",
		`{"one_of": {"policies": [], "probs": [], "per": "sample"}}`:      "at least one",
		`{"one_of": {"policies": [], "probs": [], "per": "row"}}`:         "per of OneOf must be",
		improbable:                             "sum up to 1",
		`{"gridmix": {"cell": 0, "alpha": 1}}`: "cell of GridMix must be 1 pixel",
		`{"gridmix": {"cell": 8, "alpha": 0}}`: "alpha of GridMix must be above 0",
		`{"smoothmix": {"sigma": [0, 0.5]}}`:   "sigma of SmoothMix must be",
		`{"mosaic": {"fit": "pad"}}`:           "fit of Mosaic must be",
	} {
		if _, err := Parse([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", document, err, want)
		}
	}
}
