package augment

import (
	"fmt"
	"image"
	"math"

	"mixfolder/core/exact"
	"mixfolder/core/raster"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
)

// RandomAffine rotates, shifts, shears and zooms the target at random about its center,
// as Keras' ImageDataGenerator does but with the right axes. All draws are uniform.
type RandomAffine struct {
	// Rotation bounds the angle in degrees; positive ones rotate the image's content
	// counter-clockwise.
	Rotation [2]float64 `json:"rotation"`
	// Height and Width bound the shifts: positive ones move content up and to the left.
	Height Shift `json:"shift_height"`
	Width  Shift `json:"shift_width"`
	// Shear bounds the angle in degrees.
	Shear [2]float64 `json:"shear"`
	// Zoom bounds the factors, one drawn for each axis; those above 1 show content
	// smaller.
	Zoom [2]float64 `json:"zoom"`
	// Fill is shown outside of the crop; Value is its color if it is constant.
	Fill  resample.Fill `json:"fill_mode"`
	Value [4]byte       `json:"fill_value"`
	// LegacyAxes reproduces ImageDataGenerator exactly
	// (keras/src/legacy/preprocessing/image.py): the two shifts are swapped, the center
	// is (height/2, width/2) from the left upper corner, the image is resized before it
	// is sampled, and a constant fill is SciPy's.
	LegacyAxes bool `json:"legacy_axes"`
}

func init() { geometrics.Register("random_affine", func() Geometric { return new(RandomAffine) }) }

// Shift bounds the shift along an axis. The zero value does not shift.
type Shift struct {
	// Range bounds the shift. If Values is not empty, one of them is drawn instead,
	// with a random sign.
	Range  [2]float64 `json:"range"`
	Values []float64  `json:"values"`
}

// Shifts in pixels and zoom factors are bounded so that all positions fit those of
// package resample.
const (
	maxShift = 1 << 20
	maxZoom  = 64
)

// pixels returns the factor from the numbers to pixels: they are fractions of the
// extent if the largest is below 1, as in Keras.
func (s *Shift) pixels(extent float64) float64 {
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
func (s *Shift) draw(r *rng.Stream, extent float64) float64 {
	u, coin := r.Float64(), r.Uint64()
	if len(s.Values) == 0 {
		v := s.Range[0] + float64((s.Range[1]-s.Range[0])*u)
		return float64(v * s.pixels(extent))
	}
	v := float64(s.Values[int(u*float64(len(s.Values)))] * s.pixels(extent))
	if coin>>63 == 1 {
		return -v
	}
	return v
}

func (s *Shift) validate(name string) error {
	for _, v := range append(s.Range[:], s.Values...) {
		if !(math.Abs(v) <= maxShift) {
			return fmt.Errorf("augment: %s shift of RandomAffine must be at most %d pixels, but "+
				"is %v", name, maxShift, v)
		}
	}
	if s.Range[0] > s.Range[1] {
		return fmt.Errorf("augment: %s shift of RandomAffine must be (low, high), but is (%v, %v)",
			name, s.Range[0], s.Range[1])
	}
	return nil
}

// Validate reports invalid parameters.
func (a *RandomAffine) Validate() error {
	if err := checkRange("rotation of RandomAffine", a.Rotation, -360, 360); err != nil {
		return err
	}
	if err := a.Height.validate("height"); err != nil {
		return err
	}
	if err := a.Width.validate("width"); err != nil {
		return err
	}
	if err := checkRange("shear of RandomAffine", a.Shear, -360, 360); err != nil {
		return err
	}
	return checkRange("zoom of RandomAffine", a.Zoom, 1./maxZoom, maxZoom)
}

// affineDraw holds what RandomAffine draws for an image. Names are those of Keras'
// apply_affine_transform, except for the shifts.
type affineDraw struct {
	theta         float64 // degrees
	height, width float64 // the shifts, in pixels of the target
	shear         float64 // degrees
	zx, zy        float64
}

var affineParams = []string{"rotation", "shift_height", "shift_width", "shear", "zoom_x", "zoom_y"}

// Draw composes the map with that of t.
func (a *RandomAffine) Draw(r rng.Stream, target image.Point, t Transform) Transform {
	width, height := float64(target.X), float64(target.Y)
	d := a.draw(&r, width, height)
	t.Map = t.Map.After(a.matrix(d, width, height))
	t.Fill, t.FillValue, t.TwoStep = a.fill(), a.Value, a.LegacyAxes
	t.Drawn[1] = Draw{"random_affine", affineParams,
		[6]float64{d.theta, d.height, d.width, d.shear, d.zx, d.zy}}
	return t
}

// draw takes the same number of draws whatever the parameters, so that changing one
// leaves the others' values alone.
func (a *RandomAffine) draw(r *rng.Stream, width, height float64) affineDraw {
	var d affineDraw
	d.theta = r.Uniform(a.Rotation)
	d.height = a.Height.draw(r, height)
	d.width = a.Width.draw(r, width)
	d.shear = r.Uniform(a.Shear)
	d.zx, d.zy = r.Uniform(a.Zoom), r.Uniform(a.Zoom)
	return d
}

// matrix returns the map of a draw: rotation, shift, shear and zoom about the center,
// in the order of apply_affine_transform's product.
func (a *RandomAffine) matrix(d affineDraw, width, height float64) raster.Affine {
	x, y, shiftX, shiftY := width/2, height/2, d.width, d.height
	if a.LegacyAxes {
		x, y, shiftX, shiftY = y, x, shiftY, shiftX
	}
	m := raster.Affine{1, 0, x, 0, 1, y}
	if d.theta != 0 {
		sin, cos := exact.SincosPi(d.theta / 180)
		m = m.After(raster.Affine{cos, -sin, 0, sin, cos, 0})
	}
	m = m.After(raster.Affine{1, 0, shiftX, 0, 1, shiftY})
	if d.shear != 0 {
		sin, cos := exact.SincosPi(d.shear / 180)
		m = m.After(raster.Affine{1, -sin, 0, 0, cos, 0})
	}
	m = m.After(raster.Affine{d.zx, 0, 0, 0, d.zy, 0})
	return m.After(raster.Affine{1, 0, -x, 0, 1, -y})
}

func (a *RandomAffine) fill() resample.Fill {
	if a.LegacyAxes && a.Fill == resample.FillConstant {
		return resample.FillConstantCenters
	}
	return a.Fill
}
