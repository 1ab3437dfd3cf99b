package augment

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/resample"
)

// wild draws everything.
var wild = &RandomAffine{
	Rotation: pair{-40, 30},
	Height:   Shift{Range: pair{-0.2, 0.1}},
	Width:    Shift{Range: pair{-8, 6}},
	Shear:    pair{-15, 15},
	Zoom:     pair{0.7, 1.3},
	Fill:     resample.FillNearest,
}

// kerasMatrix is one call of SciPy by Keras, see testdata/make.py.
type kerasMatrix struct {
	Height, Width                float64
	Theta, TX, TY, Shear, ZX, ZY float64
	Matrix                       [2]pair // of rows and columns, in this order
	Offset                       pair
}

// affine is the same in x and y, from the corner of the image.
func (k *kerasMatrix) affine() raster.Affine {
	m := k.Matrix
	a := raster.Affine{m[1][1], m[1][0], k.Offset[1], m[0][1], m[0][0], k.Offset[0]}
	half := raster.Affine{1, 0, 0.5, 0, 1, 0.5}
	back := raster.Affine{1, 0, -0.5, 0, 1, -0.5}
	return half.After(a).After(back)
}

func closeTo(a, b raster.Affine) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-9 {
			return false
		}
	}
	return true
}

// TestAffineIsKeras: LegacyAxes to the letter; else the same where an image is square,
// the shifts being given as width and height.
func TestAffineIsKeras(t *testing.T) {
	file, err := os.Open("testdata/keras.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cases := 0
	for lines := bufio.NewScanner(file); lines.Scan(); cases++ {
		var k kerasMatrix
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			t.Fatal(err)
		}
		// Keras calls the shift that it draws from height_shift_range tx.
		d := affineDraw{theta: k.Theta, height: k.TX, width: k.TY, shear: k.Shear, zx: k.ZX,
			zy: k.ZY}
		legacy := (&RandomAffine{LegacyAxes: true}).matrix(d, k.Width, k.Height)
		if !closeTo(legacy, k.affine()) {
			t.Errorf("%+v: legacy map %v, Keras has %v", k, legacy, k.affine())
		}
		d.height, d.width = d.width, d.height
		right := (&RandomAffine{}).matrix(d, k.Width, k.Height)
		equal := k.Width == k.Height || k.Theta == 0 && k.Shear == 0 && k.ZX == 1
		if closeTo(right, k.affine()) != equal {
			t.Errorf("%+v: map %v, Keras has %v", k, right, k.affine())
		}
	}
	if cases == 0 {
		t.Error("no cases")
	}
}

// Expected values computed by hand, for a target of 200 x 100.
func TestAffineHasTheRightAxes(t *testing.T) {
	for _, c := range []struct {
		d            affineDraw
		x, y         float64 // in the moved target
		wantX, wantY float64
	}{
		{affineDraw{theta: 90, zx: 1, zy: 1}, 100, 50, 100, 50}, // the center stays
		{affineDraw{theta: 90, zx: 1, zy: 1}, 100, 0, 150, 50},  // what was at the right is on top
		{affineDraw{theta: 90, zx: 1, zy: 1}, 50, 50, 100, 0},   // what was on top is at the left
		{affineDraw{width: 10, zx: 1, zy: 1}, 0, 0, 10, 0},      // content goes to the left
		{affineDraw{height: 10, zx: 1, zy: 1}, 0, 0, 0, 10},     // and up
		{affineDraw{zx: 2, zy: 1}, 0, 0, -100, 0},               // smaller
		{affineDraw{zx: 1, zy: 0.5}, 0, 0, 0, 25},               // larger
		{affineDraw{shear: 30, zx: 1, zy: 1}, 100, 150, 50, 50 + 100*math.Sqrt(3)/2},
	} {
		x, y := (&RandomAffine{}).matrix(c.d, 200, 100).At(c.x, c.y)
		if math.Abs(x-c.wantX) > 1e-9 || math.Abs(y-c.wantY) > 1e-9 {
			t.Errorf("%+v: (%v, %v) is (%v, %v), want (%v, %v)", c.d, c.x, c.y, x, y, c.wantX,
				c.wantY)
		}
	}
}

func TestAffineDraws(t *testing.T) {
	var theta, height, width, shear, zx, zy []float64
	for seed := range uint64(4000) {
		r := stream(seed)
		d := wild.draw(&r, 200, 100)
		theta = append(theta, d.theta)
		height, width = append(height, d.height), append(width, d.width)
		shear, zx, zy = append(shear, d.shear), append(zx, d.zx), append(zy, d.zy)
	}
	uniform(t, "rotation", theta, -40, 30)
	uniform(t, "height", height, -20, 10) // fractions of 100
	uniform(t, "width", width, -8, 6)     // pixels
	uniform(t, "shear", shear, -15, 15)
	uniform(t, "zoom of x", zx, 0.7, 1.3)
	uniform(t, "zoom of y", zy, 0.7, 1.3)
	uncorrelated(t, "zooms", zx, zy)
	uncorrelated(t, "shifts", height, width)
}

// TestAffineDrawsAreIndependent: one parameter does not change the draws of the others.
func TestAffineDrawsAreIndependent(t *testing.T) {
	rotated := &RandomAffine{Rotation: wild.Rotation, Zoom: pair{1, 1},
		Width: Shift{Values: []float64{0.1, 0.3}}}
	for seed := range uint64(20) {
		r, q := stream(seed), stream(seed)
		a, b := wild.draw(&r, 200, 100), rotated.draw(&q, 200, 100)
		if a.theta != b.theta || b.height != 0 || b.shear != 0 || b.zx != 1 || b.zy != 1 {
			t.Errorf("%+v and %+v", a, b)
		}
	}
}

// TestShiftValues: one of them with a random sign; fractions of the extent if all are
// below 1, as in Keras.
func TestShiftValues(t *testing.T) {
	for _, c := range []struct {
		values []float64
		extent float64
		want   []float64
	}{
		{[]float64{0, 1, 2}, 50, []float64{-2, -1, 0, 1, 2}},
		{[]float64{0.1, 0.5}, 50, []float64{-25, -5, 5, 25}},
		{[]float64{-3, 0.5}, 50, []float64{-150, -25, 25, 150}},
	} {
		a := &RandomAffine{Height: Shift{Values: c.values}, Zoom: pair{1, 1}}
		seen := map[float64]int{}
		for seed := range uint64(2000) {
			r := stream(seed)
			seen[a.draw(&r, 1, c.extent).height]++
		}
		for _, w := range c.want {
			// A third of the draws, or half of them, with either sign; 0 has no sign.
			want := 1 / float64(len(c.values))
			if w != 0 {
				want /= 2
			}
			if p := float64(seen[w]) / 2000; math.Abs(p-want) > 0.04 {
				t.Errorf("%v: %v comes with probability %v", c.values, w, p)
			}
		}
		if len(seen) != len(c.want) {
			t.Errorf("%v: %v", c.values, seen)
		}
	}
}

func TestRandomAffineValidates(t *testing.T) {
	if err := wild.Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(a *RandomAffine){
		func(a *RandomAffine) { a.Rotation = pair{5, -5} },
		func(a *RandomAffine) { a.Rotation[1] = math.NaN() },
		func(a *RandomAffine) { a.Zoom[0] = 0 },
		func(a *RandomAffine) { a.Zoom = pair{1, 1000} },
		func(a *RandomAffine) { a.Shear[1] = math.Inf(1) },
		func(a *RandomAffine) { a.Height.Range[1] = 1e9 },
		func(a *RandomAffine) { a.Width.Values = []float64{math.NaN()} },
		func(a *RandomAffine) { a.Width.Range = pair{1, 0} },
	} {
		a := *wild
		change(&a)
		if a.Validate() == nil {
			t.Errorf("%+v: no error", a)
		}
	}
}
