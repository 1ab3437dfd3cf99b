package mix

import (
	"image"
	"slices"

	"mixfolder/core/raster"
	"mixfolder/core/resample"
)

// Scratch is the memory of one goroutine for Mixer.Write. The zero value is ready.
type Scratch struct {
	own, second []byte // images with boxes in them
	weights     []float32
	factors     []float32
	spectrum    spectrum
	ranking     ranking
	part        []byte
	resampler   resample.Resampler
}

// Write writes a row at dst as b says: the blend of images, which are finished, packed
// uint8 images of the Format's size, the row's own first. See Image for dst and the
// arithmetic. The images stay as they are.
//
// A pixel in a box, or of weight 0 or 1 in a mask, is exactly that of one image, whatever
// the type of values.
func (m *Mixer) Write(dst []byte, images [][]byte, b *Blend, s *Scratch) error {
	c, err := m.compose(images, b, s)
	if err != nil {
		return err
	}
	if c.weights != nil {
		m.write(dst, c.own, c.second, 1, c.weights)
	} else {
		m.Image(dst, c.own, c.second, float32(b.Weight))
	}
	return nil
}

// composed is a row before its last step, the weighted sum of two images.
type composed struct {
	own, second []byte    // second is nil if own is all
	weights     []float32 // of the pixels of own; nil if they are all Blend.Weight
}

// compose shows the boxes in both images of a row. The result is in images and in s.
func (m *Mixer) compose(images [][]byte, b *Blend, s *Scratch) (c composed, err error) {
	c.own = images[0]
	if len(images) > 1 && (b.Weight != 1 || b.Mask.Kind != nil) {
		c.second = images[1]
	}
	if mask := &b.Mask; mask.Kind != nil {
		size := image.Pt(m.format.Width, m.format.Height)
		s.weights = slices.Grow(s.weights[:0], size.X*size.Y)[:size.X*size.Y]
		c.weights = s.weights
		mask.Kind.Render(c.weights, size, mask, s)
	}
	if c.own, err = m.withBoxes(&s.own, c.own, images, b, s); err != nil {
		return c, err
	}
	if c.second != nil {
		c.second, err = m.withBoxes(&s.second, c.second, images, b, s)
	}
	return c, err
}

// withBoxes is an image with the boxes of b in it, as a copy in memory; the image itself
// if there are none.
func (m *Mixer) withBoxes(memory *[]byte, own []byte, images [][]byte, b *Blend,
	s *Scratch) ([]byte, error) {
	for i := range b.Boxes {
		box := &b.Boxes[i]
		if box.To.Empty() {
			continue
		}
		own = copied(memory, own)
		if err := m.paste(own, images[box.Image], box, s); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// copied is pix itself if it lies in memory already, and otherwise a copy there.
func copied(memory *[]byte, pix []byte) []byte {
	if len(*memory) == len(pix) && &(*memory)[0] == &pix[0] {
		return pix
	}
	*memory = append((*memory)[:0], pix...)
	return *memory
}

// paste shows a part of src in dst.
func (m *Mixer) paste(dst, src []byte, box *Box, s *Scratch) error {
	f := &m.format
	stride, pixel := f.Width*f.Channels, f.Channels
	at := func(p image.Point) int { return p.Y*stride + p.X*pixel }
	if box.From.Size() == box.To.Size() {
		n := box.To.Dx() * pixel
		for y := range box.To.Dy() {
			to, from := at(box.To.Min.Add(image.Pt(0, y))), at(box.From.Min.Add(image.Pt(0, y)))
			copy(dst[to:to+n], src[from:from+n])
		}
		return nil
	}
	part := s.source(raster.Packed(src, f.Width, f.Height, f.Channels).Crop(box.From))
	target := raster.Packed(dst, f.Width, f.Height, f.Channels).Crop(box.To)
	return s.resampler.Resize(target, part, f.Resize)
}

// source copies an image for the resampler, which takes 1 or 4 bytes per pixel.
func (s *Scratch) source(src raster.Image) resample.Source {
	dst := src
	if src.Channels > 1 {
		dst.PixelSize = 4
	}
	dst.Stride = dst.Width * dst.PixelSize
	n := dst.Stride * dst.Height
	dst.Pix = raster.Grow(&s.part, n+raster.Slack)[:n]
	if src.Channels == 3 {
		addAlpha(dst, src)
		return resample.Source{Image: dst}
	}
	for y := range dst.Height {
		copy(dst.Row(y), src.Row(y))
	}
	return resample.Source{Image: dst}
}
