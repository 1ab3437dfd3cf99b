package jpeg

// Files whose entropy-coded data are damaged or end early are read a second time, with
// KeepTruncated, as libjpeg reads them: see the functions of jdhuff.c, jdphuff.c and
// jdarith.c of the same purpose, and jpeg_resync_to_restart of jdmarker.c. What libjpeg
// warns of is no error here.

// A lenient is where the reading of a damaged scan stands.
type lenientState struct {
	on bool // for the file that is being decoded
	// a bit behind the end of the interval was asked for: no MCU is read any more until
	// a restart
	exhausted bool
	restarts  int // markers that were due
	mcusLeft  int // MCUs before the next one
}

// mended decodes the file again. Where an interval ends too early, zeros follow until
// the MCU that has begun is full, and the MCUs behind it are left out: gray, or as
// earlier scans left them. A code that there is none of counts as symbol 0, and a
// coefficient behind the last as the last. At a restart, the marker that is found
// decides what goes on there: see resync. Headers of scans behind the first must be
// right, or the file is an error: libjpeg stops there with nothing to show. band is for
// scan.
func (s *state) decodeLenient(data []byte, band func(my int) error) error {
	if err := s.hdr.parse(data); err != nil {
		return err
	}
	s.lenient.on = true
	defer func() { s.lenient.on = false }()
	if s.hdr.buffered {
		s.layout.lastMCU.Y = s.layout.mcusY - 1 // where the next scan starts depends on all of this one
		return s.decodeBuffered(data)
	}
	return s.decodeSequentialLenient(data, band)
}

// begin starts the data of a scan.
func (l *lenientState) begin(interval int) {
	*l = lenientState{on: true, mcusLeft: interval}
}

// due passes a restart marker where one is due before the next MCU.
func (s *state) startMCU() {
	l := &s.lenient
	if s.hdr.restartInterval == 0 {
		return
	}
	if l.mcusLeft == 0 {
		s.resync(byte(l.restarts & 7))
		l.restarts, l.mcusLeft = l.restarts+1, s.hdr.restartInterval
	}
	l.mcusLeft--
}

// resync looks for restart marker n, and goes on behind it. A marker of one of the two
// intervals before, or one that means nothing, is passed over. One of the next two
// tells that the interval is lost, as do markers of other kinds, which end the scan:
// there the interval has no data. Behind others, whose number is probably damaged, it
// begins.
func (s *state) resync(n byte) {
	for at := s.in.next; ; {
		mark, after, ok := nextMarker(s.in.data, at)
		if !ok {
			mark = markerEOI // as Pillow appends it
		}
		restart, ahead := markerRST0 <= mark && mark <= markerRST7, (mark-markerRST0-n)&7
		if mark < markerSOF0 || restart && ahead >= 6 {
			at = after
			continue
		}
		if !restart || ahead == 1 || ahead == 2 {
			s.in.startInterval(s.in.data, at)
			s.in.ended = true
		} else {
			s.in.startInterval(s.in.data, after)
			s.lenient.exhausted = false
		}
		break
	}
	s.resetDC()
	if s.buf != nil {
		s.buf.eobRun = 0
	}
}

// peek gives the next 56 bits, at the top. They are zeros behind the end of the interval.
func (s *state) peek() uint64 {
	s.in.fill(8)
	s.in.refill()
	if left := s.in.bitsLeft(); s.in.ended && left < 56 {
		return s.in.bits & (^uint64(0) << (64 - max(left, 0)))
	}
	return s.in.bits
}

// read gives the next n bits, 17 at most.
func (s *state) readBits(n uint) uint64 {
	bits := s.peek() >> 1 >> (63 - n)
	s.in.consume(n)
	s.lenient.exhausted = s.lenient.exhausted || s.in.ended && s.in.bitsLeft() < 0
	return bits
}

// symbol gives that of the next code.
func (s *state) readSymbol(c *canonicalCodes) byte {
	symbol, length := c.find(s.peek())
	s.readBits(length)
	return symbol
}

// number gives a value of size bits.
func (s *state) readValue(size byte) int16 { return int16(extend(s.readBits(uint(size)), uint(size))) }

// difference adds that of the DC coefficient.
func (s *state) readDC(component int, dc *dcTable) int32 {
	c := &s.comps[component]
	size := s.readSymbol(&dc.slow)
	c.dcPred += int32(extend(s.readBits(uint(size)), uint(size)))
	return c.dcPred
}

// mendScan is scan for a file that is damaged.
func (s *state) decodeSequentialLenient(data []byte, band func(my int) error) error {
	s.in.startInterval(data, s.hdr.entropyStart)
	s.resetDC()
	s.lenient.begin(s.hdr.restartInterval)
	for my := 0; my <= s.layout.lastMCU.Y; my++ {
		for mx, n := 0, 0; mx < s.layout.mcusX; mx += n {
			n = min(s.layout.chunkMCUs, s.layout.mcusX-mx)
			clear(s.layout.coefs)
			for m := range n {
				s.startMCU()
				s.decodeMCULenient(s.layout.blocks[m*s.layout.blocksPerMCU : (m+1)*s.layout.blocksPerMCU])
			}
			s.transformChunk(s.layout.neededRuns(mx, my, n), n)
		}
		if band != nil {
			if err := band(my); err != nil {
				return err
			}
		}
	}
	return nil
}

// mendUnit reads the blocks of an MCU: as scan does if nothing is wrong with them.
func (s *state) decodeMCULenient(blocks []block) {
	if s.lenient.exhausted {
		for _, b := range blocks {
			s.layout.coefs[b.coefs] = 0 // see zigzag
		}
		return
	}
	s.in.fill(uint(len(blocks)) * maxBlockBytes)
	bits, used, pos, coders := s.in.bits, s.in.used, s.in.pos, s.comps
	if s.in.decodeBlocks(blocks, &s.comps, s.layout.coefs) && !(s.in.ended && s.in.bitsLeft() < 0) {
		return
	}
	s.in.bits, s.in.used, s.in.pos, s.comps = bits, used, pos, coders
	for _, b := range blocks {
		out := (*[blockReach]int16)(s.layout.coefs[b.coefs:])
		for _, at := range zigzagIndex[:64] {
			out[at] = 0
		}
		s.lenientSequential(int(b.component), out)
	}
}

// mendPass is onePass for a file that is damaged.
func (s *state) decodeScanLenient(data []byte) error {
	if err := s.startScan(data); err != nil {
		return err
	}
	across, down, _, err := s.scanExtent()
	if err != nil {
		return err
	}
	s.lenient.begin(s.hdr.restartInterval)
	p, rows := s.buf, 1
	if q := &s.hdr.scan; q.n == 1 {
		rows = s.layout.comps[q.comps[0]].v
	}
	for y := range down {
		for x := range across {
			if !s.lenient.exhausted {
				p.lastGoodRow = y / rows
			}
			s.startMCU()
			switch a := &p.arithmetic; {
			case s.hdr.arithmetic:
				a.failed = a.failed || !s.decodeMCUs(x, y, 1)
				if err := s.checkDecisions(); err != nil {
					return err
				}
			case !s.lenient.exhausted:
				s.decodeMCUs(x, y, 1)
			}
		}
	}
	return nil
}

// mendBlocks reads n blocks of a scan from that at x of a row on.
func (s *state) lenientBlocks(component int, row []int16, x, n int) (ok bool) {
	p, q, c := s.buf, &s.hdr.scan, &s.hdr.comps[component]
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockAt(x):])
		switch {
		case !s.hdr.progressive:
			s.lenientSequential(component, out)
		case q.firstCoef > 0 && q.ah > 0:
			s.lenientACRefine(&p.acTables[c.acTable].slow, out)
		case q.firstCoef > 0:
			s.lenientACFirst(&p.acTables[c.acTable].slow, out)
		case q.ah > 0:
			out[0] |= int16(s.readBits(1)) << q.al
		default:
			out[0] = int16(s.readDC(component, &s.dcTables[c.dcTable]) << q.al)
		}
	}
	return true
}

// mendWhole reads a block of a sequential scan.
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

// mendFirst reads a block of a scan that is a band's first: T.81 G.1.2.2.
func (s *state) lenientACFirst(t *canonicalCodes, out *[blockReach]int16) {
	p, q := s.buf, &s.hdr.scan
	if p.eobRun > 0 {
		p.eobRun--
		return
	}
	for k := q.firstCoef; k <= q.lastCoef; k++ {
		symbol := s.readSymbol(t)
		run, size := uint(symbol>>4), symbol&15
		if size == 0 && run < 15 {
			p.eobRun = 1<<run + int(s.readBits(run)) - 1
			return
		}
		if k += run; size > 0 {
			out[zigzagIndex[min(k, 63)]] = s.readValue(size) << q.al
		}
	}
}

// mendRefine reads one more bit of a block's band: T.81 G.1.2.3.
func (s *state) lenientACRefine(t *canonicalCodes, out *[blockReach]int16) {
	p, q := s.buf, &s.hdr.scan
	bit, k := int16(1)<<q.al, q.firstCoef
	for ; k <= q.lastCoef && p.eobRun == 0; k++ {
		symbol := s.readSymbol(t)
		run, value := uint(symbol>>4), int16(0)
		switch {
		case symbol&15 > 0: // 1 in a file that is right
			if value = bit; s.readBits(1) == 0 {
				value = -bit
			}
		case run < 15:
			p.eobRun = 1<<run + int(s.readBits(run))
		}
		if p.eobRun > 0 {
			break
		}
		for ; k <= q.lastCoef; k++ {
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
	if p.eobRun > 0 {
		for ; k <= q.lastCoef; k++ {
			if c := &out[zigzagIndex[k]]; *c != 0 {
				s.refineCoef(c, bit)
			}
		}
		p.eobRun--
	}
}

// correct adds a bit, if the next one says so, away from zero.
func (s *state) refineCoef(c *int16, bit int16) {
	if s.readBits(1) == 1 && *c&bit == 0 {
		*c += (*c>>15 | 1) * bit
	}
}
