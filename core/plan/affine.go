package plan

import (
	"fmt"
	"math"
	"math/rand/v2"

	"mixfolder/core/exact"
	"mixfolder/core/imageop"
	"mixfolder/core/resample"
)

// RandomAffine turns, shifts, shears and zooms the target at random about its center,
// as Keras' ImageDataGenerator does but with the axes where they belong. All draws are
// uniform. It is part of the map by which an image is sampled, so it must come before
// all other augmentations.
type RandomAffine struct {
	// Rotation bounds the angle in degrees; positive ones turn the image's content
	// counter-clockwise.
	Rotation [2]float64 `json:"rotation"`
	// Height and Width say how far content moves: positive shifts move it up and to the
	// left.
	Height Shift `json:"shift_height"`
	Width  Shift `json:"shift_width"`
	// Shear bounds the angle in degrees.
	Shear [2]float64 `json:"shear"`
	// Zoom bounds the factors, one drawn for each axis; those above 1 show content
	// smaller.
	Zoom [2]float64 `json:"zoom"`
	// Fill is what is shown outside of the crop, Value its color if it is constant.
	Fill  resample.Fill `json:"fill_mode"`
	Value [4]byte       `json:"fill_value"`
	// LegacyAxes is ImageDataGenerator to the letter
	// (keras/src/legacy/preprocessing/image.py): the two shifts are exchanged, the
	// center is (height/2, width/2) from the left upper corner, the image is resized
	// before it is sampled, and a constant fill is SciPy's.
	LegacyAxes bool `json:"legacy_axes"`
}

// Shift says how far an image moves along an axis. The zero value does not move it.
type Shift struct {
	// Range bounds the shift. If Values has any, one of them is taken instead, with a
	// random sign.
	Range  [2]float64 `json:"range"`
	Values []float64  `json:"values"`
}

// mostShift bounds shifts in pixels, and mostZoom factors, so that all positions fit
// package resample's.
const (
	mostShift = 1 << 20
	mostZoom  = 64
)

// unit is the number of pixels that the numbers stand for: all are fractions of the
// extent if the largest is below 1, as in Keras.
func (s *Shift) unit(extent float64) float64 {
	largest := max(math.Abs(s.Range[0]), math.Abs(s.Range[1]))
	if len(s.Values) > 0 {
		largest = math.Inf(-1)
		for _, v := range s.Values {
			largest = max(largest, v)
		}
	}
	if largest < 1 {
		return extent
	}
	return 1
}

// draw takes the same number of draws whatever the parameters.
func (s *Shift) draw(r *rand.PCG, extent float64) float64 {
	place, coin := unit(r), r.Uint64()
	if len(s.Values) == 0 {
		return float64(interpolate(s.Range, place) * s.unit(extent))
	}
	v := float64(s.Values[int(place*float64(len(s.Values)))] * s.unit(extent))
	if coin>>63 == 1 {
		return -v
	}
	return v
}

func (s *Shift) check(name string) error {
	for _, v := range append(s.Range[:], s.Values...) {
		if !(math.Abs(v) <= mostShift) {
			return fmt.Errorf("plan: %s shift of RandomAffine must be at most %d pixels, but is %v",
				name, mostShift, v)
		}
	}
	if s.Range[0] > s.Range[1] {
		return fmt.Errorf("plan: %s shift of RandomAffine must be (low, high), but is (%v, %v)",
			name, s.Range[0], s.Range[1])
	}
	return nil
}

// Check says what is wrong with the parameters.
func (a *RandomAffine) Check() error {
	if err := checkRange("rotation of RandomAffine", a.Rotation, -360, 360); err != nil {
		return err
	}
	if err := a.Height.check("height"); err != nil {
		return err
	}
	if err := a.Width.check("width"); err != nil {
		return err
	}
	if err := checkRange("shear of RandomAffine", a.Shear, -360, 360); err != nil {
		return err
	}
	return checkRange("zoom of RandomAffine", a.Zoom, 1./mostZoom, mostZoom)
}

func checkRange(name string, bounds [2]float64, least, most float64) error {
	if low, high := bounds[0], bounds[1]; !(least <= low && low <= high && high <= most) {
		return fmt.Errorf("plan: %s must be (low, high) between %v and %v, but is (%v, %v)", name,
			least, most, low, high)
	}
	return nil
}

func (a *RandomAffine) kind() kind { return kindRandomAffine }

// ops: a Turn is all that it makes.
func (a *RandomAffine) ops(_ uint64, ops []imageop.Op, _, _ int) []imageop.Op { return ops }

// AffineDraw is what RandomAffine draws for an image. Names are those of Keras'
// apply_affine_transform, but for the shifts.
type AffineDraw struct {
	Theta float64 `json:"rotation"` // degrees
	// Height and Width are the shifts drawn, in pixels of the target.
	Height float64 `json:"shift_height"`
	Width  float64 `json:"shift_width"`
	Shear  float64 `json:"shear"` // degrees
	ZX     float64 `json:"zoom_x"`
	ZY     float64 `json:"zoom_y"`
}

// draw takes the same number of draws whatever the parameters, so that changing one
// leaves the others' values alone.
func (a *RandomAffine) draw(seed uint64, width, height float64) AffineDraw {
	var r rand.PCG
	r.Seed(seed, uint64(forAugment))
	var d AffineDraw
	d.Theta = between(&r, a.Rotation)
	d.Height = a.Height.draw(&r, height)
	d.Width = a.Width.draw(&r, width)
	d.Shear = between(&r, a.Shear)
	d.ZX, d.ZY = between(&r, a.Zoom), between(&r, a.Zoom)
	return d
}

// matrix is the map of a draw: about the center rotation, shift, shear, zoom, in the
// order of apply_affine_transform's product.
func (a *RandomAffine) matrix(d AffineDraw, width, height float64) resample.Affine {
	x, y, shiftX, shiftY := width/2, height/2, d.Width, d.Height
	if a.LegacyAxes {
		x, y, shiftX, shiftY = y, x, shiftY, shiftX
	}
	m := resample.Affine{1, 0, x, 0, 1, y}
	if d.Theta != 0 {
		sin, cos := exact.SincosPi(d.Theta / 180)
		m = m.After(resample.Affine{cos, -sin, 0, sin, cos, 0})
	}
	m = m.After(resample.Affine{1, 0, shiftX, 0, 1, shiftY})
	if d.Shear != 0 {
		sin, cos := exact.SincosPi(d.Shear / 180)
		m = m.After(resample.Affine{1, -sin, 0, 0, cos, 0})
	}
	m = m.After(resample.Affine{d.ZX, 0, 0, 0, d.ZY, 0})
	return m.After(resample.Affine{1, 0, -x, 0, 1, -y})
}

func (a *RandomAffine) fill() resample.Fill {
	if a.LegacyAxes && a.Fill == resample.FillConstant {
		return resample.FillConstantCenters
	}
	return a.Fill
}
