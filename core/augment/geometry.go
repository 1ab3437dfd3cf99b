package augment

import (
	"encoding/json"
	"image"

	"mixfolder/core/raster"
	"mixfolder/core/registry"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
)

// Geometry controls how images of any size are brought to a target. It is safe for
// concurrent use.
type Geometry struct {
	Aspect
	// Crop chooses the part that is shown, if set.
	Crop Crop
	// Affine transforms the target, if set.
	Affine Geometric
	Flip   Flip
}

// Geometric is a random affine map of the target, such as *RandomAffine.
type Geometric interface {
	// Validate reports invalid parameters.
	Validate() error
	// Draw composes a map with t.Map, and sets the fill.
	Draw(r rng.Stream, target image.Point, t Transform) Transform
}

var geometrics = registry.New[Geometric]("augment: affine")

// ParseAffine reads an affine map, such as {"random_affine": {...}}.
func ParseAffine(document []byte) (Geometric, error) { return geometrics.Parse(document) }

// Transform describes how one image is brought to its target, as a plain value. The
// region is resized to Target; then the map is applied to the result, or the flips if
// there is no map.
type Transform struct {
	// Region is the part of the image that is shown, in pixels.
	Region image.Rectangle
	// Target is the part of the target that the region fills. The rest is black.
	Target                       image.Rectangle
	FlipHorizontal, FlipVertical bool
	// Moved is false if the target is at most flipped.
	Moved bool
	// Map maps a point of the transformed target to one of the original target, in
	// pixels. If Moved, the flips are part of it; otherwise it is the identity.
	Map raster.Affine
	// Fill is shown outside of the original target or, with a single map, of the
	// region; FillValue is its color if it is constant.
	Fill      resample.Fill
	FillValue [4]byte
	// TwoStep resizes the region first and applies the map to the result; otherwise
	// both are one map (Compose).
	TwoStep bool
	// Drawn holds what the crop and the affine map drew besides the region, in this
	// order, for explain. An empty name means that nothing was drawn.
	Drawn [2]Draw
}

// Draw is a list of drawn numbers with their names. The slice of names is shared and
// must not be changed.
type Draw struct {
	Name   string
	Params []string
	Values [6]float64
}

// MarshalJSON is an object of the name (as "op") and the numbers.
func (d Draw) MarshalJSON() ([]byte, error) {
	object := map[string]any{"op": d.Name}
	for i, name := range d.Params {
		object[name] = d.Values[i]
	}
	return json.Marshal(object)
}

// Random is true if transforms of one image differ by more than flips, so that the
// image at its target's size cannot be used for another one.
func (g *Geometry) Random() bool { return g.Crop != nil && g.Crop.Random() || g.Affine != nil }

// Draw draws the transform of the image with this seed and size.
func (g *Geometry) Draw(seed rng.Seed, size image.Point) Transform {
	t := Transform{Region: g.Region(size), Map: raster.Identity}
	t.Target = g.Target(t.Region.Size())
	if g.Crop != nil {
		t = g.Crop.Draw(seed.Stream("crop"), size, g.Aspect, t)
	}
	if g.Affine != nil {
		t = g.Affine.Draw(seed.Stream("affine"), image.Pt(g.Width, g.Height), t)
	}
	t.Moved = t.Map != raster.Identity
	t.FlipHorizontal, t.FlipVertical = g.Flip.Draw(seed)
	if t.Moved && t.FlipHorizontal {
		t.Map = t.Map.After(raster.Affine{-1, 0, float64(g.Width), 0, 1, 0})
	}
	if t.Moved && t.FlipVertical {
		t.Map = t.Map.After(raster.Affine{1, 0, 0, 0, -1, float64(g.Height)})
	}
	return t
}

// Compose returns the map from the transformed target to an image in which the region
// is at part.
func (t *Transform) Compose(part raster.Rect) raster.Affine {
	x := (part.Right - part.Left) / float64(t.Target.Dx())
	y := (part.Bottom - part.Top) / float64(t.Target.Dy())
	left := part.Left - float64(x*float64(t.Target.Min.X))
	top := part.Top - float64(y*float64(t.Target.Min.Y))
	return raster.Affine{x, 0, left, 0, y, top}.After(t.Map)
}
