package resample

import (
	"fmt"
	"math"
	"strings"
)

// Affine is a map from a target to its source. The point (x, y) of the target is
//
//	(a[0] x + a[1] y + a[2], a[3] x + a[4] y + a[5])
//
// of the source, in pixels, x to the right and y down; the first pixel lies between 0
// and 1, its center is at 0.5.
type Affine [6]float64

// Identity shows the source as it is.
var Identity = Affine{1, 0, 0, 0, 1, 0}

// After is the map that first does b and then a: with a from an image to its file and b
// from a turned image to the image, a.After(b) is from the turned image to the file.
func (a Affine) After(b Affine) Affine {
	x, y := a.At(b[2], b[5])
	return Affine{
		dot(a[0], b[0], a[1], b[3]), dot(a[0], b[1], a[1], b[4]), x,
		dot(a[3], b[0], a[4], b[3]), dot(a[3], b[1], a[4], b[4]), y,
	}
}

// At is where the target's point (x, y) lies in the source.
func (a Affine) At(x, y float64) (float64, float64) {
	return dot(a[0], x, a[1], y) + a[2], dot(a[3], x, a[4], y) + a[5]
}

// dot is a*x + b*y.
func dot(a, x, b, y float64) float64 { return float64(a*x) + float64(b*y) }

// bounds is the smallest part of the source in which the target of a size lies.
func (a Affine) bounds(width, height int) Part {
	w, h := float64(width), float64(height)
	left, right := extent(float64(a[0]*w), float64(a[1]*h), a[2])
	top, bottom := extent(float64(a[3]*w), float64(a[4]*h), a[5])
	return Part{left, top, right, bottom}
}

func extent(x, y, offset float64) (low, high float64) {
	return offset + min(x, 0) + min(y, 0), offset + max(x, 0) + max(y, 0)
}

// Fill is what is shown outside of the source.
type Fill int

// The fill modes. Nearest, reflect and wrap are those of scipy.ndimage, which Keras'
// ImageDataGenerator calls by these names.
const (
	// FillConstant shows a value where a position is outside of the source's area, as
	// Pillow's Image.transform does. Half a pixel at the edge shows the outermost
	// pixels; nothing is blended with the value.
	FillConstant Fill = iota
	// FillConstantCenters is scipy.ndimage's "constant": the value begins at the
	// centers of the outermost pixels, half a pixel further inside. Nothing is blended
	// with the value, either.
	FillConstantCenters
	// FillNearest repeats the outermost pixels: a a | a b c d | d d.
	FillNearest
	// FillReflect mirrors at the edge: b a | a b c d | d c.
	FillReflect
	// FillWrap begins anew, in such a way that the last pixel lies on the first: b c |
	// a b c d | b c. It is SciPy's "wrap", not its "grid-wrap".
	FillWrap
)

var fills = [...]string{FillConstant: "constant", FillConstantCenters: "constant_centers",
	FillNearest: "nearest", FillReflect: "reflect", FillWrap: "wrap"}

// ParseFill finds a fill mode by its name: constant, nearest, reflect, wrap, or
// constant_centers for SciPy's "constant".
func ParseFill(name string) (Fill, error) {
	for f, n := range fills {
		if n == name {
			return Fill(f), nil
		}
	}
	return 0, fmt.Errorf("resample: unknown fill mode %q, valid are %s", name,
		strings.Join(fills[:], ", "))
}

// String is the name that ParseFill knows.
func (f Fill) String() string {
	if !f.valid() {
		return fmt.Sprintf("Fill(%d)", int(f))
	}
	return fills[f]
}

// UnmarshalText is ParseFill.
func (f *Fill) UnmarshalText(name []byte) (err error) {
	*f, err = ParseFill(string(name))
	return err
}

func (f Fill) valid() bool { return f >= 0 && int(f) < len(fills) }

// WarpSpec says how a source is sampled. The zero value takes the nearest pixel, and
// black outside of the source.
type WarpSpec struct {
	// Bilinear samples between 4 pixels instead of taking the nearest.
	Bilinear bool
	Fill     Fill
	// Value is shown by the constant fills, a byte a channel of the target.
	Value [4]byte
}

// Warp samples the source once for each of the width x height pixels of `channels`
// bytes (1, 3 or 4) at dst, rows stride bytes apart, through a map from the target to
// the source. A source pixel of 1 byte makes 1 channel, one of 4 bytes 3 or 4; here a
// source may also have 3 bytes a pixel, which make 3 channels. dst and src must not
// overlap. Part must be zero. With 4 channels and Bilinear colors are weighted by
// alpha, as with Resize.
//
// Results are those of scipy.ndimage.affine_transform (order 0 or 1) and of Pillow's
// Image.transform, rounded; they differ by 1 at most except where a position is on the
// edge of two pixels, or of the source. Where the map shrinks, pixels are left out: Map
// is for that.
func (r *Resampler) Warp(dst []byte, stride, width, height, channels int, src Source, m Affine,
	spec WarpSpec) error {
	if err := src.check(); err != nil {
		return err
	}
	if src.Part != (Part{}) {
		return fmt.Errorf("resample: part %v of the source of Warp, must be zero: shift the map",
			src.Part)
	}
	if err := checkTarget(dst, stride, width, height, channels, src.BytesPerPixel); err != nil {
		return err
	}
	if err := spec.check(); err != nil {
		return err
	}
	if err := m.check(width, height); err != nil {
		return err
	}
	r.warp(plane{dst, stride}, width, height, channels, src, m, spec)
	return nil
}

// warp is Warp with checked arguments.
func (r *Resampler) warp(dst plane, width, height, channels int, src Source, m Affine,
	spec WarpSpec) {
	alpha := channels == 4 && spec.Bilinear
	if alpha {
		src = r.premultiplied(src)
		for c, v := range spec.Value[:3] {
			spec.Value[c] = byte((int(v)*int(spec.Value[3]) + 127) / 255)
		}
	}
	sample(dst, width, height, channels, &src, m.fixed(), &spec)
	if alpha {
		for y := range height {
			unpremultiply(dst.pix[y*dst.stride:], width)
		}
	}
}

// fixed is the map from pixel to pixel, counted from 0 at their centers, with 32
// fractional bits.
func (a Affine) fixed() [6]int64 {
	x, y := a.At(0.5, 0.5)
	var f [6]int64
	for i, v := range [6]float64{a[0], a[1], x - 0.5, a[3], a[4], y - 0.5} {
		f[i] = int64(math.Floor(float64(v*(1<<32)) + 0.5))
	}
	return f
}

// check refuses maps whose positions would not fit.
func (a Affine) check(width, height int) error {
	// pixels; a difference of positions fits 64 bits with 32 fractional ones, counted
	// in cells, too
	const most = 1 << 27
	b := a.bounds(width, height)
	if !(b.Left > -most && b.Top > -most && b.Right < most && b.Bottom < most) {
		return fmt.Errorf("resample: map %v leads more than %d pixels away", a, most)
	}
	return nil
}

func (s *WarpSpec) check() error {
	if !s.Fill.valid() {
		return fmt.Errorf("resample: unknown fill mode %v", s.Fill)
	}
	return nil
}
