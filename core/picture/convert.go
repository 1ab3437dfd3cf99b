package picture

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
)

// convert writes the pixels of region of m, whose bounds must hold it, to dst. It allocates nothing for the types of image that
// decoders return.
func (d *Decoder) convert(dst Picture, m image.Image, region image.Rectangle) error {
	if !region.In(m.Bounds()) {
		return fmt.Errorf("the decoded picture %v is smaller than its header says", m.Bounds())
	}
	if m, ok := m.(*image.Paletted); ok {
		d.setPalette(m.Palette)
	}
	for y := range dst.Height {
		x, y0 := region.Min.X, region.Min.Y+y
		if dst.Mode == Gray && grayRow(dst.row(y), m, x, y0) {
			continue
		}
		rgba := d.rgbaRow(dst, y)
		d.convertRow(rgba, m, x, y0)
		d.finish(dst, y, rgba)
	}
	return nil
}

// grayRow writes the pixels from x, y on to row where they are gray. It tells whether they are.
func grayRow(row []byte, m image.Image, x, y int) bool {
	switch m := m.(type) {
	case *image.Gray:
		copy(row, m.Pix[m.PixOffset(x, y):])
	case *image.Gray16:
		for i, src := 0, m.Pix[m.PixOffset(x, y):]; i < len(row); i++ {
			row[i] = src[2*i]
		}
	default:
		return false
	}
	return true
}

// rgbaRow is where the pixels R, G, B, A of row y of dst are put for finish: the row itself or, for Gray, scratch memory.
func (d *Decoder) rgbaRow(dst Picture, y int) []byte {
	if dst.Mode != Gray {
		return dst.row(y)
	}
	return sized(&d.scratch, 4*dst.Width)
}

// finish makes row y of dst of its pixels R, G, B, A, not premultiplied, which it changes: blended with the background where there
// is one, and in the mode of dst. rgba is from rgbaRow.
func (d *Decoder) finish(dst Picture, y int, rgba []byte) {
	if d.options.Background != nil {
		blend(rgba, d.options.Background)
	}
	switch dst.Mode {
	case Gray:
		lumaRow(dst.row(y), rgba)
	case RGB:
		opaque(rgba)
	}
}

// blend puts pixels on an opaque background. It is BLEND of Pillow's Paste.c, which Image.paste(image, mask=alpha) uses.
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

// convertRow writes the pixels from x, y on, as many as row has place for, as R, G, B, A, not premultiplied. The caller has checked
// that they lie within m, and set the palette where there is one.
func (d *Decoder) convertRow(row []byte, m image.Image, x, y int) {
	n := len(row) / 4
	switch m := m.(type) {
	case *image.NRGBA:
		copy(row, m.Pix[m.PixOffset(x, y):])
	case *image.RGBA:
		copy(row, m.Pix[m.PixOffset(x, y):])
		divideAlpha(row)
	case *image.NRGBA64:
		highBytes(row, m.Pix[m.PixOffset(x, y):])
	case *image.RGBA64:
		highBytes(row, m.Pix[m.PixOffset(x, y):])
		divideAlpha(row)
	case *image.Gray:
		for i, v := range m.Pix[m.PixOffset(x, y):][:n] {
			putPixel(row, i, pack(v, v, v, 0xff))
		}
	case *image.Gray16:
		for i, src := 0, m.Pix[m.PixOffset(x, y):]; i < n; i++ {
			v := src[2*i]
			putPixel(row, i, pack(v, v, v, 0xff))
		}
	case *image.Paletted:
		for i, v := range m.Pix[m.PixOffset(x, y):][:n] {
			putPixel(row, i, d.palette[v])
		}
	case *image.CMYK:
		cmykRow(row, m.Pix[m.PixOffset(x, y):])
	default:
		for i := range n {
			putPixel(row, i, packColour(m.At(x+i, y)))
		}
	}
}

// pack makes the four bytes of a pixel one number, and putPixel writes it: one store.
func pack(r, g, b, a uint8) uint32 {
	return uint32(r) | uint32(g)<<8 | uint32(b)<<16 | uint32(a)<<24
}

func putPixel(row []byte, i int, p uint32) { binary.LittleEndian.PutUint32(row[4*i:], p) }

func packColour(c color.Color) uint32 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return pack(n.R, n.G, n.B, n.A)
}

// setPalette fills d.palette. Indices that the palette doesn't have are opaque black, as in Pillow.
func (d *Decoder) setPalette(p color.Palette) {
	for i := range d.palette {
		switch {
		case i >= len(p):
			d.palette[i] = pack(0, 0, 0, 0xff)
		default:
			d.palette[i] = packColour(p[i])
		}
	}
}

// opaque sets the alpha of a row to 255.
func opaque(row []byte) {
	for i := 3; i < len(row); i += 4 {
		row[i] = 0xff
	}
}

// divideAlpha undoes premultiplication as Pillow's unpackRGBa does: rounded down, nothing where alpha is 0.
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

// highBytes keeps the high byte of each sample of 16 bits.
func highBytes(row, src []byte) {
	src = src[:2*len(row)]
	for i := range row {
		row[i] = src[2*i]
	}
}

// cmykRow is Pillow's cmyk2rgb.
func cmykRow(row, src []byte) {
	for i := 0; i+4 <= len(row); i += 4 {
		light := 0xff - int(src[i+3])
		for c := range 3 {
			t := int(src[i+c])*light + 0x80
			row[i+c] = uint8(max(light-(t>>8+t)>>8, 0)) // t/255, rounded
		}
		row[i+3] = 0xff
	}
}
