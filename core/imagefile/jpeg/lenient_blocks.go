package jpeg

// Lenient decoding of blocks, bit by bit: every sequence of bits decodes to something,
// and zeros follow the end of the interval.

// peek returns the next 56 bits, left-aligned. Beyond the end of the interval they are
// zeros.
func (s *state) peek() uint64 {
	s.in.fill(8)
	s.in.refill()
	if left := s.in.bitsLeft(); s.in.ended && left < 56 {
		return s.in.bits & (^uint64(0) << (64 - max(left, 0)))
	}
	return s.in.bits
}

// readBits reads n bits, at most 17.
func (s *state) readBits(n uint) uint64 {
	bits := s.peek() >> 1 >> (63 - n)
	s.in.consume(n)
	s.lenient.exhausted = s.lenient.exhausted || s.in.ended && s.in.bitsLeft() < 0
	return bits
}

// readSymbol reads a code and returns its symbol.
func (s *state) readSymbol(c *canonicalCodes) byte {
	symbol, length := c.find(s.peek())
	s.readBits(length)
	return symbol
}

// readValue reads a value of size bits.
func (s *state) readValue(size byte) int16 {
	return int16(extend(s.readBits(uint(size)), uint(size)))
}

// readDC reads a DC difference and returns the DC coefficient.
func (s *state) readDC(component int, dc *dcTable) int32 {
	c := &s.comps[component]
	size := s.readSymbol(&dc.slow)
	c.dcPred += int32(extend(s.readBits(uint(size)), uint(size)))
	return c.dcPred
}

// lenientBlocks decodes n blocks of the current scan from block x of a row on.
func (s *state) lenientBlocks(component int, row []int16, x, n int) (ok bool) {
	b, scan, c := s.buf, &s.hdr.scan, &s.hdr.comps[component]
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockOffset(x):])
		switch {
		case !s.hdr.progressive:
			s.lenientSequential(component, out)
		case scan.firstCoef > 0 && scan.ah > 0:
			s.lenientACRefine(&b.acTables[c.acTable].slow, out)
		case scan.firstCoef > 0:
			s.lenientACFirst(&b.acTables[c.acTable].slow, out)
		case scan.ah > 0:
			out[0] |= int16(s.readBits(1)) << scan.al
		default:
			out[0] = int16(s.readDC(component, &s.dcTables[c.dcTable]) << scan.al)
		}
	}
	return true
}

// lenientSequential decodes a block of a sequential scan: F.2.2.
func (s *state) lenientSequential(component int, out *[blockReach]int16) {
	c := &s.comps[component]
	out[0] = int16(s.readDC(component, c.dc))
	for k := 1; k < 64; k++ {
		symbol := s.readSymbol(&c.ac.slow)
		run, size := int(symbol>>4), symbol&15
		if size == 0 && run < 15 {
			return
		}
		if k += run; size > 0 {
			out[zigzagIndex[min(k, 63)]] = s.readValue(size)
		}
	}
}

// lenientACFirst decodes a block of the first scan of a band: G.1.2.2.
func (s *state) lenientACFirst(t *canonicalCodes, out *[blockReach]int16) {
	b, scan := s.buf, &s.hdr.scan
	if b.eobRun > 0 {
		b.eobRun--
		return
	}
	for k := scan.firstCoef; k <= scan.lastCoef; k++ {
		symbol := s.readSymbol(t)
		run, size := uint(symbol>>4), symbol&15
		if size == 0 && run < 15 {
			b.eobRun = 1<<run + int(s.readBits(run)) - 1
			return
		}
		if k += run; size > 0 {
			out[zigzagIndex[min(k, 63)]] = s.readValue(size) << scan.al
		}
	}
}

// lenientACRefine decodes one more bit of a block's band: G.1.2.3.
func (s *state) lenientACRefine(t *canonicalCodes, out *[blockReach]int16) {
	b, scan := s.buf, &s.hdr.scan
	bit, k := int16(1)<<scan.al, scan.firstCoef
	for ; k <= scan.lastCoef && b.eobRun == 0; k++ {
		symbol := s.readSymbol(t)
		run, value := uint(symbol>>4), int16(0)
		switch {
		case symbol&15 > 0: // 1 in a valid file
			if value = bit; s.readBits(1) == 0 {
				value = -bit
			}
		case run < 15:
			b.eobRun = 1<<run + int(s.readBits(run))
		}
		if b.eobRun > 0 {
			break
		}
		for ; k <= scan.lastCoef; k++ {
			if c := &out[zigzagIndex[k]]; *c != 0 {
				s.refineCoef(c, bit)
			} else if run == 0 {
				break
			} else {
				run--
			}
		}
		if value != 0 {
			out[zigzagIndex[min(k, 63)]] = value
		}
	}
	if b.eobRun > 0 {
		for ; k <= scan.lastCoef; k++ {
			if c := &out[zigzagIndex[k]]; *c != 0 {
				s.refineCoef(c, bit)
			}
		}
		b.eobRun--
	}
}

// refineCoef reads a correction bit, and adds it to the magnitude of a coefficient.
func (s *state) refineCoef(c *int16, bit int16) {
	if s.readBits(1) == 1 && *c&bit == 0 {
		*c += (*c>>15 | 1) * bit
	}
}
