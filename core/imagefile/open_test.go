package imagefile

import (
	"image"

	"mixfolder/core/raster"
)

// decoded is all that a Decoder says of a file's pixels.
type decoded struct {
	raster.Image
	Shown raster.Rect
	Bits  int
}

// A chooser says which region of an image to decode, and how far it may be shrunk, once
// its header is known. An error ends the decoding. nil is all of the image.
type chooser func(width, height int) (r image.Rectangle, shrink int, err error)

// decode is Open and Decode.
func (d *Decoder) decode(data []byte, choose chooser) (p decoded, err error) {
	h, err := d.Open(data)
	if err != nil {
		return p, err
	}
	region, shrink := image.Rect(0, 0, h.Width, h.Height), 1
	if choose != nil {
		if region, shrink, err = choose(h.Width, h.Height); err != nil {
			return p, err
		}
	}
	if p.Image, p.Shown, err = d.Decode(region, shrink); err != nil {
		return p, err
	}
	p.Bits = d.SampleBits()
	return p, nil
}
