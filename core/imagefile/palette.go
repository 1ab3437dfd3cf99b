package imagefile

// paletteRow looks up indices of 1, 2, 4 or 8 bits in d.palette, from index x on, until
// row is full. The first index is in the high bits of a byte.
func (d *workspace) paletteRow(row, src []byte, bits, x int) {
	n := len(row) / 4
	if bits == 8 {
		for i, v := range src[x:][:n] {
			putPixel(row, i, d.palette[v])
		}
		return
	}
	mask := byte(1<<bits - 1)
	for i := range n {
		at := (x + i) * bits
		putPixel(row, i, d.palette[src[at>>3]>>(8-bits-at&7)&mask])
	}
}

// grayPalette fills d.palette with the gray levels of samples of 1, 2, 4 or 8 bits,
// from black to white, which is 1 for a bilevel image if its values are class indices.
// Levels beyond are white.
func (d *workspace) grayPalette(bits int) {
	top, white := 1<<bits-1, 0xff
	if d.options.Indices && bits == 1 {
		white = 1
	}
	for i := range d.palette {
		v := uint8(min(i, top) * white / top)
		d.palette[i] = pack(v, v, v, 0xff)
	}
}

// paletteOf fills d.palette from entries of size bytes with the colors at r, g, b.
// Indices without an entry are opaque black, as in Pillow. With Options.Indices, each
// color is the gray level of its index.
func (d *workspace) paletteOf(entries []byte, size, r, g, b int) {
	if d.options.Indices {
		d.grayPalette(8)
		return
	}
	for i := range d.palette {
		d.palette[i] = pack(0, 0, 0, 0xff)
		if e := entries[min(i*size, len(entries)):]; len(e) >= size {
			d.palette[i] = pack(e[r], e[g], e[b], 0xff)
		}
	}
}
