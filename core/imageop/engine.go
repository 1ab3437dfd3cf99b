package imageop

import (
	"fmt"

	"mixfolder/core/raster"
	"mixfolder/core/resample"
)

// check rejects images that are not packed: one byte per channel, no gaps between rows.
func check(p *raster.Image) error {
	switch {
	case p.Channels != 1 && p.Channels != 3 && p.Channels != 4:
		return fmt.Errorf("imageop: %d channels, must be 1, 3 or 4", p.Channels)
	case p.Width < 1 || p.Height < 1 || p.Width > raster.MaxExtent || p.Height > raster.MaxExtent:
		return fmt.Errorf("imageop: an image of %dx%d pixels, must be 1 to %d each", p.Width,
			p.Height, raster.MaxExtent)
	case p.PixelSize != p.Channels || p.Stride != p.Width*p.Channels ||
		len(p.Pix) != p.Width*p.Height*p.Channels:
		return fmt.Errorf("imageop: %d bytes for %dx%d pixels of %d channels, packed", len(p.Pix),
			p.Width, p.Height, p.Channels)
	}
	return nil
}

// Engine changes images. The zero value is ready; it isn't safe for concurrent use and
// must not be copied after the first use. It keeps scratch memory for the largest image
// so far, and allocates nothing once it has that.
type Engine struct {
	// image is a field, not a variable of Apply, because a variable passed to the
	// functions of a Kind would be allocated for each call.
	image   raster.Image
	pending tables // the lookup tables of the last operations combined
	waiting bool   // whether pending is still to be applied
	next    tables
	counts  histogram
	before  []byte // the image before an operation that reads more than one pixel
	blur    blur
	warper  resample.Resampler
}

// Apply changes p, which must be packed (raster.Packed), by each of ops, in their
// order. Operations on values do not change alpha. Consecutive lookup tables are
// applied in one pass over the image. On an error some of ops may have been applied.
func (e *Engine) Apply(p raster.Image, ops ...Op) error {
	if err := check(&p); err != nil {
		return err
	}
	e.image, e.waiting = p, false
	defer func() { e.image = raster.Image{} }()
	for i := range ops {
		if err := ops[i].Check(); err != nil {
			return err
		}
		if err := e.apply(&e.image, &ops[i]); err != nil {
			return err
		}
	}
	e.flush(&e.image)
	return nil
}

func (e *Engine) apply(p *raster.Image, o *Op) error {
	k := o.kind()
	switch {
	case k.colorOnly && p.Channels == 1:
	case k.lut != nil:
		if k.ofImage {
			e.flush(p) // the statistics are those of the image after all previous operations
		}
		k.lut(e, p, o, &e.next)
		e.enqueue(&e.next)
	case k.apply != nil:
		e.flush(p)
		return k.apply(e, p, o)
	}
	return nil
}

// enqueue combines next with the pending tables.
func (e *Engine) enqueue(next *tables) {
	if !e.waiting {
		e.pending, e.waiting = *next, true
		return
	}
	for c := range e.pending {
		for v, w := range e.pending[c] {
			e.pending[c][v] = next[c][w]
		}
	}
}

// flush applies the pending tables.
func (e *Engine) flush(p *raster.Image) {
	if e.waiting {
		lookUp(p, &e.pending)
		e.waiting = false
	}
}
