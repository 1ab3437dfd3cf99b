package imagefile

import (
	"encoding/binary"
	"image"

	"mixfolder/core/raster"
)

// An orientation maps the stored image to the upright one, numbered as EXIF's tag
// Orientation.
type orientation uint8

const (
	upright orientation = 1 + iota
	mirrored
	rotated180
	flipped    // top to bottom
	transposed // mirrored at the main diagonal
	rotated90  // clockwise
	transversed
	rotated270 // clockwise
)

// orientationOf returns upright for numbers that EXIF does not have.
func orientationOf(tag int64) orientation {
	if tag < int64(upright) || tag > int64(rotated270) {
		return upright
	}
	return orientation(tag)
}

// swaps reports whether width and height are swapped.
func (t orientation) swaps() bool { return t >= transposed }

// backwards reports which axes of the stored image are opposite to those of the upright
// one, after a swap.
func (t orientation) backwards() (x, y bool) {
	switch t {
	case mirrored:
		return true, false
	case rotated180, transversed:
		return true, true
	case flipped:
		return false, true
	case rotated90: // upright columns run up the stored rows
		return false, true
	case rotated270:
		return true, false
	}
	return false, false
}

// stored returns the part of the stored image that becomes r of the upright one of
// width x height.
func (t orientation) stored(r image.Rectangle, width, height int) image.Rectangle {
	if t.swaps() {
		r = image.Rect(r.Min.Y, r.Min.X, r.Max.Y, r.Max.X)
		width, height = height, width
	}
	x, y := t.backwards()
	if x {
		r.Min.X, r.Max.X = width-r.Max.X, width-r.Min.X
	}
	if y {
		r.Min.Y, r.Max.Y = height-r.Max.Y, height-r.Min.Y
	}
	return r
}

// shown returns the rectangle of the stored region exact in the upright image of the
// region whole, which is 1/shrink of the stored image.
func (t orientation) shown(exact, whole image.Rectangle, shrink int) raster.Rect {
	by, width, height := float64(shrink), float64(whole.Dx()), float64(whole.Dy())
	left := float64(exact.Min.X)/by - float64(whole.Min.X)
	right := float64(exact.Max.X)/by - float64(whole.Min.X)
	top := float64(exact.Min.Y)/by - float64(whole.Min.Y)
	bottom := float64(exact.Max.Y)/by - float64(whole.Min.Y)
	x, y := t.backwards()
	if x {
		left, right = width-right, width-left
	}
	if y {
		top, bottom = height-bottom, height-top
	}
	if t.swaps() {
		return raster.Rect{Left: top, Top: left, Right: bottom, Bottom: right}
	}
	return raster.Rect{Left: left, Top: top, Right: right, Bottom: bottom}
}

// apply writes src with the orientation applied to dst, which has the right size and
// does not overlap src.
func (t orientation) apply(dst, src raster.Image) {
	size := src.PixelSize
	start, dx, dy := 0, size, src.Stride // steps in src for steps of one pixel in the stored image
	x, y := t.backwards()
	if x {
		start, dx = start+(src.Width-1)*size, -dx
	}
	if y {
		start, dy = start+(src.Height-1)*src.Stride, -dy
	}
	if t.swaps() {
		dx, dy = dy, dx
	}
	// Tiles keep the source lines of a column in the cache where dx walks down the
	// rows.
	const tile = 32
	for y0 := 0; y0 < dst.Height; y0 += tile {
		for x0 := 0; x0 < dst.Width; x0 += tile {
			for y := y0; y < min(y0+tile, dst.Height); y++ {
				at := start + y*dy + x0*dx
				line := dst.Row(y)[x0*size : min(x0+tile, dst.Width)*size]
				if size == 1 {
					for i := range line {
						line[i] = src.Pix[at]
						at += dx
					}
					continue
				}
				for ; len(line) >= 4; line = line[4:] {
					binary.NativeEndian.PutUint32(line, binary.NativeEndian.Uint32(src.Pix[at:]))
					at += dx
				}
			}
		}
	}
}
