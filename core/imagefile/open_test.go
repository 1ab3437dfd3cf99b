package imagefile

import (
	"image"

	"mixfolder/core/raster"
)

// decoded is everything that a Decoder returns for a file.
type decoded struct {
	raster.Image
	Shown raster.Rect
	Bits  int
}

// A chooser selects the region of an image to decode and the largest shrink factor,
// given the size in its header. An error ends decoding. A nil chooser selects the full
// image.
type chooser func(width, height int) (r image.Rectangle, shrink int, err error)

// decode calls Open and Decode.
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
