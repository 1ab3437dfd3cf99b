package raster

import (
	"math"

	"mixfolder/core/exact"
)

// Affine is a map from a target image to its source. The point (x, y) of the target is
//
//	(a[0] x + a[1] y + a[2], a[3] x + a[4] y + a[5])
//
// of the source, in pixels, x to the right and y down; the first pixel lies between 0
// and 1, its center is at 0.5.
type Affine [6]float64

// Identity maps each point to itself.
var Identity = Affine{1, 0, 0, 0, 1, 0}

// After returns the map that applies b first and then a: with a from an image to its
// file and b from a rotated image to the image, a.After(b) is from the rotated image to
// the file.
func (a Affine) After(b Affine) Affine {
	x, y := a.At(b[2], b[5])
	return Affine{
		exact.Dot(a[0], b[0], a[1], b[3]), exact.Dot(a[0], b[1], a[1], b[4]), x,
		exact.Dot(a[3], b[0], a[4], b[3]), exact.Dot(a[3], b[1], a[4], b[4]), y,
	}
}

// At returns the point of the source for the target's point (x, y).
func (a Affine) At(x, y float64) (float64, float64) {
	return exact.Dot(a[0], x, a[1], y) + a[2], exact.Dot(a[3], x, a[4], y) + a[5]
}

// Bounds returns the smallest rectangle of the source that contains all points of a
// target of this size.
func (a Affine) Bounds(width, height int) Rect {
	w, h := float64(width), float64(height)
	left, right := extent(float64(a[0]*w), float64(a[1]*h), a[2])
	top, bottom := extent(float64(a[3]*w), float64(a[4]*h), a[5])
	return Rect{left, top, right, bottom}
}

// Step returns the largest distance in the source, along its rows and its columns,
// between neighboring pixels of the target.
func (a Affine) Step() (x, y float64) {
	return math.Sqrt(
			exact.Dot(a[0], a[0], a[1], a[1]),
		), math.Sqrt(
			exact.Dot(a[3], a[3], a[4], a[4]),
		)
}

func extent(x, y, offset float64) (low, high float64) {
	return offset + min(x, 0) + min(y, 0), offset + max(x, 0) + max(y, 0)
}
