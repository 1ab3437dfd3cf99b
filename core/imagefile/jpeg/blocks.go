package jpeg

// A block is an entry in the list of a chunk's blocks, in the order of the
// entropy-coded data.
type block struct {
	coefs     uint16 // offset of its coefficients among those of the chunk
	component uint16
}

// componentState is what decoding a component's blocks needs.
type componentState struct {
	dc     *dcTable
	ac     *acTable
	dcPred int32 // the DC coefficient of the previous block
}

// blockReach is how far beyond a block's first coefficient decoding may write.
const blockReach = 256

// decodeBlocks decodes blocks into coefs, which must be zero where it matters: F.2.2.
// ok is false if there is no such code, or a block has too many coefficients. The
// window must have maxBlockBytes for each block, or the rest of the interval: reading
// beyond its end is harmless, and bitsLeft is negative then.
func (s *stream) decodeBlocks(blocks []block, comps *[4]componentState, coefs []int16) (ok bool) {
	bits, used, pos := s.bits, s.used, s.pos
	ok = true
	for _, b := range blocks {
		c := &comps[b.component&3]
		out := (*[blockReach]int16)(coefs[b.coefs:])
		bits |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7

		e := uint(c.dc.fast[bits>>(64-dcBits)])
		if e == 0 {
			if e = c.dc.long(bits); e == 0 {
				ok = false
				break
			}
		}
		size, total := e&15, e>>8
		c.dcPred += int32(extendTop(bits<<((total-size)&63), size))
		out[0] = int16(c.dcPred)
		bits <<= total & 63
		used += total
		if bits, used, pos, ok = s.decodeAC(bits, used, pos, c.ac, out); !ok {
			break
		}
	}
	s.bits, s.used, s.pos = bits, used, pos
	return ok
}

// decodeAC decodes the AC coefficients of a block: F.2.2.2. It is a function of its own
// so that all its variables fit in registers. The 56 bits of a refill are enough for
// four lookups without a miss; four in a row measured 4 % faster than two.
func (s *stream) decodeAC(bits uint64, used, pos uint, ac *acTable, out *[blockReach]int16) (
	uint64, uint, uint, bool) {
	k := uint(0)
	var a uint32
	for {
		bits |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7

		a = ac.fast[bits>>(64-acBits)]
		if a&miss == 0 {
			out[s.zigzagIndex[1+uint(uint8(k+uint(a>>6&15)))]] = int16(a) >> 10
			k += uint(a >> 24)
			out[s.zigzagIndex[uint(uint8(k))]] = int16(int8(a >> 16))
			bits <<= a & 63
			used += uint(a & 63)
			if k >= 63 {
				break
			}

			a = ac.fast[bits>>(64-acBits)]
			if a&miss == 0 {
				out[s.zigzagIndex[1+uint(uint8(k+uint(a>>6&15)))]] = int16(a) >> 10
				k += uint(a >> 24)
				out[s.zigzagIndex[uint(uint8(k))]] = int16(int8(a >> 16))
				bits <<= a & 63
				used += uint(a & 63)
				if k >= 63 {
					break
				}

				a = ac.fast[bits>>(64-acBits)]
				if a&miss == 0 {
					out[s.zigzagIndex[1+uint(uint8(k+uint(a>>6&15)))]] = int16(a) >> 10
					k += uint(a >> 24)
					out[s.zigzagIndex[uint(uint8(k))]] = int16(int8(a >> 16))
					bits <<= a & 63
					used += uint(a & 63)
					if k >= 63 {
						break
					}

					a = ac.fast[bits>>(64-acBits)]
					if a&miss == 0 {
						out[s.zigzagIndex[1+uint(uint8(k+uint(a>>6&15)))]] = int16(a) >> 10
						k += uint(a >> 24)
						out[s.zigzagIndex[uint(uint8(k))]] = int16(int8(a >> 16))
						bits <<= a & 63
						used += uint(a & 63)
						if k >= 63 {
							break
						}

						continue
					}
				}
			}
		}
		bits |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7
		if a&31 == 0 {
			if a = ac.long(bits); a == 0 {
				return bits, used, pos, false
			}
		}
		total, length := uint(a&31), uint(a>>8&31)
		k += uint(a >> 16 & 0xff)
		out[s.zigzagIndex[uint(uint8(k))]] = int16(extendTop(bits<<length, total-length))
		bits <<= total
		used += total
		if k >= 63 {
			break
		}
	}
	if k-endOfBlock <= 62 || k == 63 {
		return bits, used, pos, true
	}
	// The last lookup went past coefficient 63. Either the first of its two symbols was
	// that of coefficient 63, and the second belongs to the next block: put it back.
	// Or the block has too many coefficients.
	if k += uint(a>>6&15) + 1 - uint(a>>24); k != 63 || a&miss != 0 {
		return bits, used, pos, false
	}
	used -= uint(a & 63)
	back := (63 - used + 7) >> 3
	bits = s.peek64(pos-back) << ((8*back - (63 - used)) & 63)
	total := uint(ac.long(bits) & 31)
	return bits << total, used + total, pos, true
}

// extendTop is extend of the size bits at the top of x, without a branch.
func extendTop(x uint64, size uint) int64 {
	return int64(x>>1>>((63-size)&63)) + (^int64(x)>>63)&(1-1<<(size&63))
}

// zigzagIndex maps zigzag order to the index in a block's memory: see coefIndex.
// Indices of 64 and more, which only damaged blocks reach, stand for the first
// coefficient of the next pair's block in the same lane: that block is decoded later,
// and the last pair of a row of blocks is followed by a spare one.
var zigzagIndex = func() (z [257]uint8) {
	for i := range z {
		z[i] = pairCoefs
	}
	for i, n := range naturalOrder {
		z[i] = uint8(coefIndex(int(n)/8, int(n)%8))
	}
	return z
}()

// naturalOrder has 8*row+column of the coefficients in zigzag order: figure A.6.
var naturalOrder = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}
