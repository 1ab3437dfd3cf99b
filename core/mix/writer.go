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
	part        []byte
	resampler   resample.Resampler
}

// Write writes a row at dst as b says: the blend of images, which are finished, packed
// uint8 images of the Format's size, the row's own first. See Image for dst and the
// arithmetic. The images stay as they are.
//
// Boxes, and masks of only 0 and 1, are composed of the uint8 pixels before anything is
// normalized: such a pixel is exactly that of one image, whatever the type of values.
func (m *Mixer) Write(dst []byte, images [][]byte, b *Blend, s *Scratch) error {
	own, second := images[0], []byte(nil)
	mask := b.Mask.Kind
	if len(images) > 1 && (b.Weight != 1 || mask != nil) {
		second = images[1]
	}
	if mask != nil {
		s.weights = slices.Grow(s.weights[:0], len(own)/m.format.Channels)
		s.weights = s.weights[:len(own)/m.format.Channels]
		mask.Render(s.weights, image.Pt(m.format.Width, m.format.Height), &b.Mask)
		if mask.Binary {
			own = m.selected(own, second, s)
			second, mask = nil, nil
		}
	}
	var err error
	if own, err = m.withBoxes(&s.own, own, images, b, s); err != nil {
		return err
	}
	if second != nil {
		if second, err = m.withBoxes(&s.second, second, images, b, s); err != nil {
			return err
		}
	}
	if mask != nil {
		m.masked(dst, own, second, s.weights)
	} else {
		m.Image(dst, own, second, float32(b.Weight))
	}
	return nil
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
	for y := range dst.Height {
		row, out := src.Row(y), dst.Row(y)
		if src.PixelSize == dst.PixelSize {
			copy(out, row)
			continue
		}
		for x := range dst.Width {
			copy(out[4*x:4*x+3], row[3*x:3*x+3])
			out[4*x+3] = 255
		}
	}
	return resample.Source{Image: dst}
}

// selected has the pixels of own where the mask is 1, and of second where it is 0.
func (m *Mixer) selected(own, second []byte, s *Scratch) []byte {
	out := copied(&s.own, own)
	for first, end := range runs(s.weights) {
		if s.weights[first] == 0 {
			copy(out[first*m.format.Channels:end*m.format.Channels],
				second[first*m.format.Channels:])
		}
	}
	return out
}

// runs are the stretches of equal weights, from the first index to the one after the
// last.
func runs(weights []float32) func(yield func(first, end int) bool) {
	return func(yield func(first, end int) bool) {
		first := 0
		for i := 1; i <= len(weights); i++ {
			if i == len(weights) || weights[i] != weights[first] {
				if !yield(first, i) {
					return
				}
				first = i
			}
		}
	}
}
