package jpeg

import (
	"errors"
	"fmt"
)

// Progressive files (T.81 annex G) have several scans, each with some bits of some
// coefficients: all coefficients are collected first, and the blocks that the region
// needs transformed at the end. As in libjpeg, scans may repeat bits or refine what no
// scan began.
//
// Sequential files that have a scan for each component, arithmetic coding, or samplings
// or a number of components that scan does not know, take the same way.

// A pass is the header of a scan. Of a sequential frame it has all bits of all
// coefficients.
type scanHeader struct {
	comps               [4]uint8 // that it has, in the frame's order
	n                   int
	firstCoef, lastCoef uint // band of coefficients, in zigzag order
	ah, al              uint // bits that scans before it left (0: all), and that it leaves itself
}

const (
	// maxPasses is the limit of libjpeg-turbo's fuzz targets; encoders write some ten.
	maxScans = 500
	// A scan of empty blocks takes a few bytes only. So many blocks may be passed over,
	// and every block of the image so many times more.
	freeBlockVisits   = 1 << 25
	maxVisitsPerBlock = 32
	// Blocks are read so many at once: what one call may need stays well below the
	// window.
	scanChunk = 64
)

// progress is a Decoder's memory for files that are collected.
type coefBuffer struct {
	coefs []int16 // of the whole image: see surface
	// by block: bit k is set where coefficient k in zigzag order, but the first, is not
	// zero
	nonzero      []uint64
	comps        [4]componentBlocks // by component
	coefBits     [4][64]int8        // by component, bits of each coefficient that no scan had: all for all
	prevCoefBits [4][10]int8        // the same of the first coefficients, without the component's last scan
	scanCount    int
	dcValues     []int16 // for smooth
	lastGoodRow  int     // lenient: the last row of MCUs that the last scan had data for
	quantLatched [4]bool // components whose quantization table is known
	acTables     [4]progressiveTable
	eobRun       int // blocks that still belong to the run of blocks that end at once
	blockVisits  int // blocks of all scans so far

	arithmetic arithmeticDecoder
}

// A surface is a component's blocks: rows of pairs of blocks, as the kernel wants them.
type componentBlocks struct {
	firstPair        int // where they start among those of all, and
	pairsPerRow      int // those of a row
	firstMask        int // where its masks start, two for each pair
	blocksX, blocksY int // blocks that have samples of the image
	neededRows       int // blocks down that the region needs
}

// all is the value of missing before a scan.
const unseen = -1

// band reads what follows the components in SOS.
func (p *scanHeader) processBand(b []byte) error {
	p.firstCoef, p.lastCoef, p.ah, p.al = uint(b[0]), uint(b[1]), uint(b[2]>>4), uint(b[2]&15)
	// The conditions of start_pass_phuff_decoder in libjpeg's jdphuff.c.
	switch {
	case p.firstCoef == 0 && p.lastCoef != 0, p.firstCoef > p.lastCoef, p.lastCoef > 63:
		return fmt.Errorf("%w: a scan of coefficients %d to %d", ErrCorrupt, p.firstCoef, p.lastCoef)
	case p.firstCoef > 0 && p.n > 1:
		return fmt.Errorf("%w: a scan of %d components' coefficients %d to %d", ErrCorrupt, p.n,
			p.firstCoef, p.lastCoef)
	case p.ah != 0 && p.al != p.ah-1, p.al > 13:
		return fmt.Errorf("%w: a scan of bits %d to %d", ErrCorrupt, p.ah, p.al)
	}
	return nil
}

// collected decodes the scans and transforms what the region needs. The layout is
// arranged.
func (s *state) decodeBuffered(data []byte) error {
	if s.buf == nil {
		s.buf = new(coefBuffer)
	}
	err := s.decodeScans(data)
	if (err == nil || errors.Is(err, ErrExtraneous)) && s.hdr.progressive && s.canSmooth() {
		if s.layout.lastMCU.Y < s.layout.mcusY-1 { // rows below have a say, too
			s.layout.lastMCU.Y = s.layout.mcusY - 1
			if err := s.hdr.parse(data); err != nil {
				return err
			}
			if err = s.decodeScans(data); err != nil && !errors.Is(err, ErrExtraneous) {
				return err
			}
		}
		s.smooth()
	}
	s.transformBuffered()
	return err
}

// scans decodes all scans.
func (s *state) decodeScans(data []byte) error {
	p := s.buf
	p.reset(&s.layout, &s.hdr)
	clear(s.dequant[:])
	onePass := s.decodeScan
	if s.lenient.on {
		onePass = s.decodeScanLenient
	}
	var soft error // the image is whole nevertheless
	for {
		if p.scanCount++; p.scanCount > maxScans {
			return fmt.Errorf("%w: more than %d scans", ErrCorrupt, maxScans)
		}
		switch err := onePass(data); {
		case errors.Is(err, ErrExtraneous):
			soft = err
		case err != nil:
			return err
		}
		if !s.hdr.progressive && s.hdr.scan.n == s.hdr.nComps {
			break // that was all
		}
		if !hasMarker(data, s.in.next) && p.complete(s.hdr.nComps) {
			break // the end-of-image marker may be missing
		}
		mark, err := s.hdr.processSegments(data, s.in.next)
		if err != nil && !(s.lenient.on && errors.Is(err, ErrTruncated)) {
			return err
		}
		if err != nil || mark == markerEOI {
			break
		}
	}
	for i := range s.hdr.nComps { // in a progressive file, that is no more than the last bits left out
		if p.coefBits[i][0] == unseen && !s.hdr.progressive && !s.lenient.on {
			return fmt.Errorf("%w: no scan has component %d", ErrTruncated, i)
		}
	}
	return soft
}

// arrange makes the memory ready for an image.
func (p *coefBuffer) reset(l *layout, h *header) {
	pairs := 0
	for i := range l.comps[:l.nComps] {
		part := &l.comps[i]
		a := &p.comps[i]
		// one to spare: see zigzag
		a.firstPair, a.firstMask, a.pairsPerRow = pairs, 2*pairs, ceil(l.mcusX*part.h, 2)+1
		a.blocksX, a.blocksY = ceil(ceil(h.width*part.h, h.maxSampling.X), 8), ceil(ceil(h.height*part.v,
			h.maxSampling.Y), 8)
		a.neededRows = min(a.blocksY, (l.lastMCU.Y+1)*part.v)
		pairs += a.pairsPerRow * l.mcusY * part.v
		for k := range p.coefBits[i] {
			p.coefBits[i][k] = unseen
		}
	}
	p.coefs = zeroed(p.coefs, pairs*pairCoefs+blockReach, maxKept/2)
	p.nonzero = zeroed(p.nonzero, pairs*2, maxKept/8)
	p.blockVisits, p.scanCount, p.lastGoodRow, p.quantLatched, p.arithmetic.decisions = 0, 0, l.mcusY, [4]bool{}, 0
}

// fit gives n zeros, in the memory of b unless that is too small, or of more than kept
// elements and much too large.
func zeroed[T any](b []T, n, kept int) []T {
	if cap(b) < n || cap(b) > kept && n < cap(b)/8 {
		return make([]T, n)
	}
	b = b[:n]
	clear(b)
	return b
}

// complete tells whether the scans had all bits of n components.
func (p *coefBuffer) complete(n int) bool {
	for i := range n {
		if p.coefBits[i] != [64]int8{} {
			return false
		}
	}
	return true
}

// extent gives the MCUs of the scan whose header was read, and the blocks of each. It
// counts them.
func (s *state) scanExtent() (across, down, blocks int, err error) {
	p, q := s.buf, &s.hdr.scan
	across, down = s.layout.mcusX, s.layout.mcusY
	for _, i := range q.comps[:q.n] {
		blocks += s.layout.comps[i].h * s.layout.comps[i].v
	}
	if q.n == 1 { // never interleaved: its blocks are the MCUs (T.81 A.2.2)
		a := &p.comps[q.comps[0]]
		across, down, blocks = a.blocksX, a.blocksY, 1
	}
	if p.blockVisits += across * down * blocks; p.blockVisits > freeBlockVisits+maxVisitsPerBlock*s.layout.mcusX*s.layout.mcusY*s.layout.blocksPerMCU {
		return 0, 0, 0, fmt.Errorf("%w: %d blocks in all scans", ErrCorrupt, p.blockVisits)
	}
	return across, down, blocks, nil
}

// onePass decodes the scan whose header was read, as far as the region needs.
func (s *state) decodeScan(data []byte) error {
	p, q := s.buf, &s.hdr.scan
	if err := s.startScan(data); err != nil {
		return err
	}
	across, down, blocks, err := s.scanExtent()
	if err != nil {
		return err
	}
	rows := s.layout.lastMCU.Y + 1
	if q.n == 1 {
		rows = p.comps[q.comps[0]].neededRows
	}
	restarts, left := 0, s.hdr.restartInterval
	for y := range rows {
		for x, n := 0, 0; x < across; x += n {
			n = min(scanChunk/blocks, across-x)
			if s.hdr.restartInterval > 0 {
				if left == 0 {
					if err := s.nextInterval(restarts); err != nil {
						return err
					}
					restarts, left, p.eobRun = restarts+1, s.hdr.restartInterval, 0
				}
				n = min(n, left)
			}
			left -= n
			if s.hdr.arithmetic {
				if err := s.decodeMCUsArithmetic(x, y, n); err != nil {
					return err
				}
				continue
			}
			s.in.fill(uint(n*blocks) * maxBlockBytes)
			if !s.decodeMCUs(x, y, n) || s.in.ended && s.in.bitsLeft() < 0 {
				return s.entropyError()
			}
		}
	}
	if rows == down {
		return s.checkEnd()
	}
	return nil
}

// begin makes ready for the scan whose header was read.
func (s *state) startScan(data []byte) error {
	p, q := s.buf, &s.hdr.scan
	for _, i := range q.comps[:q.n] {
		c := &s.hdr.comps[i]
		if !p.quantLatched[i] { // at its first scan, as latch_quant_tables of libjpeg's jdinput.c does
			if !s.hdr.hasQuant[c.quantTable] {
				return fmt.Errorf("%w: quantization table %d is missing", ErrCorrupt, c.quantTable)
			}
			s.latchQuantTable(int(i))
			p.quantLatched[i] = true
		}
		// as start_pass of jdphuff.c does
		for k := min(q.firstCoef, 1); k < uint(len(p.prevCoefBits[i])); k++ {
			if p.prevCoefBits[i][k] = 0; p.scanCount > 1 {
				p.prevCoefBits[i][k] = p.coefBits[i][k]
			}
		}
		for k := q.firstCoef; k <= q.lastCoef; k++ {
			if !s.hdr.progressive && p.coefBits[i][k] != unseen {
				return fmt.Errorf("%w: two scans of one component", ErrCorrupt)
			}
			p.coefBits[i][k] = int8(q.al)
		}
		if !s.hdr.progressive || s.hdr.arithmetic {
			continue
		}
		class, number := 0, c.dcTable
		if q.firstCoef > 0 {
			class, number = 1, c.acTable
		} else if q.ah > 0 {
			continue // needs no table
		}
		spec := &s.hdr.huffman[class][number]
		if spec.n == 0 {
			return fmt.Errorf("%w: a Huffman table is missing", ErrCorrupt)
		}
		var err error
		if class == 0 {
			err = s.dcTables[number].build(spec)
		} else {
			err = p.acTables[number].build(spec)
		}
		if err != nil {
			return err
		}
	}
	if !s.hdr.progressive && !s.hdr.arithmetic {
		if err := s.buildTables(); err != nil {
			return err
		}
	}
	s.in.startInterval(data, s.hdr.entropyStart)
	s.resetDC()
	p.eobRun = 0
	return nil
}

// units decodes n MCUs of a scan from the one at x, y on.
func (s *state) decodeMCUs(x, y, n int) (ok bool) {
	p, q := s.buf, &s.hdr.scan
	if q.n == 1 {
		i := q.comps[0]
		a := &p.comps[i]
		row := y * a.pairsPerRow
		coefs := p.coefs[(a.firstPair+row)*pairCoefs:]
		switch {
		case s.hdr.arithmetic:
			return s.arithmeticBlocks(int(i), coefs, x, n)
		case s.lenient.on:
			return s.lenientBlocks(int(i), coefs, x, n)
		case !s.hdr.progressive:
			return s.sequentialBlocks(int(i), coefs, x, n)
		case q.firstCoef == 0:
			return s.dcBlocks(int(i), coefs, x, n)
		case q.ah == 0:
			return s.in.acFirst(p, &p.acTables[s.hdr.comps[i].acTable], q, coefs, p.nonzero[a.firstMask+2*row:],
				x, n)
		}
		return s.in.acRefine(p, &p.acTables[s.hdr.comps[i].acTable], q, coefs, p.nonzero[a.firstMask+2*row:], x,
			n)
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
		for _, i := range q.comps[:q.n] {
			a, part := &p.comps[i], &s.layout.comps[i]
			for v := range part.v {
				if !blocks(int(i), p.coefs[(a.firstPair+(y*part.v+v)*a.pairsPerRow)*pairCoefs:], m*part.h,
					part.h) {
					return false
				}
			}
		}
	}
	return true
}

// blockAt gives where the coefficients of the block at x of a row start.
func blockAt(x int) int { return x>>1*pairCoefs + x&1*8 }

// wholeBlocks reads n blocks of a sequential scan.
func (s *state) sequentialBlocks(component int, row []int16, x, n int) (ok bool) {
	s.oneBlock[0].component = uint16(component)
	for ; n > 0; x, n = x+1, n-1 {
		if !s.in.decodeBlocks(s.oneBlock[:], &s.comps, row[blockAt(x):]) {
			return false
		}
	}
	return true
}

// transformAll makes the samples that the region needs.
func (s *state) transformBuffered() {
	for i := range s.layout.comps[:s.layout.nComps] {
		part, a := &s.layout.comps[i], &s.buf.comps[i]
		from := part.neededBlocks.Min.X &^ 1
		for y := part.neededBlocks.Min.Y; y < part.neededBlocks.Max.Y; y++ {
			r := &s.layout.runs[0]
			r.dst, r.stride = cInt64(part.offset+8*y*part.stride+8*from), cInt64(part.stride)
			r.pair, r.n = cInt32(a.firstPair+y*a.pairsPerRow+from/2), cInt32(ceil(part.neededBlocks.Max.X-from, 2))
			r.quant = cInt64(i)
			transform(s.buf.coefs, &s.dequant, s.planes, s.layout.runs[:1], false)
		}
	}
}
