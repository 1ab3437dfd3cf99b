package jpeg

// Files whose entropy-coded data are damaged or end early are read a second time, with
// KeepTruncated, as libjpeg reads them: see the functions of jdhuff.c, jdphuff.c and
// jdarith.c of the same purpose, and jpeg_resync_to_restart of jdmarker.c. What libjpeg
// warns of is no error here.

// A lenient is where the reading of a damaged scan stands.
type lenient struct {
	on bool // for the file that is being decoded
	// a bit behind the end of the interval was asked for: no MCU is read any more until
	// a restart
	dry      bool
	restarts int // markers that were due
	left     int // MCUs before the next one
}

// mended decodes the file again. Where an interval ends too early, zeros follow until
// the MCU that has begun is full, and the MCUs behind it are left out: gray, or as
// earlier scans left them. A code that there is none of counts as symbol 0, and a
// coefficient behind the last as the last. At a restart, the marker that is found
// decides what goes on there: see resync. Headers of scans behind the first must be
// right, or the file is an error: libjpeg stops there with nothing to show. band is for
// scan.
func (s *state) mended(data []byte, band func(my int) error) error {
	if err := s.parse(data); err != nil {
		return err
	}
	s.lenient.on = true
	defer func() { s.lenient.on = false }()
	if s.buffered {
		s.last.Y = s.down - 1 // where the next scan starts depends on all of this one
		return s.decodeBuffered(data)
	}
	return s.mendScan(data, band)
}

// begin starts the data of a scan.
func (l *lenient) begin(interval int) {
	*l = lenient{on: true, left: interval}
}

// due passes a restart marker where one is due before the next MCU.
func (s *state) due() {
	l := &s.lenient
	if s.interval == 0 {
		return
	}
	if l.left == 0 {
		s.resync(byte(l.restarts & 7))
		l.restarts, l.left = l.restarts+1, s.interval
	}
	l.left--
}

// resync looks for restart marker n, and goes on behind it. A marker of one of the two
// intervals before, or one that means nothing, is passed over. One of the next two
// tells that the interval is lost, as do markers of other kinds, which end the scan:
// there the interval has no data. Behind others, whose number is probably damaged, it
// begins.
func (s *state) resync(n byte) {
	for at := s.at; ; {
		mark, after, ok := next(s.data, at)
		if !ok {
			mark = markEOI // as Pillow appends it
		}
		restart, ahead := markRST0 <= mark && mark <= markRST7, (mark-markRST0-n)&7
		if mark < markSOF0 || restart && ahead >= 6 {
			at = after
			continue
		}
		if !restart || ahead == 1 || ahead == 2 {
			s.stream.start(s.data, at)
			s.end = true
		} else {
			s.stream.start(s.data, after)
			s.lenient.dry = false
		}
		break
	}
	s.resetDC()
	if s.progress != nil {
		s.progress.emptied = 0
	}
}

// peek gives the next 56 bits, at the top. They are zeros behind the end of the interval.
func (s *state) peek() uint64 {
	s.need(8)
	s.refill()
	if left := s.left(); s.end && left < 56 {
		return s.bits & (^uint64(0) << (64 - max(left, 0)))
	}
	return s.bits
}

// read gives the next n bits, 17 at most.
func (s *state) read(n uint) uint64 {
	bits := s.peek() >> 1 >> (63 - n)
	s.take(n)
	s.lenient.dry = s.lenient.dry || s.end && s.left() < 0
	return bits
}

// symbol gives that of the next code.
func (s *state) symbol(c *canonical) byte {
	symbol, length := c.find(s.peek())
	s.read(length)
	return symbol
}

// number gives a value of size bits.
func (s *state) number(size byte) int16 { return int16(extend(s.read(uint(size)), uint(size))) }

// difference adds that of the DC coefficient.
func (s *state) difference(component int, dc *dcTable) int32 {
	c := &s.coders[component]
	size := s.symbol(&dc.slow)
	c.predicted += int32(extend(s.read(uint(size)), uint(size)))
	return c.predicted
}

// mendScan is scan for a file that is damaged.
func (s *state) mendScan(data []byte, band func(my int) error) error {
	s.stream.start(data, s.entropyStart)
	s.resetDC()
	s.lenient.begin(s.interval)
	for my := 0; my <= s.last.Y; my++ {
		for mx, n := 0, 0; mx < s.across; mx += n {
			n = min(s.chunk, s.across-mx)
			clear(s.coefs)
			for m := range n {
				s.due()
				s.mendUnit(s.blocks[m*s.perMCU : (m+1)*s.perMCU])
			}
			s.transformRuns(s.runsOf(mx, my, n), n)
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
func (s *state) mendUnit(blocks []block) {
	if s.lenient.dry {
		for _, b := range blocks {
			s.coefs[b.coefs] = 0 // see zigzag
		}
		return
	}
	s.need(uint(len(blocks)) * maxBlockBytes)
	bits, used, pos, coders := s.bits, s.used, s.pos, s.coders
	if s.decode(blocks, &s.coders, s.coefs) && !(s.end && s.left() < 0) {
		return
	}
	s.bits, s.used, s.pos, s.coders = bits, used, pos, coders
	for _, b := range blocks {
		out := (*[blockReach]int16)(s.coefs[b.coefs:])
		for _, at := range zigzag[:64] {
			out[at] = 0
		}
		s.mendWhole(int(b.component), out)
	}
}

// mendPass is onePass for a file that is damaged.
func (s *state) mendPass(data []byte) error {
	if err := s.begin(data); err != nil {
		return err
	}
	across, down, _, err := s.extent()
	if err != nil {
		return err
	}
	s.lenient.begin(s.interval)
	p, rows := s.progress, 1
	if q := &s.scanSpec; q.n == 1 {
		rows = s.parts[q.comps[0]].v
	}
	for y := range down {
		for x := range across {
			if !s.lenient.dry {
				p.good = y / rows
			}
			s.due()
			switch a := &p.arithmetic; {
			case s.arithmetic:
				a.failed = a.failed || !s.units(x, y, 1)
				if err := s.undecided(); err != nil {
					return err
				}
			case !s.lenient.dry:
				s.units(x, y, 1)
			}
		}
	}
	return nil
}

// mendBlocks reads n blocks of a scan from that at x of a row on.
func (s *state) mendBlocks(component int, row []int16, x, n int) (ok bool) {
	p, q, c := s.progress, &s.scanSpec, &s.comps[component]
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockAt(x):])
		switch {
		case !s.progressive:
			s.mendWhole(component, out)
		case q.first > 0 && q.high > 0:
			s.mendRefine(&p.tables[c.ac].slow, out)
		case q.first > 0:
			s.mendFirst(&p.tables[c.ac].slow, out)
		case q.high > 0:
			out[0] |= int16(s.read(1)) << q.low
		default:
			out[0] = int16(s.difference(component, &s.dc[c.dc]) << q.low)
		}
	}
	return true
}

// mendWhole reads a block of a sequential scan.
func (s *state) mendWhole(component int, out *[blockReach]int16) {
	c := &s.coders[component]
	out[0] = int16(s.difference(component, c.dc))
	for k := 1; k < 64; k++ {
		symbol := s.symbol(&c.ac.slow)
		run, size := int(symbol>>4), symbol&15
		if size == 0 && run < 15 {
			return
		}
		if k += run; size > 0 {
			out[zigzag[min(k, 63)]] = s.number(size)
		}
	}
}

// mendFirst reads a block of a scan that is a band's first: T.81 G.1.2.2.
func (s *state) mendFirst(t *canonical, out *[blockReach]int16) {
	p, q := s.progress, &s.scanSpec
	if p.emptied > 0 {
		p.emptied--
		return
	}
	for k := q.first; k <= q.last; k++ {
		symbol := s.symbol(t)
		run, size := uint(symbol>>4), symbol&15
		if size == 0 && run < 15 {
			p.emptied = 1<<run + int(s.read(run)) - 1
			return
		}
		if k += run; size > 0 {
			out[zigzag[min(k, 63)]] = s.number(size) << q.low
		}
	}
}

// mendRefine reads one more bit of a block's band: T.81 G.1.2.3.
func (s *state) mendRefine(t *canonical, out *[blockReach]int16) {
	p, q := s.progress, &s.scanSpec
	bit, k := int16(1)<<q.low, q.first
	for ; k <= q.last && p.emptied == 0; k++ {
		symbol := s.symbol(t)
		run, value := uint(symbol>>4), int16(0)
		switch {
		case symbol&15 > 0: // 1 in a file that is right
			if value = bit; s.read(1) == 0 {
				value = -bit
			}
		case run < 15:
			p.emptied = 1<<run + int(s.read(run))
		}
		if p.emptied > 0 {
			break
		}
		for ; k <= q.last; k++ {
			if c := &out[zigzag[k]]; *c != 0 {
				s.correct(c, bit)
			} else if run == 0 {
				break
			} else {
				run--
			}
		}
		if value != 0 {
			out[zigzag[min(k, 63)]] = value
		}
	}
	if p.emptied > 0 {
		for ; k <= q.last; k++ {
			if c := &out[zigzag[k]]; *c != 0 {
				s.correct(c, bit)
			}
		}
		p.emptied--
	}
}

// correct adds a bit, if the next one says so, away from zero.
func (s *state) correct(c *int16, bit int16) {
	if s.read(1) == 1 && *c&bit == 0 {
		*c += (*c>>15 | 1) * bit
	}
}
