package plan

import (
	"image"

	"mixfolder/core/resample"
)

// Varies is true where looks at one image differ by more than flips before Ops, so that
// a finished image is no use for another look.
func (s *Spec) Varies() bool {
	return s.Cropping != nil && s.Cropping.Varies() || s.Affine() != nil
}

// Crop is the part that a view shows of its upright image of this size.
func (s *Spec) Crop(v View, width, height int) image.Rectangle {
	if s.Cropping == nil {
		return s.Fit.Crop(width, height)
	}
	r, _ := s.Cropping.part(v.Crop, width, height, s.Fit)
	return r
}

// Place is the part of the target that a crop of this size fills; the rest stays black.
func (s *Spec) Place(width, height int) image.Rectangle {
	if s.Cropping != nil {
		if _, fitted := s.Cropping.part(0, 1, 1, s.Fit); !fitted {
			return image.Rect(0, 0, s.Fit.Width, s.Fit.Height)
		}
	}
	return s.Fit.Place(width, height)
}

// Turn is what a view does to the target that its crop was brought to: an affine map,
// before any Op.
type Turn struct {
	// Map leads from the turned target to the one before, in pixels of both. The view's
	// flips are in it.
	Map resample.Affine
	// What lies outside of the target before, or of the crop, is filled.
	Fill  resample.Fill
	Value [4]byte
	// Apart asks for the crop to be resized to its place first, and for the map to be
	// applied to that; else both are to be one map (Onto).
	Apart bool
	// Shift is RandomCrop's draw and Affine RandomAffine's, of which Map is made.
	Shift  image.Point
	Affine AffineDraw
}

// Turn is the turn of a view. It is not ok where nothing is moved, and flips are all
// that is to be done; what was drawn is told all the same.
func (s *Spec) Turn(v View) (t Turn, ok bool) {
	t.Map = resample.Identity
	width, height := float64(s.Fit.Width), float64(s.Fit.Height)
	if c, is := s.Cropping.(*RandomCrop); is {
		t.Shift, t.Fill, t.Value = c.shift(v.Crop), c.Fill, c.Value
		t.Map[2], t.Map[5] = float64(t.Shift.X), float64(t.Shift.Y)
	}
	if a := s.Affine(); a != nil {
		t.Affine = a.draw(itemSeed(v.Augment, kindRandomAffine, 0), width, height)
		t.Fill, t.Value, t.Apart = a.fill(), a.Value, a.LegacyAxes
		t.Map = t.Map.After(a.matrix(t.Affine, width, height))
	}
	if t.Map == resample.Identity {
		return t, false
	}
	if v.FlipHorizontal {
		t.Map = t.Map.After(resample.Affine{-1, 0, width, 0, 1, 0})
	}
	if v.FlipVertical {
		t.Map = t.Map.After(resample.Affine{1, 0, 0, 0, -1, height})
	}
	return t, true
}

// Onto is the turn as one map from the target to the part of an image that is shown at
// place.
func (t Turn) Onto(part resample.Part, place image.Rectangle) resample.Affine {
	x := (part.Right - part.Left) / float64(place.Dx())
	y := (part.Bottom - part.Top) / float64(place.Dy())
	left, top := part.Left-float64(x*float64(place.Min.X)), part.Top-float64(y*float64(place.Min.Y))
	return resample.Affine{x, 0, left, 0, y, top}.After(t.Map)
}

// Affine is the RandomAffine, nil if there is none.
func (s *Spec) Affine() *RandomAffine {
	if len(s.Augment) == 0 {
		return nil
	}
	a, _ := s.Augment[0].(*RandomAffine)
	return a
}
