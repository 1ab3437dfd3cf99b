package plan

import (
	"image"
	"math"
	"testing"

	"mixfolder/core/resample"
)

var inception = &RandomResizedCrop{Scale: [2]float64{0.08, 1}, Ratio: [2]float64{3. / 4, 4. / 3}}

func TestRandomResizedCropStaysInBounds(t *testing.T) {
	var share, shape []float64
	for seed := range uint64(5000) {
		r := inception.draw(mix64(seed), 500, 400)
		if r.Empty() || !r.In(image.Rect(0, 0, 500, 400)) {
			t.Fatalf("crop %v", r)
		}
		share = append(share, float64(r.Dx()*r.Dy())/(500*400))
		shape = append(shape, math.Log(float64(r.Dx())/float64(r.Dy())))
	}
	if s := mean(share); s < 0.43 || s > 0.52 { // attempts that do not fit make it less than 0.54
		t.Errorf("mean share of the area %.3f", s)
	}
	if s := mean(shape); math.Abs(s) > 0.03 {
		t.Errorf("mean logarithm of the shape %.3f", s)
	}
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// Expected values: torchvision.transforms.RandomResizedCrop.get_params' central crop,
// by hand.
func TestRandomResizedCropFallsBack(t *testing.T) {
	whole := &RandomResizedCrop{Scale: [2]float64{1, 1}, Ratio: [2]float64{3. / 4, 4. / 3}}
	for _, c := range []struct {
		width, height int
		want          image.Rectangle
	}{
		{1000, 30, image.Rect(480, 0, 520, 30)},
		{30, 1000, image.Rect(0, 480, 30, 520)},
		{1, 1, image.Rect(0, 0, 1, 1)},
	} {
		if got := whole.draw(7, c.width, c.height); got != c.want {
			t.Errorf("%d x %d: %v, want %v", c.width, c.height, got, c.want)
		}
	}
}

func TestRandomResizedCropChecks(t *testing.T) {
	for _, c := range []RandomResizedCrop{
		{[2]float64{0, 1}, [2]float64{1, 1}}, {[2]float64{0.5, 0.4},
			[2]float64{1, 1}}, {[2]float64{0.5, 1.1}, [2]float64{1, 1}},
		{[2]float64{0.5, 1}, [2]float64{0, 1}}, {[2]float64{0.5, 1},
			[2]float64{2, 1}}, {[2]float64{math.NaN(), 1}, [2]float64{1, 1}},
	} {
		if c.Check() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

func TestCropsHaveTheirOwnStream(t *testing.T) {
	s := Spec{Seed: 4, Shuffle: true, BatchSize: 8, Alpha: 1, Pairing: FromDataset,
		FlipHorizontal: true}
	plain := planner(t, s, 24).Batch(1, 0)
	s.Cropping = inception
	seen := map[uint64]bool{}
	for i, c := range planner(t, s, 24).Batch(1, 0).Samples {
		seen[c.Crop], seen[c.Partner.Crop] = true, true
		c.Crop, c.Partner.Crop = 0, 0
		if c != plain.Samples[i] {
			t.Errorf("crops change other draws: %+v, %+v", c, plain.Samples[i])
		}
	}
	if len(seen) != 16 {
		t.Errorf("%d seeds of 16 crops", len(seen))
	}
}

// Expected values: by hand. 0.875 of what Resize(256) and CenterCrop(224) leave of 500
// x 400 is 350 x 350.
func TestCenterCrop(t *testing.T) {
	for _, c := range []struct {
		fraction      float64
		target        Fit
		width, height int
		want          image.Rectangle
	}{
		{0.875, Fit{Height: 224, Width: 224}, 500, 400, image.Rect(75, 25, 425, 375)},
		{1, Fit{Height: 100, Width: 200}, 300, 300, image.Rect(0, 75, 300, 225)},
		{0.5, Fit{Height: 100, Width: 200}, 300, 300, image.Rect(75, 112, 225, 187)},
		{0.01, Fit{Height: 9, Width: 9}, 3, 2, image.Rect(1, 0, 2, 1)},
	} {
		s := Spec{Cropping: &CenterCrop{c.fraction}, Fit: c.target}
		s.Fit.PadToAspect = true // has no say
		if got := s.Crop(View{Crop: 1}, c.width, c.height); got != c.want {
			t.Errorf("%v of %d x %d: %v, want %v", c.fraction, c.width, c.height, got, c.want)
		}
		if got := s.Place(c.want.Dx(), c.want.Dy()); got != image.Rect(0, 0, c.target.Width,
			c.target.Height) || s.Varies() {
			t.Errorf("place %v", got)
		}
	}
}

// TestRandomCrop: all places with the same chance, of the image as Fit has it.
func TestRandomCrop(t *testing.T) {
	s := Spec{Cropping: &RandomCrop{Padding: 2}, Fit: Fit{Height: 100, Width: 200,
		PadToAspect: true}}
	if r := s.Crop(View{}, 300, 300); r != image.Rect(0, 0, 300, 300) {
		t.Errorf("crop %v", r)
	}
	if r := s.Place(300, 300); r != image.Rect(50, 0, 150, 100) || !s.Varies() {
		t.Errorf("place %v", r)
	}
	seen := map[image.Point]float64{}
	for seed := range uint64(25 * 200) {
		turn, ok := s.Turn(View{Crop: mix64(seed)})
		if ok != (turn.Shift != image.Point{}) {
			t.Fatalf("%+v", turn)
		}
		seen[turn.Shift]++
	}
	for p, n := range seen {
		if max(p.X, -p.X, p.Y, -p.Y) > 2 || n < 140 || n > 260 {
			t.Errorf("%v comes %v times of 200", p, n)
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d places of 25", len(seen))
	}
}

// TestRandomCropIsPaddingAndCropping of the image brought to the target's size, by way
// of one map.
func TestRandomCropIsPaddingAndCropping(t *testing.T) {
	const width, height = 24, 20
	pix := make([]byte, 61*47+resample.Slack)
	for i := range pix {
		pix[i] = byte(mix64(uint64(i)))
	}
	src := resample.Source{Pix: pix[:61*47], Stride: 61, Width: 61, Height: 47, BytesPerPixel: 1}
	reduce := resample.Spec{Filter: resample.Bilinear, Antialias: true}
	var r resample.Resampler
	var small, got [width * height]byte
	if err := r.Resize(small[:], width, width, height, 1, src, reduce); err != nil {
		t.Fatal(err)
	}
	s := Spec{Cropping: &RandomCrop{Padding: 4, Value: [4]byte{77}}, Fit: Fit{Height: height,
		Width: width}}
	for seed := range uint64(40) {
		v := View{Crop: seed, FlipHorizontal: seed%2 == 0}
		turn, ok := s.Turn(v)
		if !ok {
			continue
		}
		m := turn.Onto(resample.Part{Right: 61, Bottom: 47}, s.Place(61, 47))
		spec := resample.MapSpec{WarpSpec: resample.WarpSpec{Bilinear: true, Fill: turn.Fill,
			Value: turn.Value}, Reduce: reduce}
		if err := r.Map(got[:], width, width, height, 1, src, m, spec); err != nil {
			t.Fatal(err)
		}
		for p, g := range got {
			x, y, want := p%width, p/width+turn.Shift.Y, byte(77)
			if v.FlipHorizontal {
				x = width - 1 - x
			}
			if x += turn.Shift.X; x >= 0 && x < width && y >= 0 && y < height {
				want = small[y*width+x]
			}
			if g != want {
				t.Fatalf("shift %v: pixel %d is %d, want %d", turn.Shift, p, g, want)
			}
		}
	}
}

func TestCroppingsAreChecked(t *testing.T) {
	for _, c := range []Crop{&CenterCrop{0}, &CenterCrop{1.1}, &CenterCrop{math.NaN()},
		&RandomCrop{}, &RandomCrop{Padding: 1 << 30}} {
		if c.Check() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	for _, c := range []struct {
		crop Crop
		ok   bool
	}{{&CenterCrop{0.9}, true}, {&CenterCrop{9}, false}, {inception,
		false}, {&RandomCrop{Padding: 4}, false}} {
		if err := CheckFixed(c.crop); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.crop, err)
		}
	}
}
