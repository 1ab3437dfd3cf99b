package jpeg

import "math/bits"

// Lookups of a pass take so many bits.
const progressiveBits = 10

// A passTable decodes a symbol of AC in a progressive scan. An entry is
//
//	total | advance<<8 | kind | value<<16
//
// total is the length of the code and of the bits that follow it, advance the places
// from the coefficient before to this one. Other kinds than 0 have the length of the
// code in place of value. An entry with kindLong and total 0 is for codes that are
// longer than the lookup, or none.
type progressiveTable struct {
	fast [1 << progressiveBits]uint32
	slow canonicalCodes
	spec huffSpec
}

const (
	kindLong = 1 << 13 // a value that has too many bits for the lookup
	kindZRL  = 1 << 14 // 16 zeros
	kindEOB  = 1 << 15 // this block ends, and 2^n-1 plus the n bits that follow after it
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

// passEntry is the entry of a symbol that has its value behind it.
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

// noCode is what resolve gives where there is none: a value that no refinement has, in
// no bits.
const noCode = 1<<8 | 2<<16

// resolve makes e, an entry with kindLong for the code at the top of bits, one with the
// value in it, or that of another kind.
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

// ended gives the blocks that end at an entry's symbol.
func eobRunLength(bits uint64, e uint32) int {
	code := uint(e >> 16)
	extra := uint(e&63) - code
	return 1<<extra | int(bits<<code>>1>>(63-extra))
}

// refill makes 56 bits valid.
func (s *stream) refill() {
	s.bits |= s.peek64(s.pos) >> (^s.used & 63)
	s.pos += s.used >> 3
	s.used &= 7
}

func (s *stream) consume(n uint) {
	s.bits <<= n
	s.used += n
}

// dcBlocks reads n blocks' bits of the first coefficient: T.81 G.1.2.1.
func (s *state) dcBlocks(component int, row []int16, x, n int) (ok bool) {
	low := s.hdr.scan.al
	for ; n > 0; x, n = x+1, n-1 {
		out := &row[blockAt(x)]
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

// acFirst reads n blocks from that at x of a row on, whose coefficients of the band are
// zero: T.81 G.1.2.2. masks are the row's.
func (s *stream) acFirst(p *coefBuffer, t *progressiveTable, q *scanHeader, row []int16, masks []uint64, x,
	n int) (ok bool) {
	ok = true
	for end := x + n; x < end && ok; x++ {
		if p.eobRun > 0 {
			skip := min(p.eobRun, end-x)
			p.eobRun -= skip
			if x += skip; x == end {
				break
			}
		}
		ok = s.acFirstBlock(p, t, q, (*[blockReach]int16)(row[blockAt(x):]), &masks[x])
	}
	return ok
}

func (s *stream) acFirstBlock(p *coefBuffer, t *progressiveTable, q *scanHeader, out *[blockReach]int16,
	mask *uint64) (ok bool) {
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
				p.eobRun = eobRunLength(window, e) - 1
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
	*mask |= found
	s.bits, s.used, s.pos = window, used, pos
	return k <= last
}

// acRefine reads one more bit of n blocks from that at x of a row on: T.81 G.1.2.3.
func (s *stream) acRefine(p *coefBuffer, t *progressiveTable, q *scanHeader, row []int16, masks []uint64, x,
	n int) (ok bool) {
	band := uint64(2)<<q.lastCoef - 1<<q.firstCoef
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockAt(x):])
		known := masks[x] & band
		var old uint64
		if p.eobRun > 0 {
			p.eobRun--
			if known == 0 {
				continue
			}
			s.bits, s.used, s.pos, old = s.readBitString(s.bits, s.used, s.pos, 0,
				uint(bits.OnesCount64(known)))
		} else if old, ok = s.acRefineBlock(p, t, band, q.al, out, &masks[x]); !ok {
			return false
		}
		if old == 0 {
			continue
		}
		for old <<= 64 - bits.OnesCount64(known); known != 0; known &= known - 1 {
			c := &out[s.zigzagIndex[uint8(bits.TrailingZeros64(known))]]
			// Away from zero. As in libjpeg, a bit that is there already is not added
			// again.
			bit := int16(old>>63) &^ (*c >> (q.al & 15))
			*c += (*c>>15 | 1) * bit << (q.al & 15)
			old <<= 1
		}
	}
	return true
}

// acRefineBlock reads the coefficients that are new in a block. It gives the bits of
// the coefficients of the band that mask had, in order: those can be added at the end,
// which takes one loop a block in place of one a symbol, that the processor would not
// foresee.
func (s *stream) acRefineBlock(p *coefBuffer, t *progressiveTable, band uint64, low uint,
	out *[blockReach]int16, mask *uint64) (old uint64, ok bool) {
	window, used, pos := s.bits, s.used, s.pos
	known, todo, found := *mask&band, band, uint64(0)
	var e uint32
	var zeros [4]uint64
	for todo != 0 {
		window |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7
		// The places behind the first few zeros are found while the lookup is under
		// way, and chosen without a branch.
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
			window, used, pos, old = s.readBitString(window, used, pos, old, n)
		} else {
			old = old<<n | window>>1>>(63-n)
			window <<= n
			used += n
		}
		if e&kindZRL == 0 {
			out[s.zigzagIndex[uint8(bits.TrailingZeros64(at))]] = int16(e>>16) << (low & 15)
			found |= at
		}
	}
	if e&kindEOB != 0 {
		p.eobRun = eobRunLength(window, e) - 1
		window, used, pos, old = s.readBitString(window<<(e&63), used+uint(e&63), pos, old,
			uint(bits.OnesCount64(known&todo)))
	}
	*mask |= found
	s.bits, s.used, s.pos = window, used, pos
	return old, true
}

// gather appends n bits to old.
func (s *stream) readBitString(window uint64, used, pos uint, old uint64, n uint) (uint64, uint, uint,
	uint64) {
	for n > 0 {
		window |= s.peek64(pos) >> (^used & 63)
		pos += used >> 3
		used &= 7
		now := min(n, 56)
		old = old<<now | window>>1>>(63-now)
		window <<= now
		used += now
		n -= now
	}
	return window, used, pos, old
}
