package picture

// Samples of more than 8 bits become bytes by their high 8 bits: of all that they have, or of the lower ones that Options.BitDepth counts.
// What is beyond those is white.

// shift is how many low bits a sample of so many bits loses.
func (o *Options) shift(bits int) int {
	if o.BitDepth > 0 {
		bits = o.BitDepth
	}
	return bits - 8
}

// narrow16 makes bytes of samples of 16 bits, as many as dst has place for, and notes which bits they use. dst may be in the place of src.
func (d *Decoder) narrow16(dst, src []byte, little bool) {
	shift := d.options.shift(16)
	used := uint16(0)
	for i := range dst {
		v := uint16(src[2*i])<<8 | uint16(src[2*i+1])
		if little {
			v = v<<8 | v>>8
		}
		used |= v
		dst[i] = uint8(min(v>>shift, 0xff))
	}
	d.used |= used
}

// narrow makes bytes of samples of 9 to 15 bits, one behind the other, from number first of src on, as many as dst has place for. dst may
// be in the place of src.
func (d *Decoder) narrow(dst, src []byte, first, bits int) {
	shift := d.options.shift(bits)
	for i := range dst {
		at := (first + i) * bits
		v := uint32(0)
		for k := range 3 { // bytes that a sample may touch
			v <<= 8
			if at>>3+k < len(src) {
				v |= uint32(src[at>>3+k])
			}
		}
		v = v << (8 + at&7) >> (32 - bits)
		dst[i] = uint8(min(v>>shift, 0xff))
	}
}
