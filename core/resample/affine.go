package resample

import (
	"math"

	"mixfolder/core/raster"
)

// AffineOptions control how Affine samples and shrinks.
type AffineOptions struct {
	SampleOptions
	// Reduce controls how a source with too many pixels is shrunk first; it is all that
	// is used if the map neither rotates, nor shears, nor leaves the source. Its flips
	// must not be set: a map has its own.
	Reduce ResizeOptions
}

// Affine transforms a source by a map from the target to the source, antialiased: crop,
// flip, rotation, shear, shift and zoom together. Arguments and fill modes are those of
// AffineNoAA, but a source pixel is 1 or 4 bytes; target pixels outside of the source's
// Part are filled.
//
// If the map neither rotates nor shears and stays within the source, the result is that
// of Resize with Reduce. Otherwise the source is sampled once. If a step of one target
// pixel covers more than one pixel of the source, along its rows or its columns, the
// source is first shrunk so that the step covers one: as if the full source were
// resized to round(width/step) x round(height/step) with Reduce. So a full image
// rotated in a smaller target equals Resize to the target's size followed by
// AffineNoAA. If both ways are nearest (no Bilinear, Reduce of Nearest), nothing is
// shrunk: of the full source, the nearest pixel is taken.
func (r *Resampler) Affine(dst raster.Image, src Source, m raster.Affine,
	spec AffineOptions) error {
	if err := check(&dst, &src, &spec.Reduce); err != nil {
		return err
	}
	if err := spec.check(); err != nil {
		return err
	}
	if err := checkMap(m, dst.Width, dst.Height); err != nil {
		return err
	}
	if part, ok := onlyScales(m, dst.Width, dst.Height, src.part()); ok {
		src.Part = part
		resize := spec.Reduce
		resize.FlipHorizontal, resize.FlipVertical = m[0] < 0, m[4] < 0
		r.resize(dst, src, resize)
		return nil
	}
	src, m = r.reduce(src, m, &dst, spec)
	r.sampleOnce(dst, src, m, spec.SampleOptions)
	return nil
}

// onlyScales returns the part of the source that becomes the target, if the map only
// scales and flips it and all of it is there.
func onlyScales(a raster.Affine, width, height int, there raster.Rect) (raster.Rect, bool) {
	const rounding = 1e-6 // pixels
	b := a.Bounds(width, height)
	if a[1] != 0 || a[3] != 0 || !(b.Left < b.Right && b.Top < b.Bottom) ||
		b.Left < there.Left-rounding || b.Top < there.Top-rounding ||
		b.Right > there.Right+rounding || b.Bottom > there.Bottom+rounding {
		return raster.Rect{}, false
	}
	b = raster.Rect{Left: max(b.Left, there.Left), Top: max(b.Top, there.Top), Right: min(b.Right,
		there.Right), Bottom: min(b.Bottom, there.Bottom)}
	return b, b.Left < b.Right && b.Top < b.Bottom
}

// reduce returns the source and the map to sample instead of these: the needed part of
// the source, shrunk to about one pixel per target pixel if it has more.
func (r *Resampler) reduce(src Source, m raster.Affine, dst *raster.Image,
	spec AffineOptions) (Source, raster.Affine) {
	part, bounds := src.part(), m.Bounds(dst.Width, dst.Height)
	stepX, stepY := m.Step()
	if !spec.Bilinear && spec.Reduce.Filter == Nearest {
		stepX, stepY = min(stepX, 1), min(stepY, 1)
	}
	x, y := newCells(part.Left, part.Right, stepX), newCells(part.Top, part.Bottom, stepY)
	x.narrow(bounds.Left, bounds.Right, spec.Fill)
	y.narrow(bounds.Top, bounds.Bottom, spec.Fill)
	m = raster.Affine{1 / x.size, 0, -x.start() / x.size, 0, 1 / y.size,
		-y.start() / y.size}.After(m)
	if x.ownPixels() && y.ownPixels() {
		src.Pix = src.Pix[int(y.start())*src.Stride+int(x.start())*src.PixelSize:]
		src.Width, src.Height, src.Part = x.count(), y.count(), raster.Rect{}
		return src, m
	}
	src.Part = raster.Rect{Left: x.start(), Top: y.start(), Right: x.stop(), Bottom: y.stop()}
	bytes := x.count() * y.count() * dst.Channels
	small := raster.Packed(raster.Grow(&r.reduced, bytes+raster.Slack)[:bytes], x.count(),
		y.count(),
		dst.Channels)
	r.resize(small, src, spec.Reduce)
	return Source{Image: small}, m
}

// cells divides one axis of a source between two positions into equal pixels of a
// smaller image.
type cells struct {
	from, to float64
	all      int
	size     float64 // of a cell, in source pixels; 1 if nothing is shrunk
	// Only the cells from first to end are needed.
	first, end int
}

// newCells makes cells for a step of the target: round(extent/step), or the source's
// own pixels if these are fewer or the extent is less than one. So cells are never much
// smaller than pixels, and positions counted in cells never much larger.
func newCells(from, to, step float64) cells {
	if all := math.Round((to - from) / step); all < math.Ceil(to)-math.Floor(from) && to-from >= 1 {
		n := max(int(all), 1)
		return cells{from: from, to: to, all: n, size: (to - from) / float64(n), end: n}
	}
	from, to = math.Floor(from), math.Ceil(to)
	return cells{from: from, to: to, all: int(to - from), size: 1, end: int(to - from)}
}

// narrow drops the cells that no position between low and high needs. A position needs
// the cells beside it; beyond the axis it needs the outermost one, or any cell if the
// fill mode repeats others.
func (c *cells) narrow(low, high float64, fill Fill) {
	first, end := math.Floor((low-c.from)/c.size)-1, math.Ceil((high-c.from)/c.size)+1
	all := float64(c.all)
	if (first < 0 || end > all) && (fill == FillReflect || fill == FillWrap) {
		return
	}
	c.first = int(min(max(first, 0), all-1))
	c.end = max(int(min(max(end, 0), all)), c.first+1)
}

// ownPixels reports whether cells are the source's own pixels.
func (c *cells) ownPixels() bool { return c.size == 1 && c.from == math.Floor(c.from) }

// start returns where the first needed cell begins in the source, stop where the last
// one ends.
func (c *cells) start() float64 { return c.from + float64(float64(c.first)*c.size) }

func (c *cells) stop() float64 {
	if c.end == c.all {
		return c.to // without a rounding error
	}
	return c.from + float64(float64(c.end)*c.size)
}

// count returns the number of needed cells.
func (c *cells) count() int { return c.end - c.first }
