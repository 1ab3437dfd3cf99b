package imageop

import (
	"fmt"

	"mixfolder/core/resample"
)

// Image is packed pixels of 1 (gray), 3 (R, G, B) or 4 bytes (R, G, B, A), without gaps
// between the rows. Operations on values leave A alone.
type Image struct {
	Pix                     []byte
	Width, Height, Channels int
}

// maxExtent bounds widths and heights, so that offsets in a row fit 32 bits.
const maxExtent = 1 << 24

func (p *Image) check() error {
	switch {
	case p.Channels != 1 && p.Channels != 3 && p.Channels != 4:
		return fmt.Errorf("imageop: %d channels, must be 1, 3 or 4", p.Channels)
	case p.Width < 1 || p.Height < 1 || p.Width > maxExtent || p.Height > maxExtent:
		return fmt.Errorf("imageop: an image of %dx%d pixels, must be 1 to %d each", p.Width,
			p.Height, maxExtent)
	case len(p.Pix) != p.Width*p.Height*p.Channels:
		return fmt.Errorf("imageop: %d bytes for %dx%d pixels of %d channels", len(p.Pix), p.Width,
			p.Height, p.Channels)
	}
	return nil
}

func (p *Image) pixels() int { return p.Width * p.Height }

func (p *Image) stride() int { return p.Width * p.Channels }

// Engine changes images. The zero value is ready; it isn't safe for concurrent use and
// must not be copied after the first use. It keeps scratch memory for the largest image
// so far, and allocates nothing once it has that.
type Engine struct {
	pending tables // what the point operations so far make of each value
	waiting bool   // whether pending is still to be applied
	counts  histogram
	before  []byte // the image before an operation that looks at more than one pixel
	blur    blur
	warper  resample.Resampler
}

// Apply changes p by each of ops, in their order. Point operations that follow on one
// another take one pass. On an error the image may have been changed by some of ops.
func (e *Engine) Apply(p Image, ops ...Op) error {
	if err := p.check(); err != nil {
		return err
	}
	e.waiting = false
	for i := range ops {
		if err := ops[i].Check(); err != nil {
			return err
		}
		if err := e.apply(&p, &ops[i]); err != nil {
			return err
		}
	}
	e.flush(&p)
	return nil
}

func (e *Engine) apply(p *Image, o *Op) error {
	if o.Kind == Identity || p.Channels == 1 && (o.Kind == Saturation || o.Kind == Hue ||
		o.Kind == Grayscale) {
		return nil
	}
	if e.point(p, o) {
		return nil
	}
	e.flush(p)
	switch v := o.Args[0]; o.Kind {
	case Saturation:
		saturate(p, float32(v))
	case Grayscale:
		saturate(p, 0)
	case Hue:
		// The conversion to int truncates, as NumPy's does there.
		turnHue(p, uint8(int(v*255)))
	case Sharpness:
		e.sharpen(p, float32(v))
	case GaussianBlur:
		e.gaussian(p, v, int(o.Args[1]))
	case Erase, EraseNoise:
		erase(p, o)
	case Affine:
		return e.affine(p, o)
	}
	return nil
}

// affine samples the image anew.
func (e *Engine) affine(p *Image, o *Op) error {
	e.before = grown(e.before, len(p.Pix)+resample.Slack)
	copy(e.before, p.Pix)
	src := resample.Source{Pix: e.before[:len(p.Pix)], Stride: p.stride(), Width: p.Width,
		Height: p.Height, BytesPerPixel: p.Channels}
	return e.warper.Warp(p.Pix, p.stride(), p.Width, p.Height, p.Channels, src, o.Args,
		resample.WarpSpec{Bilinear: o.Bilinear, Value: o.Fill})
}

// grown is s with n elements, of any content.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
