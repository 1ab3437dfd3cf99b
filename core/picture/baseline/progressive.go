package baseline

import (
	"errors"
	"fmt"
)

// Progressive files (T.81 annex G) have several scans, each with some bits of some coefficients: all coefficients are collected first, and
// the blocks that the region needs transformed at the end.
//
// What the scans leave out is zero. This is where libjpeg differs: while bits of the first AC coefficients are missing, it guesses them from
// the blocks around ("block smoothing"). As in libjpeg, scans may repeat bits or refine what no scan began.

// A pass is the header of a scan of a progressive frame.
type pass struct {
	comps       [3]uint8 // that it has, in the frame's order
	n           int
	first, last uint // band of coefficients, in zigzag order
	high, low   uint // bits that scans before it left (0: all), and that it leaves itself
}

const (
	// maxPasses is the limit of libjpeg-turbo's fuzz targets; encoders write some ten.
	maxPasses = 500
	// A scan of empty blocks takes a few bytes only. So many blocks may be passed over, and every block of the picture so many times more.
	maxVisits      = 1 << 25
	maxVisitsBlock = 32
	// Blocks are read so many at once: what one call may need stays well below the window.
	passBlocks = 64
)

// progress is a Decoder's memory for progressive files.
type progress struct {
	coefs   []int16     // of the whole picture: see surface
	masks   []uint64    // by block: bit k is set where coefficient k in zigzag order, but the first, is not zero
	parts   [3]surface  // by component
	missing [3][64]byte // bits of each coefficient that no scan had: 255 for all
	latched [3]bool     // components whose quantisation table is known
	tables  [4]passTable
	emptied int // blocks that still belong to the run of blocks that end at once
	visits  int // blocks of all scans so far
}

// A surface is a component's blocks: rows of pairs of blocks, as the kernel wants them.
type surface struct {
	pairs        int // where they start among those of all, and
	row          int // those of a row
	masks        int // where its masks start, two for each pair
	across, down int // blocks that have samples of the picture
	rows         int // blocks down that the region needs
}

// all is the value of missing before a scan.
const all = 255

// progressiveScan reads what is after the length of SOS: T.81 B.2.3 and G.1.1.1.
func (h *header) progressiveScan(b []byte) error {
	p := pass{n: int(b[0])}
	if p.n < 1 || p.n > h.n {
		return malformed(markSOS)
	}
	for i, c := 0, 0; i < p.n; c++ {
		if c == h.n {
			return fmt.Errorf("%w: components of a scan in another order", ErrUnsupported)
		}
		comp := &h.comps[c]
		if b[1+2*i] != comp.id {
			continue
		}
		if comp.dc, comp.ac = b[2+2*i]>>4, b[2+2*i]&15; comp.dc > 3 || comp.ac > 3 {
			return malformed(markSOS)
		}
		p.comps[i] = uint8(c)
		i++
	}
	b = b[1+2*p.n:]
	p.first, p.last, p.high, p.low = uint(b[0]), uint(b[1]), uint(b[2]>>4), uint(b[2]&15)
	// The conditions of start_pass_phuff_decoder in libjpeg's jdphuff.c.
	switch {
	case p.first == 0 && p.last != 0, p.first > p.last, p.last > 63:
		return fmt.Errorf("%w: a scan of coefficients %d to %d", ErrCorrupt, p.first, p.last)
	case p.first > 0 && p.n > 1:
		return fmt.Errorf("%w: a scan of %d components' coefficients %d to %d", ErrCorrupt, p.n, p.first, p.last)
	case p.high != 0 && p.low != p.high-1, p.low > 13:
		return fmt.Errorf("%w: a scan of bits %d to %d", ErrCorrupt, p.high, p.low)
	}
	h.pass = p
	return nil
}

// progressivePicture decodes the scans and transforms what the region needs. The layout is arranged.
func (s *state) progressivePicture(data []byte) error {
	if s.progress == nil {
		s.progress = new(progress)
	}
	p := s.progress
	p.arrange(&s.layout, &s.header)
	clear(s.factor[:])
	var soft error // the picture is whole nevertheless
	for n := 1; ; n++ {
		if n > maxPasses {
			return fmt.Errorf("%w: more than %d scans", ErrCorrupt, maxPasses)
		}
		switch err := s.onePass(data); {
		case errors.Is(err, ErrExtraneous):
			soft = err
		case err != nil:
			return err
		}
		if _, _, ok := next(data, s.at); !ok && p.complete(s.n) {
			break // the end-of-image marker may be missing
		}
		mark, err := s.segments(data, s.at)
		if err != nil {
			return err
		}
		if mark == markEOI {
			break
		}
	}
	s.transformAll()
	return soft
}

// arrange makes the memory ready for a picture.
func (p *progress) arrange(l *layout, h *header) {
	pairs := 0
	for i := range l.parts[:l.components] {
		part, luma := &l.parts[i], h.comps[0]
		a := &p.parts[i]
		a.pairs, a.masks, a.row = pairs, 2*pairs, ceil(l.across*part.h, 2)
		a.across, a.down = ceil(ceil(h.width*part.h, luma.h), 8), ceil(ceil(h.height*part.v, luma.v), 8)
		a.rows = part.want.Max.Y
		pairs += a.row * l.down * part.v
		for k := range p.missing[i] {
			p.missing[i][k] = all
		}
	}
	p.coefs = fit(p.coefs, pairs*pairCoefs+blockReach, maxKept/2)
	p.masks = fit(p.masks, pairs*2, maxKept/8)
	p.visits, p.latched = 0, [3]bool{}
}

// fit gives n zeros, in the memory of b unless that is too small, or of more than kept elements and much too large.
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
	return p.missing == [3][64]byte{} || n == 1 && p.missing[0] == [64]byte{}
}

// onePass decodes the scan whose header was read, as far as the region needs.
func (s *state) onePass(data []byte) error {
	p, q := s.progress, &s.pass
	if err := s.begin(data); err != nil {
		return err
	}
	// A scan of one component is never interleaved: its blocks are the MCUs (T.81 A.2.2).
	across, down, rows, blocks := s.across, s.down, s.last.Y+1, 0
	for _, i := range q.comps[:q.n] {
		blocks += s.parts[i].h * s.parts[i].v
	}
	if q.n == 1 {
		a := &p.parts[q.comps[0]]
		across, down, rows, blocks = a.across, a.down, a.rows, 1
	}
	if p.visits += across * down * blocks; p.visits > maxVisits+maxVisitsBlock*s.across*s.down*s.perMCU {
		return fmt.Errorf("%w: %d blocks in all scans", ErrCorrupt, p.visits)
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
				left -= n
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
	p, q := s.progress, &s.pass
	for _, i := range q.comps[:q.n] {
		c := &s.comps[i]
		if !p.latched[i] { // at its first scan, as latch_quant_tables of libjpeg's jdinput.c does
			if !s.hasQuant[c.quant] {
				return fmt.Errorf("%w: quantisation table %d is missing", ErrCorrupt, c.quant)
			}
			s.quantise(int(i))
			p.latched[i] = true
		}
		for k := q.first; k <= q.last; k++ {
			p.missing[i][k] = byte(q.low)
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
	s.stream.start(data, s.body)
	s.unpredict()
	p.emptied = 0
	return nil
}

// units decodes n MCUs of a scan from the one at x, y on.
func (s *state) units(x, y, n int) (ok bool) {
	p, q := s.progress, &s.pass
	if q.n == 1 {
		i := q.comps[0]
		a := &p.parts[i]
		row := y * a.row
		coefs := p.coefs[(a.pairs+row)*pairCoefs:]
		switch {
		case q.first == 0:
			return s.dcBlocks(int(i), coefs, x, n)
		case q.high == 0:
			return s.stream.acFirst(p, &p.tables[s.comps[i].ac], q, coefs, p.masks[a.masks+2*row:], x, n)
		}
		return s.stream.acRefine(p, &p.tables[s.comps[i].ac], q, coefs, p.masks[a.masks+2*row:], x, n)
	}
	for m := x; m < x+n; m++ {
		for _, i := range q.comps[:q.n] {
			a, part := &p.parts[i], &s.parts[i]
			for v := range part.v {
				if !s.dcBlocks(int(i), p.coefs[(a.pairs+(y*part.v+v)*a.row)*pairCoefs:], m*part.h, part.h) {
					return false
				}
			}
		}
	}
	return true
}

// blockAt gives where the coefficients of the block at x of a row start.
func blockAt(x int) int { return x>>1*pairCoefs + x&1*8 }

// dcBlocks reads n blocks' bits of the first coefficient: T.81 G.1.2.1.
func (s *state) dcBlocks(component int, row []int16, x, n int) (ok bool) {
	low := s.pass.low
	for ; n > 0; x, n = x+1, n-1 {
		out := &row[blockAt(x)]
		s.refill()
		if s.pass.high > 0 {
			*out |= int16(s.bits>>63) << low
			s.take(1)
			continue
		}
		t := &s.dc[s.comps[component].dc]
		e := uint(t.fast[s.bits>>(64-dcBits)])
		if e == 0 {
			if e = t.long(s.bits); e == 0 {
				return false
			}
		}
		size, total := e&15, e>>8
		c := &s.coders[component]
		c.predicted += int32(value(s.bits<<((total-size)&63), size))
		*out = int16(c.predicted << low)
		s.take(total)
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
			transform(s.progress.coefs, &s.factor, s.planes, s.runs[:1])
		}
	}
}
