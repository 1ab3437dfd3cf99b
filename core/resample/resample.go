// Package resample resizes images, antialiased as by Pillow's Image.resize or sampled
// as by tf.image.resize, and transforms them by affine maps. Flips are free.
//
// The arithmetic is in fixed point: weights of 16 bits, sums of 32, each pass rounded
// to 8 bits. Pillow does the same with weights of 22 bits; results differ by 1 at most,
// and seldom (with photos in about 1 value of 10,000). TensorFlow computes in floats:
// results differ by 1 at most from its rounded ones.
package resample

import (
	"errors"
	"fmt"

	"mixfolder/core/raster"
)

// ResizeOptions control how a source is resized. The zero value is TensorFlow's nearest
// neighbor.
type ResizeOptions struct {
	Filter Filter
	// Antialias widens the filter's window by the factor of shrinking, and gives
	// Pillow's results. Without it the results are those of tf.image.resize, which only
	// knows Nearest, Bilinear and Bicubic.
	Antialias bool
	// The result is as if flipped afterwards.
	FlipHorizontal, FlipVertical bool
}

// ToNearest returns how to resize the mask of an image that is resized by s, without its
// flips: to the nearest pixel, as Pillow or as TensorFlow finds it.
func (s ResizeOptions) ToNearest() ResizeOptions {
	return ResizeOptions{Filter: Nearest, Antialias: s.Antialias}
}

// Source is an image to resize or sample. A pixel is 1 byte, or 4 in the order R, G, B,
// A (not premultiplied); for AffineNoAA it may also be 3. raster.Slack bytes must
// follow the last pixel within the capacity of Pix. Channels is not read.
type Source struct {
	raster.Image
	// Part becomes the target. Pixels around it are used where the filter's window
	// crosses its edge, as with Pillow's resize(box=). The zero value means all pixels.
	Part raster.Rect
}

// Resampler resizes images. The zero value is ready; it isn't safe for concurrent use
// and must not be copied after the first use. It keeps scratch memory for the largest
// image so far, and the coefficients for a few recent sizes.
type Resampler struct {
	axes    [16]axis
	clock   uint64
	weights []float64
	colors  []byte    // the source with its colors multiplied by alpha
	columns []byte    // the result of a vertical pass before the horizontal one
	rows    []byte    // the result of the horizontal pass
	floats  []float32 // the result of a horizontal pass without rounding
	reduced []byte    // a source shrunk for sampling
}

// Resize resizes the source to dst. Pixels of dst have one byte per channel: 1, which
// needs a source with 1 byte per pixel, or 3 or 4, which need one with 4 bytes; 3 drops
// A. Bytes between the rows of dst are not changed. dst and src must not overlap.
//
// With 4 channels and Antialias colors are weighted by alpha, as Pillow does (where it
// resizes at all and not to the nearest).
func (r *Resampler) Resize(dst raster.Image, src Source, spec ResizeOptions) error {
	if err := check(&dst, &src, &spec); err != nil {
		return err
	}
	r.resize(dst, src, spec)
	return nil
}

// resize is Resize with checked arguments.
func (r *Resampler) resize(target raster.Image, src Source, spec ResizeOptions) {
	dst, width, height, channels := planeOf(&target), target.Width, target.Height, target.Channels
	layout := horizontal4
	if src.PixelSize == 1 {
		layout = horizontal1
	}
	precise, part := needsPrecision(channels, spec.Filter), src.part()
	h := r.axis(axisKey{src.Width, width, part.Left, part.Right, spec.Filter, spec.Antialias,
		spec.FlipHorizontal, precise, layout})
	v := r.axis(axisKey{src.Height, height, part.Top, part.Bottom, spec.Filter, spec.Antialias,
		spec.FlipVertical, precise, vertical})
	if h.nearest && v.nearest {
		copyNearest(dst, planeOf(&src.Image), height, width, channels, src.PixelSize, h, v)
		return
	}
	if spec.Filter == Bicubic && !spec.Antialias && !h.nearest && !v.nearest {
		r.throughFloats(dst, width, channels, src, h, v)
		return
	}
	alpha := channels == 4 && spec.Antialias
	if alpha {
		src = r.premultiplied(src)
	}
	if !h.nearest && !v.nearest && spec.Antialias && verticalFirst(src, width, height) {
		src = r.vertical(src, v)
		v = r.axis(axisKey{height, height, 0, float64(height), spec.Filter, spec.Antialias, false,
			false, vertical})
	}
	rows := r.horizontal(src, width, channels, h, v)
	bytes := width * channels
	if v.nearest {
		for y := range height {
			copy(dst.pix[y*dst.stride:][:bytes], rows.pix[int(v.start[y])*rows.stride:])
		}
	} else {
		filterColumns(dst, rows, bytes, v)
	}
	if alpha {
		for y := range height {
			unpremultiply(dst.pix[y*dst.stride:], width)
		}
	}
}

// needsPrecision is true where an error of 1 in the first pass could become one of 2:
// by weights above 1, which filters with negative parts have, or by a division by
// alpha.
func needsPrecision(channels int, f Filter) bool {
	return f == Bicubic || f == Lanczos || channels == 4
}

// verticalFirst is Pillow's rule (since 13.0) for the order of the passes. Results
// depend on it, as the first pass is rounded and clipped to 8 bits.
func verticalFirst(src Source, width, height int) bool {
	rows, columns := src.Height-height, src.Width-width
	return rows > 0 && rows > 2*columns
}

// vertical resizes all source columns to the target's height.
func (r *Resampler) vertical(src Source, v *axis) Source {
	bytes := src.Width * src.PixelSize
	dst := src
	dst.Height, dst.Stride = v.key.target, roundUp(bytes, 32)
	dst.Pix = raster.Grow(&r.columns, dst.Height*dst.Stride+raster.Slack)
	from := planeOf(&src.Image)
	from.pix = from.pix[v.spans[0].first*from.stride:] // an antialiased axis has one span
	filterColumns(planeOf(&dst.Image), from, bytes, v)
	return dst
}

// horizontal resizes all source rows that the vertical axis needs to the target's
// width.
func (r *Resampler) horizontal(src Source, width, channels int, h, v *axis) plane {
	// Kernels store up to 16 bytes behind a row and read whole blocks of 32.
	stride := roundUp(width*channels+16, 32)
	rows, to := raster.Grow(&r.rows, v.needed()*stride), 0
	for _, s := range v.spans {
		from := plane{src.Pix[s.first*src.Stride:], src.Stride}
		into := plane{rows[to*stride:], stride}
		if h.nearest {
			copyNearest(into, from, s.length, width, channels, src.PixelSize, h, nil)
		} else {
			filterRows(into, from, s.length, width, channels, h)
		}
		to += s.length
	}
	return plane{rows, stride}
}

// throughFloats computes both passes of TensorFlow's bicubic filter, which rounds and
// clips only once: between the passes there may be values below 0 and above 255.
func (r *Resampler) throughFloats(dst plane, width, channels int, src Source, h, v *axis) {
	values := width * channels
	floats := raster.Grow(&r.floats, v.needed()*values+1) // the kernel may write one more
	to := floats
	for _, s := range v.spans {
		from := plane{src.Pix[s.first*src.Stride:], src.Stride}
		filterRowsFloat(to, from, s.length, width, channels, src.PixelSize, h)
		to = to[s.length*values:]
	}
	filterColumnsFloat(dst, floats, values, h, v)
}

// premultiplied returns src with its colors multiplied by alpha.
func (r *Resampler) premultiplied(src Source) Source {
	dst := src
	dst.Stride = src.Width * 4
	dst.Pix = raster.Grow(&r.colors, dst.Height*dst.Stride+raster.Slack)
	for y := range src.Height {
		premultiply(dst.Pix[y*dst.Stride:], src.Pix[y*src.Stride:], src.Width)
	}
	return dst
}

// axis returns the axis for k: a cached one, or a new one in place of the least
// recently used. It stays valid until as many other axes as the cache holds are
// requested.
func (r *Resampler) axis(k axisKey) *axis {
	r.clock++
	oldest := &r.axes[0]
	for i := range r.axes {
		a := &r.axes[i]
		if a.used != 0 && a.key == k {
			a.used = r.clock
			return a
		}
		if a.used < oldest.used {
			oldest = a
		}
	}
	oldest.build(k, &r.weights)
	oldest.used = r.clock
	return oldest
}

func planeOf(m *raster.Image) plane { return plane{m.Pix, m.Stride} }

func (s *Source) part() raster.Rect {
	if s.Part == (raster.Rect{}) {
		return s.Bounds()
	}
	return s.Part
}

func (s *ResizeOptions) check() error {
	if !s.Filter.valid() {
		return fmt.Errorf("resample: unknown filter %v", s.Filter)
	}
	if !s.Antialias && s.Filter != Nearest && s.Filter != Bilinear && s.Filter != Bicubic {
		return fmt.Errorf("resample: filter %v needs antialias; without it only nearest, "+
			"bilinear and bicubic are known", s.Filter)
	}
	return nil
}

// check reports invalid arguments of Resize.
func check(dst *raster.Image, src *Source, spec *ResizeOptions) error {
	if src.PixelSize == 3 {
		return errors.New("resample: source of 3 bytes per pixel, must be 1 or 4")
	}
	if err := src.check(); err != nil {
		return err
	}
	if err := checkTarget(dst, src.PixelSize); err != nil {
		return err
	}
	return spec.check()
}

func (s *Source) check() error {
	if s.PixelSize != 1 && s.PixelSize != 3 && s.PixelSize != 4 {
		return fmt.Errorf("resample: source of %d bytes per pixel, must be 1, 4 or, for AffineNoAA, 3",
			s.PixelSize)
	}
	if err := checkExtent("source", s.Width, s.Height); err != nil {
		return err
	}
	end, ok := memoryUnder(s.Stride, s.Width*s.PixelSize, s.Height)
	if !ok || end > len(s.Pix) {
		return fmt.Errorf("resample: source of %d bytes is too short for %dx%d pixels of %d "+
			"bytes, %d bytes a row",
			len(s.Pix), s.Width, s.Height, s.PixelSize, s.Stride)
	}
	if cap(s.Pix)-end < raster.Slack {
		return fmt.Errorf("resample: %d bytes behind the source's last pixel, must be %d",
			cap(s.Pix)-end, raster.Slack)
	}
	if p := s.part(); !p.In(s.Bounds()) {
		return fmt.Errorf("resample: part %v is empty or not within the source of %dx%d pixels", p,
			s.Width, s.Height)
	}
	return nil
}

func checkTarget(dst *raster.Image, pixelSize int) error {
	switch channels := dst.Channels; {
	case channels != 1 && channels != 3 && channels != 4:
		return fmt.Errorf("resample: %d channels, must be 1, 3 or 4", channels)
	case dst.PixelSize != channels:
		return fmt.Errorf("resample: target of %d bytes per pixel, must be its %d channels",
			dst.PixelSize, channels)
	case (channels == 1) != (pixelSize == 1) || channels == 4 && pixelSize == 3:
		return fmt.Errorf("resample: can't make %d channels of %d bytes per pixel", channels,
			pixelSize)
	}
	if err := checkExtent("target", dst.Width, dst.Height); err != nil {
		return err
	}
	end, ok := memoryUnder(dst.Stride, dst.Width*dst.PixelSize, dst.Height)
	if !ok || end > len(dst.Pix) {
		return errors.New("resample: target buffer is too short for its size")
	}
	return nil
}

func checkExtent(what string, width, height int) error {
	if width < 1 || height < 1 || width > raster.MaxExtent || height > raster.MaxExtent {
		return fmt.Errorf("resample: %s of %dx%d pixels, must be 1 to %d each way", what, width,
			height, raster.MaxExtent)
	}
	return nil
}

// memoryUnder returns the length of the memory of `rows` rows of `bytes` bytes, stride
// bytes apart; ok is false if rows overlap or the length overflows.
func memoryUnder(stride, bytes, rows int) (int, bool) {
	const maxStride = 1 << 56
	if stride < bytes || stride > maxStride/rows {
		return 0, false
	}
	return (rows-1)*stride + bytes, true
}
