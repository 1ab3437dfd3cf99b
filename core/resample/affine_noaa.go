package resample

import (
	"fmt"
	"math"
	"strings"

	"mixfolder/core/raster"
)

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
	// FillWrap repeats the source so that its last pixel coincides with the first: b c
	// | a b c d | b c. It is SciPy's "wrap", not its "grid-wrap".
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

// SampleOptions control how a source is sampled. The zero value uses the nearest pixel,
// and black outside of the source.
type SampleOptions struct {
	// Bilinear samples between 4 pixels instead of taking the nearest.
	Bilinear bool
	Fill     Fill
	// Value is shown by the constant fills, one byte per channel of the target.
	Value [4]byte
}

// AffineNoAA samples the source once for each pixel of dst, through a map from the
// target to the source, without antialiasing. Pixels of dst have a byte per channel. A
// source pixel of 1 byte makes 1 channel, one of 4 bytes 3 or 4; here a source may also
// have 3 bytes per pixel, which make 3 channels. dst and src must not overlap. Part
// must be zero. With 4 channels and Bilinear colors are weighted by alpha, as with
// Resize.
//
// Results are those of scipy.ndimage.affine_transform (order 0 or 1) and of Pillow's
// Image.transform, rounded; they differ by 1 at most except where a position is on the
// edge of two pixels, or of the source. Where the map shrinks, pixels are skipped: use
// Affine for that.
func (r *Resampler) AffineNoAA(dst raster.Image, src Source, m raster.Affine,
	spec SampleOptions) error {
	if err := src.check(); err != nil {
		return err
	}
	if src.Part != (raster.Rect{}) {
		return fmt.Errorf("resample: part %v of the source of AffineNoAA, must be zero: "+
			"shift the map", src.Part)
	}
	if err := checkTarget(&dst, src.PixelSize); err != nil {
		return err
	}
	if err := spec.check(); err != nil {
		return err
	}
	if err := checkMap(m, dst.Width, dst.Height); err != nil {
		return err
	}
	r.sampleOnce(dst, src, m, spec)
	return nil
}

// sampleOnce is AffineNoAA with checked arguments.
func (r *Resampler) sampleOnce(target raster.Image, src Source, m raster.Affine,
	spec SampleOptions) {
	dst, width, height, channels := planeOf(&target), target.Width, target.Height, target.Channels
	alpha := channels == 4 && spec.Bilinear
	if alpha {
		src = r.premultiplied(src)
		for c, v := range spec.Value[:3] {
			spec.Value[c] = byte((int(v)*int(spec.Value[3]) + 127) / 255)
		}
	}
	sample(dst, width, height, channels, &src, fixedPoint(m), &spec)
	if alpha {
		for y := range height {
			unpremultiply(dst.pix[y*dst.stride:], width)
		}
	}
}

// fixedPoint returns the map between pixel centers, counted from 0, with 32 fractional
// bits.
func fixedPoint(a raster.Affine) [6]int64 {
	x, y := a.At(0.5, 0.5)
	var f [6]int64
	for i, v := range [6]float64{a[0], a[1], x - 0.5, a[3], a[4], y - 0.5} {
		f[i] = int64(math.Floor(float64(v*(1<<32)) + 0.5))
	}
	return f
}

// checkMap rejects maps whose positions would not fit.
func checkMap(a raster.Affine, width, height int) error {
	// In pixels: a difference of positions fits 64 bits with 32 fractional ones, also
	// when it is counted in cells.
	const maxCoordinate = 1 << 27
	b := a.Bounds(width, height)
	if !(b.Left > -maxCoordinate && b.Top > -maxCoordinate &&
		b.Right < maxCoordinate && b.Bottom < maxCoordinate) {
		return fmt.Errorf("resample: map %v leads more than %d pixels away", a, maxCoordinate)
	}
	return nil
}

func (s *SampleOptions) check() error {
	if !s.Fill.valid() {
		return fmt.Errorf("resample: unknown fill mode %v", s.Fill)
	}
	return nil
}
