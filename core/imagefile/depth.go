package imagefile

import (
	"encoding/binary"
	"math/bits"
)

// Samples of more than 8 bits are reduced to the high 8 of their bits, or of their low
// Options.BitDepth bits if that is set. Larger values saturate to white.

// shift returns the number of low bits dropped from a sample of this many bits.
func (o *Options) shift(bits int) int {
	if o.BitDepth > 0 {
		bits = o.BitDepth
	}
	return bits - 8
}

// narrow16 converts 16-bit samples to bytes until dst is full, and records which bits
// are used. dst may start at the same address as src.
func (d *workspace) narrow16(dst, src []byte, little bool) {
	shift := d.options.shift(16)
	used := uint64(0)
	for shift == 8 && len(dst) >= 4 && len(src) >= 8 { // four high bytes at a time
		w := binary.LittleEndian.Uint64(src)
		used |= w
		if little {
			w >>= 8
		}
		w &= 0x00ff00ff00ff00ff
		w = (w | w>>8) & 0x0000ffff0000ffff
		binary.LittleEndian.PutUint32(dst, uint32(w|w>>16))
		dst, src = dst[4:], src[8:]
	}
	used |= used >> 32
	used |= used >> 16
	all := uint16(used)
	if !little {
		all = bits.ReverseBytes16(all)
	}
	for i := range dst {
		v := binary.LittleEndian.Uint16(src[2*i:])
		if !little {
			v = bits.ReverseBytes16(v)
		}
		all |= v
		dst[i] = uint8(min(v>>shift, 0xff))
	}
	d.used |= all
}

// narrow converts packed samples of 9 to 15 bits to bytes, from sample first of src on,
// until dst is full. dst may start at the same address as src.
func (d *workspace) narrow(dst, src []byte, first, bits int) {
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
