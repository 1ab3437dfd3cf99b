package imagefile

import (
	"bytes"
	"compress/lzw"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"mixfolder/core/raster"
)

// A gifFrame is the first frame of a GIF, after ReadHeader. image/gif is not used: it
// drops the color of the transparent entry, which Pillow shows if alpha is dropped, and
// rejects frames that reach beyond the screen, which Pillow enlarges.
type gifFrame struct {
	rect        image.Rectangle // on the canvas
	colors      []byte          // R, G, B per entry; nil: entries are gray levels
	transparent int             // an entry, or -1
	interlaced  bool
	litWidth    int    // bits per pixel in the LZW codes
	blocks      []byte // the data, in its sub-blocks
}

func init() {
	register(format{name: "gif", title: "GIF", decoder: "compress/lzw",
		extensions: []string{".gif"},
		match: func(head []byte) bool {
			return bytes.HasPrefix(head, []byte("GIF87a")) || bytes.HasPrefix(head,
				[]byte("GIF89a"))
		},
		new: func(w *workspace) Codec { return &gifCodec{workspace: w} }})
}

type gifCodec struct {
	*workspace
	frame *gifFrame
	lzw   lzw.Reader
}

// ReadHeader reads everything before the pixels of the first frame.
func (d *gifCodec) ReadHeader(data []byte, h *header) error {
	if len(data) < 13 {
		return ErrTruncated
	}
	f := &gifFrame{transparent: -1}
	d.frame = f
	h.width = int(binary.LittleEndian.Uint16(data[6:]))
	h.height = int(binary.LittleEndian.Uint16(data[8:]))
	global, rest, err := gifColors(data[13:], data[10])
	if err != nil {
		return err
	}
	for {
		if len(rest) == 0 {
			return ErrTruncated
		}
		switch rest[0] {
		case '!':
			if rest, err = f.readExtension(rest[1:]); err != nil {
				return err
			}
		case ',':
			return f.readDescriptor(rest[1:], global, h)
		case ';':
			return errors.New("it contains no frame")
		default: // search for the next block, as Pillow does
			rest = rest[1:]
		}
	}
}

// readExtension records the transparent color index and returns the data after the
// extension.
func (f *gifFrame) readExtension(b []byte) (rest []byte, err error) {
	if len(b) < 2 {
		return nil, ErrTruncated
	}
	const graphicControl = 0xf9
	if b[0] == graphicControl && b[1] >= 4 && len(b) >= 6 {
		if b[2]&1 != 0 { // as in Pillow, a later extension without one does not unset it
			f.transparent = int(b[5])
		}
	}
	for b = b[1:]; ; b = b[1+int(b[0]):] {
		switch {
		case len(b) == 0 || len(b) < 1+int(b[0]):
			return nil, ErrTruncated
		case b[0] == 0:
			return b[1:], nil
		}
	}
}

// readDescriptor reads an image descriptor and its color table. A frame that extends
// beyond the canvas enlarges it.
func (f *gifFrame) readDescriptor(b, global []byte, h *header) error {
	if len(b) < 9 {
		return ErrTruncated
	}
	x, y := int(binary.LittleEndian.Uint16(b)), int(binary.LittleEndian.Uint16(b[2:]))
	f.rect = image.Rect(x, y, x+int(binary.LittleEndian.Uint16(b[4:])),
		y+int(binary.LittleEndian.Uint16(b[6:])))
	h.width, h.height = max(h.width, f.rect.Max.X), max(h.height, f.rect.Max.Y)
	flags := b[8]
	f.interlaced = flags&0x40 != 0
	local, b, err := gifColors(b[9:], flags)
	if err != nil {
		return err
	}
	f.colors = global
	if local != nil {
		f.colors = local
	}
	h.mode = "P"
	if grayRamp(f.colors) {
		f.colors, h.mode = nil, "L"
	}
	if len(b) < 1 {
		return ErrTruncated
	}
	if f.litWidth = int(b[0]); f.litWidth < 2 || f.litWidth > 8 {
		return fmt.Errorf("invalid LZW minimum code size %d", f.litWidth)
	}
	f.blocks = b[1:]
	h.packed, h.ratio = int64(f.rect.Dx())*int64(f.rect.Dy()), maxLZWRatio
	return nil
}

// gifColors reads the color table announced by flags from b, or returns nil if there is
// none.
func gifColors(b []byte, flags byte) (colors, rest []byte, err error) {
	if flags&0x80 == 0 {
		return nil, b, nil
	}
	n := 3 << (flags&7 + 1)
	if len(b) < n {
		return nil, nil, ErrTruncated
	}
	return b[:n], b[n:], nil
}

// grayRamp reports whether each entry is the gray level of its index. Pillow opens such
// files as gray, so indices beyond the table are gray levels, too.
func grayRamp(colors []byte) bool {
	for i, c := range colors {
		if int(c) != i/3 {
			return false
		}
	}
	return true
}

// setPalette fills d.palette as Pillow does.
func (f *gifFrame) setPalette(d *gifCodec) {
	if f.colors == nil {
		d.grayPalette(8)
	} else {
		d.paletteOf(f.colors, 3, 0, 1, 2)
	}
	if f.transparent >= 0 {
		d.palette[f.transparent] &= pack(0xff, 0xff, 0xff, 0)
	}
}

// Decode composes the first frame on its canvas, which is filled with the transparent
// entry, or entry 0 if there is none.
func (d *gifCodec) Decode(dst raster.Image, region image.Rectangle, _ int) error {
	f := d.frame
	f.setPalette(d)
	width := f.rect.Dx()
	row := raster.Grow(&d.indices, width+dst.Width)
	row, indices := row[:width], row[width:]
	background := byte(max(f.transparent, 0))
	write := func(y int) { // indices -> the row of dst
		rgba := d.rgbaRow(dst, y)
		d.paletteRow(rgba, indices, 8, 0)
		d.writeRow(dst, y, rgba)
	}
	fill(indices, background)
	for y := range dst.Height {
		if at := region.Min.Y + y; at < f.rect.Min.Y || at >= f.rect.Max.Y {
			write(y)
		}
	}
	r := &d.lzw
	r.Reset(&gifBlocks{rest: f.blocks}, lzw.LSB, f.litWidth)
	var err error
	for i := range f.rect.Dy() {
		if err == nil {
			var n int
			if n, err = io.ReadFull(r, row); err != nil && !d.tolerates(err) {
				return err
			}
			fill(row[n:], background)
		} else {
			fill(row, background)
		}
		at := f.rect.Min.Y + i
		if f.interlaced {
			at = f.rect.Min.Y + interlacedRow(i, f.rect.Dy())
		}
		if at < region.Min.Y || at >= region.Max.Y {
			continue
		}
		fill(indices, background)
		seen := region.Intersect(image.Rect(f.rect.Min.X, at, f.rect.Max.X, at+1))
		if !seen.Empty() {
			copy(indices[seen.Min.X-region.Min.X:],
				row[seen.Min.X-f.rect.Min.X:seen.Max.X-f.rect.Min.X])
		}
		write(at - region.Min.Y)
	}
	return nil
}

func fill(b []byte, v byte) {
	for i := range b {
		b[i] = v
	}
}

// interlacedRow returns the image row stored as row i of n: every 8th from 0, every 8th
// from 4, every 4th from 2, every 2nd from 1.
func interlacedRow(i, n int) int {
	for _, pass := range [...]struct{ step, first int }{{8, 0}, {8, 4}, {4, 2}, {2, 1}} {
		rows := max(0, (n-pass.first+pass.step-1)/pass.step)
		if i < rows {
			return pass.first + i*pass.step
		}
		i -= rows
	}
	return n - 1
}

// gifBlocks reads the data of sub-blocks. A truncated sub-block is ignored, as in
// Pillow.
type gifBlocks struct {
	block, rest []byte
}

// ReadByte implements io.ByteReader for compress/lzw.
func (b *gifBlocks) ReadByte() (byte, error) {
	if len(b.block) == 0 {
		if len(b.rest) == 0 || b.rest[0] == 0 {
			return 0, io.EOF
		}
		end := 1 + int(b.rest[0])
		if end > len(b.rest) {
			return 0, io.EOF
		}
		b.block, b.rest = b.rest[1:end], b.rest[end:]
	}
	c := b.block[0]
	b.block = b.block[1:]
	return c, nil
}

// Read implements io.Reader.
func (b *gifBlocks) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c, err := b.ReadByte()
	if err != nil {
		return 0, err
	}
	return copy(p, []byte{c}), nil
}
