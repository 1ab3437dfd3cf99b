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
type scanSpec struct {
	comps       [4]uint8 // that it has, in the frame's order
	n           int
	first, last uint // band of coefficients, in zigzag order
	high, low   uint // bits that scans before it left (0: all), and that it leaves itself
}

const (
	// maxPasses is the limit of libjpeg-turbo's fuzz targets; encoders write some ten.
	maxPasses = 500
	// A scan of empty blocks takes a few bytes only. So many blocks may be passed over,
	// and every block of the image so many times more.
	maxVisits      = 1 << 25
	maxVisitsBlock = 32
	// Blocks are read so many at once: what one call may need stays well below the
	// window.
	passBlocks = 64
)

// progress is a Decoder's memory for files that are collected.
type progress struct {
	coefs []int16 // of the whole image: see surface
	// by block: bit k is set where coefficient k in zigzag order, but the first, is not
	// zero
	masks   []uint64
	parts   [4]surface  // by component
	missing [4][64]int8 // by component, bits of each coefficient that no scan had: all for all
	before  [4][10]int8 // the same of the first coefficients, without the component's last scan
	scans   int
	dcs     []int16 // for smooth
	good    int     // lenient: the last row of MCUs that the last scan had data for
	latched [4]bool // components whose quantization table is known
	tables  [4]scanTable
	emptied int // blocks that still belong to the run of blocks that end at once
	visits  int // blocks of all scans so far

	arithmetic arithmetic
}

// A surface is a component's blocks: rows of pairs of blocks, as the kernel wants them.
type surface struct {
	pairs        int // where they start among those of all, and
	row          int // those of a row
	masks        int // where its masks start, two for each pair
	across, down int // blocks that have samples of the image
	rows         int // blocks down that the region needs
}

// all is the value of missing before a scan.
const all = -1

// band reads what follows the components in SOS.
func (p *scanSpec) band(b []byte) error {
	p.first, p.last, p.high, p.low = uint(b[0]), uint(b[1]), uint(b[2]>>4), uint(b[2]&15)
	// The conditions of start_pass_phuff_decoder in libjpeg's jdphuff.c.
	switch {
	case p.first == 0 && p.last != 0, p.first > p.last, p.last > 63:
		return fmt.Errorf("%w: a scan of coefficients %d to %d", ErrCorrupt, p.first, p.last)
	case p.first > 0 && p.n > 1:
		return fmt.Errorf("%w: a scan of %d components' coefficients %d to %d", ErrCorrupt, p.n,
			p.first, p.last)
	case p.high != 0 && p.low != p.high-1, p.low > 13:
		return fmt.Errorf("%w: a scan of bits %d to %d", ErrCorrupt, p.high, p.low)
	}
	return nil
}

// collected decodes the scans and transforms what the region needs. The layout is
// arranged.
func (s *state) decodeBuffered(data []byte) error {
	if s.progress == nil {
		s.progress = new(progress)
	}
	err := s.scans(data)
	if (err == nil || errors.Is(err, ErrExtraneous)) && s.progressive && s.guesses() {
		if s.last.Y < s.down-1 { // rows below have a say, too
			s.last.Y = s.down - 1
			if err := s.parse(data); err != nil {
				return err
			}
			if err = s.scans(data); err != nil && !errors.Is(err, ErrExtraneous) {
				return err
			}
		}
		s.smooth()
	}
	s.transformAll()
	return err
}

// scans decodes all scans.
func (s *state) scans(data []byte) error {
	p := s.progress
	p.arrange(&s.layout, &s.header)
	clear(s.factor[:])
	onePass := s.onePass
	if s.lenient.on {
		onePass = s.mendPass
	}
	var soft error // the image is whole nevertheless
	for {
		if p.scans++; p.scans > maxPasses {
			return fmt.Errorf("%w: more than %d scans", ErrCorrupt, maxPasses)
		}
		switch err := onePass(data); {
		case errors.Is(err, ErrExtraneous):
			soft = err
		case err != nil:
			return err
		}
		if !s.progressive && s.scanSpec.n == s.n {
			break // that was all
		}
		if !marked(data, s.at) && p.complete(s.n) {
			break // the end-of-image marker may be missing
		}
		mark, err := s.segments(data, s.at)
		if err != nil && !(s.lenient.on && errors.Is(err, ErrTruncated)) {
			return err
		}
		if err != nil || mark == markEOI {
			break
		}
	}
	for i := range s.n { // in a progressive file, that is no more than the last bits left out
		if p.missing[i][0] == all && !s.progressive && !s.lenient.on {
			return fmt.Errorf("%w: no scan has component %d", ErrTruncated, i)
		}
	}
	return soft
}

// arrange makes the memory ready for an image.
func (p *progress) arrange(l *layout, h *header) {
	pairs := 0
	for i := range l.parts[:l.components] {
		part := &l.parts[i]
		a := &p.parts[i]
		// one to spare: see zigzag
		a.pairs, a.masks, a.row = pairs, 2*pairs, ceil(l.across*part.h, 2)+1
		a.across, a.down = ceil(ceil(h.width*part.h, h.most.X), 8), ceil(ceil(h.height*part.v,
			h.most.Y), 8)
		a.rows = min(a.down, (l.last.Y+1)*part.v)
		pairs += a.row * l.down * part.v
		for k := range p.missing[i] {
			p.missing[i][k] = all
		}
	}
	p.coefs = fit(p.coefs, pairs*pairCoefs+blockReach, maxKept/2)
	p.masks = fit(p.masks, pairs*2, maxKept/8)
	p.visits, p.scans, p.good, p.latched, p.arithmetic.decisions = 0, 0, l.down, [4]bool{}, 0
}

// fit gives n zeros, in the memory of b unless that is too small, or of more than kept
// elements and much too large.
func fit[T any](b []T, n, kept int) []T {
	if cap(b) < n || cap(b) > kept && n < cap(b)/8 {
		return make([]T, n)
	}
	b = b[:n]
	clear(b)
	return b
}

// complete tells whether the scans had all bits of n components.
func (p *progress) complete(n int) bool {
	for i := range n {
		if p.missing[i] != [64]int8{} {
			return false
		}
	}
	return true
}

// extent gives the MCUs of the scan whose header was read, and the blocks of each. It
// counts them.
func (s *state) extent() (across, down, blocks int, err error) {
	p, q := s.progress, &s.scanSpec
	across, down = s.across, s.down
	for _, i := range q.comps[:q.n] {
		blocks += s.parts[i].h * s.parts[i].v
	}
	if q.n == 1 { // never interleaved: its blocks are the MCUs (T.81 A.2.2)
		a := &p.parts[q.comps[0]]
		across, down, blocks = a.across, a.down, 1
	}
	if p.visits += across * down * blocks; p.visits > maxVisits+maxVisitsBlock*s.across*s.down*s.perMCU {
		return 0, 0, 0, fmt.Errorf("%w: %d blocks in all scans", ErrCorrupt, p.visits)
	}
	return across, down, blocks, nil
}

// onePass decodes the scan whose header was read, as far as the region needs.
func (s *state) onePass(data []byte) error {
	p, q := s.progress, &s.scanSpec
	if err := s.begin(data); err != nil {
		return err
	}
	across, down, blocks, err := s.extent()
	if err != nil {
		return err
	}
	rows := s.last.Y + 1
	if q.n == 1 {
		rows = p.parts[q.comps[0]].rows
	}
	restarts, left := 0, s.interval
	for y := range rows {
		for x, n := 0, 0; x < across; x += n {
			n = min(passBlocks/blocks, across-x)
			if s.interval > 0 {
				if left == 0 {
					if err := s.restart(restarts); err != nil {
						return err
					}
					restarts, left, p.emptied = restarts+1, s.interval, 0
				}
				n = min(n, left)
			}
			left -= n
			if s.arithmetic {
				if err := s.decided(x, y, n); err != nil {
					return err
				}
				continue
			}
			s.need(uint(n*blocks) * maxBlockBytes)
			if !s.units(x, y, n) || s.end && s.left() < 0 {
				return s.damage()
			}
		}
	}
	if rows == down {
		return s.finish()
	}
	return nil
}

// begin makes ready for the scan whose header was read.
func (s *state) begin(data []byte) error {
	p, q := s.progress, &s.scanSpec
	for _, i := range q.comps[:q.n] {
		c := &s.comps[i]
		if !p.latched[i] { // at its first scan, as latch_quant_tables of libjpeg's jdinput.c does
			if !s.hasQuant[c.quant] {
				return fmt.Errorf("%w: quantization table %d is missing", ErrCorrupt, c.quant)
			}
			s.quantize(int(i))
			p.latched[i] = true
		}
		// as start_pass of jdphuff.c does
		for k := min(q.first, 1); k < uint(len(p.before[i])); k++ {
			if p.before[i][k] = 0; p.scans > 1 {
				p.before[i][k] = p.missing[i][k]
			}
		}
		for k := q.first; k <= q.last; k++ {
			if !s.progressive && p.missing[i][k] != all {
				return fmt.Errorf("%w: two scans of one component", ErrCorrupt)
			}
			p.missing[i][k] = int8(q.low)
		}
		if !s.progressive || s.arithmetic {
			continue
		}
		class, number := 0, c.dc
		if q.first > 0 {
			class, number = 1, c.ac
		} else if q.high > 0 {
			continue // needs no table
		}
		spec := &s.huff[class][number]
		if spec.n == 0 {
			return fmt.Errorf("%w: a Huffman table is missing", ErrCorrupt)
		}
		var err error
		if class == 0 {
			err = s.dc[number].build(spec)
		} else {
			err = p.tables[number].build(spec)
		}
		if err != nil {
			return err
		}
	}
	if !s.progressive && !s.arithmetic {
		if err := s.tables(); err != nil {
			return err
		}
	}
	s.stream.start(data, s.entropyStart)
	s.resetDC()
	p.emptied = 0
	return nil
}

// units decodes n MCUs of a scan from the one at x, y on.
func (s *state) units(x, y, n int) (ok bool) {
	p, q := s.progress, &s.scanSpec
	if q.n == 1 {
		i := q.comps[0]
		a := &p.parts[i]
		row := y * a.row
		coefs := p.coefs[(a.pairs+row)*pairCoefs:]
		switch {
		case s.arithmetic:
			return s.decidedBlocks(int(i), coefs, x, n)
		case s.lenient.on:
			return s.mendBlocks(int(i), coefs, x, n)
		case !s.progressive:
			return s.wholeBlocks(int(i), coefs, x, n)
		case q.first == 0:
			return s.dcBlocks(int(i), coefs, x, n)
		case q.high == 0:
			return s.stream.acFirst(p, &p.tables[s.comps[i].ac], q, coefs, p.masks[a.masks+2*row:],
				x, n)
		}
		return s.stream.acRefine(p, &p.tables[s.comps[i].ac], q, coefs, p.masks[a.masks+2*row:], x,
			n)
	}
	blocks := s.dcBlocks
	switch {
	case s.arithmetic:
		blocks = s.decidedBlocks
	case s.lenient.on:
		blocks = s.mendBlocks
	case !s.progressive:
		blocks = s.wholeBlocks
	}
	for m := x; m < x+n; m++ {
		for _, i := range q.comps[:q.n] {
			a, part := &p.parts[i], &s.parts[i]
			for v := range part.v {
				if !blocks(int(i), p.coefs[(a.pairs+(y*part.v+v)*a.row)*pairCoefs:], m*part.h,
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
func (s *state) wholeBlocks(component int, row []int16, x, n int) (ok bool) {
	s.one[0].component = uint16(component)
	for ; n > 0; x, n = x+1, n-1 {
		if !s.decode(s.one[:], &s.coders, row[blockAt(x):]) {
			return false
		}
	}
	return true
}

// transformAll makes the samples that the region needs.
func (s *state) transformAll() {
	for i := range s.parts[:s.components] {
		part, a := &s.parts[i], &s.progress.parts[i]
		from := part.want.Min.X &^ 1
		for y := part.want.Min.Y; y < part.want.Max.Y; y++ {
			r := &s.runs[0]
			r.dst, r.stride = cInt64(part.start+8*y*part.stride+8*from), cInt64(part.stride)
			r.pair, r.n = cInt32(a.pairs+y*a.row+from/2), cInt32(ceil(part.want.Max.X-from, 2))
			r.quant = cInt64(i)
			transform(s.progress.coefs, &s.factor, s.planes, s.runs[:1], false)
		}
	}
}
