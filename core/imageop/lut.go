package imageop

// tables map each value of each channel to another.
type tables [3][256]byte

// histogram counts the values of each channel.
type histogram [3][256]uint32

// all sets the tables of all channels to the same one.
func (t *tables) all(f func(value int) byte) {
	for v := range t[0] {
		t[0][v] = f(v)
	}
	t[1], t[2] = t[0], t[0]
}

// blend returns a value of Pillow's Image.blend(a, b, factor): in 32-bit floats,
// clipped, rounded down.
func blend(a, b int, factor float32) byte {
	v := float32(a) + float32(factor*float32(b-a))
	return byte(min(max(v, 0), 255))
}
