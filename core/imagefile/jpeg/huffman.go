package jpeg

import "fmt"

// A huffSpec is a Huffman table as in a DHT segment.
type huffSpec struct {
	counts  [16]byte // codes of each length, 1 to 16
	symbols [256]byte
	n       int // number of symbols; 0: no table
}

func (s *huffSpec) equal(o *huffSpec) bool {
	return s.n == o.n && s.counts == o.counts && string(s.symbols[:s.n]) == string(o.symbols[:o.n])
}

// Bits per lookup. For AC, 11 measured best of 10, 11 and 12: two tables of 8 KB share
// the cache with the coefficients.
const (
	dcBits = 9
	acBits = 11
)

// canonicalCodes decodes codes of any length: F.2.2.3. It is for those that are too
// long for a lookup.
type canonicalCodes struct {
	// limit has, by length, the first code that is longer, left-aligned in 16 bits. The
	// last entry ends every search.
	limit   [18]uint32
	offset  [17]int32 // by length: index in symbols, minus code
	symbols [256]byte
}

// find returns the symbol and the length of the code at the top of bits; length 17 if
// there is no such code.
func (c *canonicalCodes) find(bits uint64) (symbol byte, length uint) {
	code := uint32(bits >> 48)
	for length = 1; code >= c.limit[length]; length++ {
	}
	if length > 16 {
		return 0, 17
	}
	return c.symbols[uint8(int32(code>>(16-length))+c.offset[length])], length
}

// build derives c from s. It calls each with all codes in order: annex C.
func (c *canonicalCodes) build(s *huffSpec,
	each func(code uint32, length uint, symbol byte)) error {
	c.symbols = s.symbols
	code, k := uint32(0), int32(0)
	for length := uint(1); length <= 16; length++ {
		c.offset[length] = k - int32(code)
		for range s.counts[length-1] {
			if code >= 1<<length {
				return fmt.Errorf("%w: a Huffman table has too many codes", ErrCorrupt)
			}
			each(code, length, s.symbols[k])
			code++
			k++
		}
		c.limit[length] = code << (16 - length)
		code <<= 1
	}
	c.limit[17] = 1 << 16
	return nil
}

// A dcTable decodes the size of a DC difference. An entry is
//
//	size | total<<8
//
// total is the length of the code and of the size bits that follow it. 0 is a miss: the
// code is longer, or there is none.
type dcTable struct {
	fast [1 << dcBits]uint16
	slow canonicalCodes
	spec huffSpec // what it was built from
}

func (t *dcTable) build(s *huffSpec) error {
	if t.spec.equal(s) {
		return nil
	}
	t.spec.n = 0
	for _, size := range s.symbols[:s.n] {
		if size > 15 {
			return fmt.Errorf("%w: a DC difference of %d bits", ErrCorrupt, size)
		}
	}
	clear(t.fast[:])
	err := t.slow.build(s, func(code uint32, length uint, size byte) {
		if length <= dcBits {
			run := t.fast[code<<(dcBits-length):][:1<<(dcBits-length)]
			for i := range run {
				run[i] = dcEntry(size, length)
			}
		}
	})
	if err == nil {
		t.spec = *s
	}
	return err
}

func dcEntry(size byte, length uint) uint16 {
	return uint16(size) | (uint16(length)+uint16(size))<<8
}

// long returns the entry for the code at the top of bits, whatever its length, or 0 if
// there is no such code.
func (t *dcTable) long(bits uint64) uint {
	size, length := t.slow.find(bits)
	if length > 16 {
		return 0
	}
	return uint(dcEntry(size, length))
}

// An acTable decodes one or two AC symbols and their values per lookup. An entry is
//
//	total | (advance1-1)<<6 | value1<<10 | value<<16 | advance<<24
//
// total is the length of all codes and values. value1, of 6 bits, is the coefficient
// advance1 positions in zigzag order after the previous one. value, of 8 bits, is the
// one advance positions after the previous one; end-of-block advances by 128. An entry
// of a single symbol has advance1 = advance: value overwrites value1, which is
// arbitrary. If end-of-block is the first symbol, value1 is a zero for a position that
// is zero.
//
// An entry with the bit miss has one symbol whose value does not fit the lookup or 8
// bits:
//
//	total | length of the code<<8 | advance<<16
//
// Its total is 0 if the code is longer than the lookup, or there is none.
//
// Entries of 32 bits measured 8 % faster than of 64 bits: the tables for luma and
// chroma share the first-level cache with everything else.
type acTable struct {
	fast [1 << acBits]uint32
	slow canonicalCodes
	spec huffSpec
}

const (
	miss       = 1 << 30
	endOfBlock = 128
)

// splitACSymbol returns the advance and the number of value bits of a symbol.
func splitACSymbol(symbol byte) (advance, size uint32) {
	run, size := uint32(symbol>>4), uint32(symbol&15)
	if size == 0 && run != 15 {
		// Other runs than 0 are undefined in a sequential scan. libjpeg ends the block,
		// too.
		return endOfBlock, 0
	}
	return run + 1, size
}

// build derives t from s. single is scratch memory.
func (t *acTable) build(s *huffSpec, single *[1 << acBits]uint32) error {
	if t.spec.equal(s) {
		return nil
	}
	t.spec.n = 0
	for i := range single {
		single[i] = miss
	}
	err := t.slow.build(s, func(code uint32, length uint, symbol byte) {
		if length > acBits {
			return
		}
		advance, size := splitACSymbol(symbol)
		run := single[code<<(acBits-length):][:1<<(acBits-length)]
		total := uint32(length) + size
		if total > acBits || size > 7 {
			for i := range run {
				run[i] = acMissEntry(advance, size, length)
			}
			return
		}
		each := 1 << (acBits - total)
		for bits := range len(run) / each {
			value := uint32(uint8(extend(uint64(bits), uint(size))))
			entry := total | (advance-1)&15<<6 | value<<16 | advance<<24
			for i := bits * each; i < (bits+1)*each; i++ {
				run[i] = entry
			}
		}
	})
	if err != nil {
		return err
	}
	t.compose(single)
	t.spec = *s
	return nil
}

func acMissEntry(advance, size uint32, length uint) uint32 {
	return miss | uint32(length) + size | uint32(length)<<8 | advance<<16
}

// long returns the entry, in the form of a miss, for the code at the top of bits,
// whatever its length, or 0 if there is no such code.
func (t *acTable) long(bits uint64) uint32 {
	symbol, length := t.slow.find(bits)
	if length > 16 {
		return 0
	}
	advance, size := splitACSymbol(symbol)
	return acMissEntry(advance, size, length)
}

// compose fills the table with entries of two symbols: the second one is the single
// entry for the bits that follow the first.
func (t *acTable) compose(single *[1 << acBits]uint32) {
	for at := 0; at < len(single); {
		first := single[at]
		total, value := first&63, int8(first>>16)
		if first&miss != 0 || first>>24 == endOfBlock || value < -32 || value > 31 {
			t.fast[at] = first
			at++
			continue
		}
		room := acBits - total
		run := t.fast[at:][:1<<room]
		head := first&0xff00_ffff | uint32(value)&63<<10
		for i := range run {
			second := single[i<<total&(1<<acBits-1)]
			if second&miss == 0 && second&63 <= room {
				run[i] = head + second&0xffff_003f
			} else {
				run[i] = first
			}
		}
		at += len(run)
	}
}

// extend returns the value of size additional bits: EXTEND of F.2.2.1.
func extend(bits uint64, size uint) int64 {
	if size > 0 && bits < 1<<(size-1) {
		return int64(bits) - 1<<size + 1
	}
	return int64(bits)
}
