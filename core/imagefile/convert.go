package imagefile

import (
	"encoding/binary"
	"fmt"
	"image"

	"mixfolder/core/raster"
)

// convert writes the pixels of region, which must be within m's bounds, to dst. m is an
// *image.Gray or *image.NRGBA.
func (d *workspace) convert(dst raster.Image, m image.Image, region image.Rectangle) error {
	if !region.In(m.Bounds()) {
		return fmt.Errorf("the decoded image %v is smaller than its header says", m.Bounds())
	}
	for y := range dst.Height {
		x, y0 := region.Min.X, region.Min.Y+y
		switch m := m.(type) {
		case *image.Gray:
			if src := m.Pix[m.PixOffset(x, y0):][:dst.Width]; dst.Channels == 1 {
				copy(dst.Row(y), src)
			} else {
				for i, v := range src {
					putPixel(dst.Row(y), i, pack(v, v, v, 0xff))
				}
			}
		case *image.NRGBA:
			rgba := d.rgbaRow(dst, y)
			copy(rgba, m.Pix[m.PixOffset(x, y0):])
			d.writeRow(dst, y, rgba)
		default:
			return fmt.Errorf("unexpected image type %T", m)
		}
	}
	return nil
}

// rgbaRow returns the buffer for the RGBA pixels of row y of dst, to be passed to
// writeRow: the row itself or, for Gray, scratch memory.
func (d *workspace) rgbaRow(dst raster.Image, y int) []byte {
	if dst.Channels != 1 {
		return dst.Row(y)
	}
	return raster.Grow(&d.scratch, 4*dst.Width)
}

// writeRow converts rgba, the non-premultiplied RGBA pixels of row y from rgbaRow, to
// the mode of dst, blended with the background if one is set. It overwrites rgba.
func (d *workspace) writeRow(dst raster.Image, y int, rgba []byte) {
	if d.options.Background != nil {
		blend(rgba, d.options.Background)
	}
	switch Mode(dst.Channels) {
	case Gray:
		lumaRow(dst.Row(y), rgba)
	case RGB:
		opaque(rgba)
	}
}

// blend composites pixels on an opaque background. It is BLEND of Pillow's Paste.c,
// which Image.paste(image, mask=alpha) uses.
func blend(row []byte, background *[3]uint8) {
	for ; len(row) >= 4; row = row[4:] {
		a := int(row[3])
		if a == 0xff {
			continue
		}
		for c, b := range background {
			t := int(b)*(0xff-a) + int(row[c])*a + 0x80
			row[c] = uint8((t>>8 + t) >> 8) // t/255, rounded
		}
		row[3] = 0xff
	}
}

// pack combines the four bytes of a pixel into one number, which putPixel writes with
// one store.
func pack(r, g, b, a uint8) uint32 {
	return uint32(r) | uint32(g)<<8 | uint32(b)<<16 | uint32(a)<<24
}

func putPixel(row []byte, i int, p uint32) { binary.LittleEndian.PutUint32(row[4*i:], p) }

// opaque sets the alpha of a row to 255.
func opaque(row []byte) {
	for i := 3; i < len(row); i += 4 {
		row[i] = 0xff
	}
}

// divideAlpha undoes premultiplication as Pillow's unpackRGBa does: rounded down, and
// black if alpha is 0.
func divideAlpha(row []byte) {
	for ; len(row) >= 4; row = row[4:] {
		a := int(row[3])
		switch a {
		case 0xff:
		case 0:
			row[0], row[1], row[2] = 0, 0, 0
		default:
			for c := range 3 {
				row[c] = uint8(min(int(row[c])*0xff/a, 0xff))
			}
		}
	}
}
