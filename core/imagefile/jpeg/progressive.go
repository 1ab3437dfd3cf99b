package jpeg

import "math/bits"

// progressiveBits is how many bits a lookup takes.
const progressiveBits = 10

// A progressiveTable decodes an AC symbol of a progressive scan. An entry is
//
//	total | advance<<8 | kind | value<<16
//
// total is the length of the code and of the bits that follow it. advance is the number
// of positions in zigzag order from the previous coefficient to this one. kind is 0, or
// one of the constants below; then the length of the code takes the place of value. An
// entry with kindLong and total 0 stands for codes that are longer than the lookup, or
// do not exist.
type progressiveTable struct {
	fast [1 << progressiveBits]uint32
	slow canonicalCodes
	spec huffSpec
}

const (
	kindLong = 1 << 13 // the value has too many bits for the lookup
	kindZRL  = 1 << 14 // ZRL: 16 zeros
	kindEOB  = 1 << 15 // EOBn: the band ends in this block and in 2^n-1 + (n bits) more
)

func (t *progressiveTable) build(s *huffSpec) error {
	if t.spec.equal(s) {
		return nil
	}
	t.spec.n = 0
	for i := range t.fast {
		t.fast[i] = kindLong
	}
	err := t.slow.build(s, func(code uint32, length uint, symbol byte) {
		if length > progressiveBits {
			return
		}
		run := t.fast[code<<(progressiveBits-length):][:1<<(progressiveBits-length)]
		entry := progressiveEntry(symbol, length)
		total := uint(entry & 63)
		if total > progressiveBits || entry&kindLong == 0 {
			for i := range run {
				run[i] = entry
			}
			return
		}
		each := 1 << (progressiveBits - total)
		for b := range len(run) / each {
			entry := entry&0x1fff | uint32(extend(uint64(b), total-length))<<16
			for i := b * each; i < (b+1)*each; i++ {
				run[i] = entry
			}
		}
	})
	if err == nil {
		t.spec = *s
	}
	return err
}

// progressiveEntry is the entry of a symbol, without its value.
func progressiveEntry(symbol byte, length uint) uint32 {
	run, size, code := uint32(symbol>>4), uint32(symbol&15), uint32(length)
	switch {
	case size > 0:
		return code + size | (run+1)<<8 | kindLong | code<<16
	case run == 15:
		return code | 16<<8 | kindZRL
	}
	return code + run | kindEOB | code<<16
}

// noCode is what resolve returns if there is no such code: a value that is invalid in a
// refinement, in no bits.
const noCode = 1<<8 | 2<<16

// resolve completes e, an entry with kindLong for the code at the top of bits: the
// result has the value, or is of another kind.
func (t *progressiveTable) resolve(bits uint64, e uint32) uint32 {
	if e&63 == 0 {
		symbol, length := t.slow.find(bits)
		if length > 16 {
			return noCode
		}
		e = progressiveEntry(symbol, length)
	}
	if e&kindLong != 0 {
		code := uint(e>>16) & 31
		e = e&0x1fff | uint32(extendTop(bits<<code, uint(e&63)-code))<<16
	}
	return e
}

// eobRunLength returns the number of blocks whose band ends with the EOBn symbol of e.
func eobRunLength(bits uint64, e uint32) int {
	code := uint(e >> 16)
	extra := uint(e&63) - code
	return 1<<extra | int(bits<<code>>1>>(63-extra))
}

// dcBlocks decodes the DC coefficients, or one more bit of them, of n blocks from block
// x of a row on: G.1.2.1.
func (s *state) dcBlocks(component int, row []int16, x, n int) (ok bool) {
	low := s.hdr.scan.al
	for ; n > 0; x, n = x+1, n-1 {
		out := &row[blockOffset(x)]
		s.in.refill()
		if s.hdr.scan.ah > 0 {
			*out |= int16(s.in.bits>>63) << low
			s.in.consume(1)
			continue
		}
		t := &s.dcTables[s.hdr.comps[component].dcTable]
		e := uint(t.fast[s.in.bits>>(64-dcBits)])
		if e == 0 {
			if e = t.long(s.in.bits); e == 0 {
				return false
			}
		}
		size, total := e&15, e>>8
		c := &s.comps[component]
		c.dcPred += int32(extendTop(s.in.bits<<((total-size)&63), size))
		*out = int16(c.dcPred << low)
		s.in.consume(total)
	}
	return true
}

// acFirst decodes the first scan of a band for n blocks from block x of a row on, whose
// coefficients of the band are zero: G.1.2.2. nonzero has the masks of the row.
func (s *stream) acFirst(b *coefBuffer, t *progressiveTable, q *scanHeader, row []int16,
	nonzero []uint64, x, n int) (ok bool) {
	ok = true
	for end := x + n; x < end && ok; x++ {
		if b.eobRun > 0 {
			skip := min(b.eobRun, end-x)
			b.eobRun -= skip
			if x += skip; x == end {
				break
			}
		}
		out := (*[blockReach]int16)(row[blockOffset(x):])
		ok = s.acFirstBlock(b, t, q, out, &nonzero[x])
	}
	return ok
}

func (s *stream) acFirstBlock(b *coefBuffer, t *progressiveTable, q *scanHeader,
	out *[blockReach]int16, nonzero *uint64) (ok bool) {
	window, used, pos := s.bits, s.used, s.pos
	low, last := q.al&15, q.lastCoef
	found := uint64(0)
	k := q.firstCoef - 1
	for k < last {
		window |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7
		e := t.fast[window>>(64-progressiveBits)]
		if e&(kindLong|kindEOB) != 0 {
			if e&kindLong != 0 {
				if e = t.resolve(window, e); e == noCode {
					k = 64
					break
				}
			}
			if e&kindEOB != 0 {
				b.eobRun = eobRunLength(window, e) - 1
				window <<= e & 63
				used += uint(e & 63)
				break
			}
		}
		window <<= e & 63
		used += uint(e & 63)
		k += uint(e >> 8 & 31)
		if e&kindZRL == 0 && k <= last {
			out[s.zigzagIndex[uint8(k)]] = int16(e>>16) << low
			found |= 1 << (k & 63)
		}
	}
	*nonzero |= found
	s.bits, s.used, s.pos = window, used, pos
	return k <= last
}

// acRefine decodes one more bit of a band for n blocks from block x of a row on:
// G.1.2.3.
func (s *stream) acRefine(b *coefBuffer, t *progressiveTable, q *scanHeader, row []int16,
	nonzero []uint64, x, n int) (ok bool) {
	band := uint64(2)<<q.lastCoef - 1<<q.firstCoef
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockOffset(x):])
		known := nonzero[x] & band
		var corrections uint64
		if b.eobRun > 0 {
			b.eobRun--
			if known == 0 {
				continue
			}
			s.bits, s.used, s.pos, corrections = s.readBitString(s.bits, s.used, s.pos, 0,
				uint(bits.OnesCount64(known)))
		} else if corrections, ok = s.acRefineBlock(b, t, band, q.al, out, &nonzero[x]); !ok {
			return false
		}
		if corrections == 0 {
			continue
		}
		corrections <<= 64 - bits.OnesCount64(known)
		for ; known != 0; known &= known - 1 {
			c := &out[s.zigzagIndex[uint8(bits.TrailingZeros64(known))]]
			// Away from zero. As in libjpeg, a bit that is set already is not added
			// again.
			bit := int16(corrections>>63) &^ (*c >> (q.al & 15))
			*c += (*c>>15 | 1) * bit << (q.al & 15)
			corrections <<= 1
		}
	}
	return true
}

// acRefineBlock decodes the coefficients of a block that become nonzero in this scan.
// It returns the correction bits of those that were nonzero already, in order, the last
// one in the lowest bit. They are applied afterwards, in one loop per block rather than
// one per symbol, whose ends the processor could not predict.
func (s *stream) acRefineBlock(b *coefBuffer, t *progressiveTable, band uint64, low uint,
	out *[blockReach]int16, nonzero *uint64) (corrections uint64, ok bool) {
	window, used, pos := s.bits, s.used, s.pos
	known, todo, found := *nonzero&band, band, uint64(0)
	var e uint32
	var zeros [4]uint64
	for todo != 0 {
		window |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7
		// The positions of the first few zeros are computed while the lookup is under
		// way, and selected without a branch.
		zeros[0] = todo &^ known
		zeros[1] = zeros[0] & (zeros[0] - 1)
		zeros[2] = zeros[1] & (zeros[1] - 1)
		zeros[3] = zeros[2] & (zeros[2] - 1)
		e = t.fast[window>>(64-progressiveBits)]
		if e&(kindLong|kindEOB) != 0 {
			if e&kindLong != 0 {
				e = t.resolve(window, e)
			}
			if e&kindEOB != 0 {
				break
			}
		}
		run := e>>8&31 - 1
		at := zeros[min(run, 3)]
		for ; run > 3; run-- {
			at &= at - 1
		}
		at &= -at
		if at == 0 || uint16(e>>16)+1 > 2 {
			s.bits, s.used, s.pos = window, used, pos
			return 0, false
		}
		window <<= e & 63
		used += uint(e & 63)
		n := uint(bits.OnesCount64(known & todo & (at - 1)))
		todo &= -at << 1
		if n > 56-17 { // after a symbol
			window, used, pos, corrections = s.readBitString(window, used, pos, corrections, n)
		} else {
			corrections = corrections<<n | window>>1>>(63-n)
			window <<= n
			used += n
		}
		if e&kindZRL == 0 {
			out[s.zigzagIndex[uint8(bits.TrailingZeros64(at))]] = int16(e>>16) << (low & 15)
			found |= at
		}
	}
	if e&kindEOB != 0 {
		b.eobRun = eobRunLength(window, e) - 1
		window, used, pos, corrections = s.readBitString(window<<(e&63), used+uint(e&63), pos,
			corrections, uint(bits.OnesCount64(known&todo)))
	}
	*nonzero |= found
	s.bits, s.used, s.pos = window, used, pos
	return corrections, true
}

// readBitString appends n bits to those in read.
func (s *stream) readBitString(window uint64, used, pos uint, read uint64, n uint) (uint64, uint,
	uint, uint64) {
	for n > 0 {
		window |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7
		now := min(n, 56)
		read = read<<now | window>>1>>(63-now)
		window <<= now
		used += now
		n -= now
	}
	return window, used, pos, read
}
