package jpeg

import (
	"errors"
	"fmt"
)

// A progressive file (annex G) has several scans, each with some bits of some
// coefficients. So all coefficients are stored first, and the blocks that the region
// needs are transformed at the end. As in libjpeg, scans may repeat bits, or refine
// coefficients that no scan began.
//
// Sequential files are read in the same way if they have several scans or arithmetic
// coding, or sampling factors that decodeSequential does not handle.

const (
	// maxScans is the limit of libjpeg-turbo's fuzz targets; encoders write about ten.
	maxScans = 500
	// A scan of empty blocks takes a few bytes only, so the blocks that all scans visit
	// are limited: to freeBlockVisits, and maxVisitsPerBlock for each block of the
	// image.
	freeBlockVisits   = 1 << 25
	maxVisitsPerBlock = 32
	// scanChunk is how many blocks are decoded at a time: their data must fit the
	// window.
	scanChunk = 64
)

// decodeBuffered decodes all scans and transforms what the region needs. The layout is
// set up.
func (s *state) decodeBuffered() error {
	if s.buf == nil {
		s.buf = new(coefBuffer)
	}
	err := s.decodeScans()
	if (err == nil || errors.Is(err, ErrExtraneous)) && s.hdr.progressive && s.canSmooth() {
		if s.layout.lastMCU.Y < s.layout.mcusY-1 {
			// Smoothing reads the rows below, too.
			s.layout.lastMCU.Y = s.layout.mcusY - 1
			s.hdr = *s.fileHdr
			if err = s.decodeScans(); err != nil && !errors.Is(err, ErrExtraneous) {
				return err
			}
		}
		s.smooth()
	}
	s.transformBuffered()
	return err
}

// decodeScans decodes all scans. ErrExtraneous is no reason to stop.
func (s *state) decodeScans() error {
	b := s.buf
	b.reset(&s.layout, &s.hdr)
	clear(s.dequant[:])
	var extraneous error
	for {
		if b.scanCount++; b.scanCount > maxScans {
			return fmt.Errorf("%w: more than %d scans", ErrCorrupt, maxScans)
		}
		decode := s.decodeScan
		if s.lenient.on {
			decode = s.decodeScanLenient
		}
		switch err := decode(); {
		case errors.Is(err, ErrExtraneous):
			extraneous = err
		case err != nil:
			return err
		}
		if !s.hdr.progressive && s.hdr.scan.n == s.hdr.nComps {
			break // that was the whole image
		}
		if !hasMarker(s.in.data, s.in.next) && b.complete(s.hdr.nComps) {
			break // the end-of-image marker may be missing
		}
		marker, err := s.hdr.processSegments(s.in.data, s.in.next)
		if err != nil && !(s.lenient.on && errors.Is(err, ErrTruncated)) {
			return err
		}
		if err != nil || marker == markerEOI {
			break
		}
	}
	for i := range s.hdr.nComps {
		// A progressive file may omit scans; that is a lower precision, down to
		// nothing.
		if b.coefBits[i][0] == unseen && !s.hdr.progressive && !s.lenient.on {
			return fmt.Errorf("%w: no scan has component %d", ErrTruncated, i)
		}
	}
	return extraneous
}

// scanExtent returns the MCUs of the current scan and the blocks per MCU. It counts the
// blocks as visited.
func (s *state) scanExtent() (mcusX, mcusY, perMCU int, err error) {
	b, scan, l := s.buf, &s.hdr.scan, &s.layout
	mcusX, mcusY = l.mcusX, l.mcusY
	for _, i := range scan.comps[:scan.n] {
		perMCU += l.comps[i].h * l.comps[i].v
	}
	if scan.n == 1 { // not interleaved: an MCU is a block (A.2.2)
		a := &b.comps[scan.comps[0]]
		mcusX, mcusY, perMCU = a.blocksX, a.blocksY, 1
	}
	limit := freeBlockVisits + maxVisitsPerBlock*l.mcusX*l.mcusY*l.blocksPerMCU
	if b.blockVisits += mcusX * mcusY * perMCU; b.blockVisits > limit {
		return 0, 0, 0, fmt.Errorf("%w: %d blocks in all scans", ErrCorrupt, b.blockVisits)
	}
	return mcusX, mcusY, perMCU, nil
}

// decodeScan decodes the current scan as far as the region needs it.
func (s *state) decodeScan() error {
	b, scan := s.buf, &s.hdr.scan
	if err := s.startScan(); err != nil {
		return err
	}
	mcusX, mcusY, perMCU, err := s.scanExtent()
	if err != nil {
		return err
	}
	rows := s.layout.lastMCU.Y + 1
	if scan.n == 1 {
		rows = b.comps[scan.comps[0]].neededRows
	}
	restarts, mcusLeft := 0, s.hdr.restartInterval // restarts so far, MCUs before the next
	for y := range rows {
		for x, n := 0, 0; x < mcusX; x += n {
			n = min(scanChunk/perMCU, mcusX-x)
			if s.hdr.restartInterval > 0 {
				if mcusLeft == 0 {
					if err := s.nextInterval(restarts); err != nil {
						return err
					}
					restarts, mcusLeft, b.eobRun = restarts+1, s.hdr.restartInterval, 0
				}
				n = min(n, mcusLeft)
			}
			mcusLeft -= n
			if s.hdr.arithmetic {
				if err := s.decodeMCUsArithmetic(x, y, n); err != nil {
					return err
				}
				continue
			}
			s.in.fill(uint(n*perMCU) * maxBlockBytes)
			if !s.decodeMCUs(x, y, n) || s.in.ended && s.in.bitsLeft() < 0 {
				return s.entropyError()
			}
		}
	}
	if rows == mcusY {
		return s.checkEnd()
	}
	return nil
}

// startScan prepares the tables and the stream for the current scan.
func (s *state) startScan() error {
	b, scan := s.buf, &s.hdr.scan
	for _, i := range scan.comps[:scan.n] {
		c := &s.hdr.comps[i]
		// The table at a component's first scan counts: latch_quant_tables of libjpeg's
		// jdinput.c.
		if !b.quantLatched[i] {
			if !s.hdr.hasQuant[c.quantTable] {
				return fmt.Errorf("%w: quantization table %d is missing", ErrCorrupt, c.quantTable)
			}
			s.latchQuantTable(int(i))
			b.quantLatched[i] = true
		}
		if err := s.updateCoefBits(int(i)); err != nil {
			return err
		}
		if s.hdr.progressive && !s.hdr.arithmetic {
			if err := s.buildProgressiveTable(c); err != nil {
				return err
			}
		}
	}
	if !s.hdr.progressive && !s.hdr.arithmetic {
		if err := s.buildTables(); err != nil {
			return err
		}
	}
	s.in.startInterval(s.hdr.entropyStart)
	s.resetDC()
	b.eobRun = 0
	return nil
}

// updateCoefBits notes the bits that the current scan has of component i's
// coefficients, as start_pass of libjpeg's jdphuff.c does.
func (s *state) updateCoefBits(i int) error {
	b, scan := s.buf, &s.hdr.scan
	for k := min(scan.firstCoef, 1); k < smoothedCoefs; k++ {
		if b.prevCoefBits[i][k] = 0; b.scanCount > 1 {
			b.prevCoefBits[i][k] = b.coefBits[i][k]
		}
	}
	for k := scan.firstCoef; k <= scan.lastCoef; k++ {
		if !s.hdr.progressive && b.coefBits[i][k] != unseen {
			return fmt.Errorf("%w: two scans of one component", ErrCorrupt)
		}
		b.coefBits[i][k] = int8(scan.al)
	}
	return nil
}

// buildProgressiveTable builds the Huffman table that the current scan has of a
// component, if any.
func (s *state) buildProgressiveTable(c *component) error {
	scan := &s.hdr.scan
	class, index := 0, c.dcTable
	if scan.firstCoef > 0 {
		class, index = 1, c.acTable
	} else if scan.ah > 0 {
		return nil // DC refinement has no codes
	}
	spec := &s.hdr.huffman[class][index]
	if spec.n == 0 {
		return fmt.Errorf("%w: a Huffman table is missing", ErrCorrupt)
	}
	if class == 0 {
		return s.dcTables[index].build(spec)
	}
	return s.buf.acTables[index].build(spec)
}

// decodeMCUs decodes n MCUs of the current scan from (x, y) on.
func (s *state) decodeMCUs(x, y, n int) (ok bool) {
	b, scan := s.buf, &s.hdr.scan
	if scan.n == 1 {
		return s.decodeRow(int(scan.comps[0]), x, y, n)
	}
	blocks := s.dcBlocks
	switch {
	case s.hdr.arithmetic:
		blocks = s.arithmeticBlocks
	case s.lenient.on:
		blocks = s.lenientBlocks
	case !s.hdr.progressive:
		blocks = s.sequentialBlocks
	}
	for m := x; m < x+n; m++ {
		for _, i := range scan.comps[:scan.n] {
			c := &s.layout.comps[i]
			for v := range c.v {
				if !blocks(int(i), b.row(int(i), y*c.v+v), m*c.h, c.h) {
					return false
				}
			}
		}
	}
	return true
}

// decodeRow decodes n blocks of a scan of one component from (x, y) on.
func (s *state) decodeRow(component, x, y, n int) (ok bool) {
	b, scan := s.buf, &s.hdr.scan
	a := &b.comps[component]
	row := b.row(component, y)
	switch {
	case s.hdr.arithmetic:
		return s.arithmeticBlocks(component, row, x, n)
	case s.lenient.on:
		return s.lenientBlocks(component, row, x, n)
	case !s.hdr.progressive:
		return s.sequentialBlocks(component, row, x, n)
	case scan.firstCoef == 0:
		return s.dcBlocks(component, row, x, n)
	}
	table := &b.acTables[s.hdr.comps[component].acTable]
	nonzero := b.nonzero[2*(a.firstPair+y*a.pairsPerRow):]
	if scan.ah == 0 {
		return s.in.acFirst(b, table, scan, row, nonzero, x, n)
	}
	return s.in.acRefine(b, table, scan, row, nonzero, x, n)
}

// sequentialBlocks decodes n blocks of a sequential scan with Huffman coding, from
// block x of a row on.
func (s *state) sequentialBlocks(component int, row []int16, x, n int) (ok bool) {
	s.oneBlock[0].component = uint16(component)
	for ; n > 0; x, n = x+1, n-1 {
		if !s.in.decodeBlocks(s.oneBlock[:], &s.comps, row[blockOffset(x):]) {
			return false
		}
	}
	return true
}
