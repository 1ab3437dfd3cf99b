package jpeg

// With KeepTruncated, a file whose entropy-coded data are damaged or truncated is
// decoded a second time, as libjpeg does: see the functions of jdhuff.c, jdphuff.c and
// jdarith.c of the same purpose, and jpeg_resync_to_restart of jdmarker.c. What libjpeg
// warns about is no error here.

// lenientState is the state of decoding a damaged scan.
type lenientState struct {
	on bool // for the current file
	// exhausted is set when a bit beyond the end of the interval was read: MCUs are
	// skipped then until the next restart.
	exhausted bool
	restarts  int // restart markers that were due
	mcusLeft  int // MCUs before the next one
}

// decodeLenient decodes the file again. If an interval ends early, its current MCU is
// completed with zeros, and the following ones are left as they are: gray, or as
// earlier scans left them. A code that does not exist counts as symbol 0, and a
// coefficient beyond the last as the last. At a restart, the marker that is found
// decides where decoding continues: see resync. The headers of later scans must be
// valid: libjpeg stops there with nothing to show. band is for decodeSequential.
func (s *state) decodeLenient(band func(my int) error) error {
	s.hdr = *s.fileHdr
	s.lenient.on = true
	defer func() { s.lenient.on = false }()
	if s.hdr.buffered {
		// Where the next scan starts depends on all of this one.
		s.layout.lastMCU.Y = s.layout.mcusY - 1
		return s.decodeBuffered()
	}
	return s.decodeSequentialLenient(band)
}

// begin starts a scan.
func (l *lenientState) begin(restartInterval int) {
	*l = lenientState{on: true, mcusLeft: restartInterval}
}

// startMCU passes the restart marker that is due before the next MCU, if any.
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

// resync looks for restart marker n and moves past it. It skips markers of the two
// intervals before, and invalid ones. A marker of one of the next two intervals says
// that this one is lost, and so do markers of other kinds, which end the scan: the
// interval has no data then. Any other restart marker probably has a damaged number,
// and the interval begins after it.
func (s *state) resync(n byte) {
	for at := s.in.next; ; {
		marker, after, ok := nextMarker(s.in.data, at)
		if !ok {
			marker = markerEOI // which Pillow appends
		}
		restart, ahead := isRestart(marker), (marker-markerRST0-n)&7
		if marker < markerSOF0 || restart && ahead >= 6 {
			at = after
			continue
		}
		if !restart || ahead == 1 || ahead == 2 {
			s.in.startInterval(at)
			s.in.ended = true
		} else {
			s.in.startInterval(after)
			s.lenient.exhausted = false
		}
		break
	}
	s.resetDC()
	if s.buf != nil {
		s.buf.eobRun = 0
	}
}

// decodeSequentialLenient is decodeSequential for a damaged file.
func (s *state) decodeSequentialLenient(band func(my int) error) error {
	s.in.startInterval(s.hdr.entropyStart)
	s.resetDC()
	s.lenient.begin(s.hdr.restartInterval)
	l := &s.layout
	for my := 0; my <= l.lastMCU.Y; my++ {
		for mx, n := 0, 0; mx < l.mcusX; mx += n {
			n = min(l.chunkMCUs, l.mcusX-mx)
			clear(l.coefs)
			for m := range n {
				s.startMCU()
				s.decodeMCULenient(l.blocks[m*l.blocksPerMCU : (m+1)*l.blocksPerMCU])
			}
			s.transformChunk(l.neededRuns(mx, my, n), n)
		}
		if band != nil {
			if err := band(my); err != nil {
				return err
			}
		}
	}
	return nil
}

// decodeMCULenient decodes the blocks of an MCU: as decodeSequential does if nothing is
// wrong with them.
func (s *state) decodeMCULenient(blocks []block) {
	if s.lenient.exhausted {
		for _, b := range blocks {
			s.layout.coefs[b.coefs] = 0 // see zigzagIndex
		}
		return
	}
	in := &s.in
	in.fill(uint(len(blocks)) * maxBlockBytes)
	bits, used, pos, comps := in.bits, in.used, in.pos, s.comps
	if in.decodeBlocks(blocks, &s.comps, s.layout.coefs) && !(in.ended && in.bitsLeft() < 0) {
		return
	}
	in.bits, in.used, in.pos, s.comps = bits, used, pos, comps
	for _, b := range blocks {
		out := (*[blockReach]int16)(s.layout.coefs[b.coefs:])
		for _, i := range zigzagIndex[:64] {
			out[i] = 0
		}
		s.lenientSequential(int(b.component), out)
	}
}

// decodeScanLenient is decodeScan for a damaged file.
func (s *state) decodeScanLenient() error {
	if err := s.startScan(); err != nil {
		return err
	}
	mcusX, mcusY, _, err := s.scanExtent()
	if err != nil {
		return err
	}
	s.lenient.begin(s.hdr.restartInterval)
	b, rowsPerMCU := s.buf, 1
	if scan := &s.hdr.scan; scan.n == 1 {
		rowsPerMCU = s.layout.comps[scan.comps[0]].v
	}
	for y := range mcusY {
		for x := range mcusX {
			if !s.lenient.exhausted {
				b.lastGoodRow = y / rowsPerMCU
			}
			s.startMCU()
			switch a := &b.arithmetic; {
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
