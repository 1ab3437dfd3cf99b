package jpeg

import "fmt"

// What the decisions of arithmetic coding mean: T.81 F.1.4 and F.2.4 for sequential
// files, G.1.3 and G.2.4 for progressive ones.

// maxDecisions is what a block of a sequential file may take at most: 31 of its first
// coefficient and 32 of each other. A progressive file has no need of more in all its
// scans, but for what each takes of an empty block: so many are free. A limit is
// needed, as 2^15 decisions may take no more than a bit.
const (
	maxDecisions     = 31 + 63*32
	maxDecisionsFree = maxVisits
)

// conditioning reads DAC: T.81 B.2.4.3.
func (h *header) conditioning(b []byte) error {
	for ; len(b) > 1; b = b[2:] {
		class, number, value := b[0]>>4, b[0]&15, b[1]
		switch {
		case class > 1 || number > 3 || class == 0 && value&15 > value>>4:
			return malformed(markDAC)
		case class == 0:
			h.dcLower[number], h.dcUpper[number] = value&15, value>>4
		default:
			h.acLow[number] = value
		}
	}
	if len(b) > 0 {
		return malformed(markDAC)
	}
	return nil
}

// unconditioned sets what holds without a DAC segment: T.81 F.1.4.4.1.4 and F.1.4.4.2.1.
func (h *header) unconditioned() {
	h.dcLower, h.dcUpper, h.acLow = [4]uint8{}, [4]uint8{1, 1, 1, 1}, [4]uint8{5, 5, 5, 5}
}

// decided decodes n MCUs of a scan from the one at x, y on. Zeros behind the data are
// no fault while a marker follows them; where nothing does, or what the zeros say is
// nonsense, the file is cut.
func (s *state) decided(x, y, n int) error {
	ok := s.units(x, y, n)
	if err := s.undecided(); err != nil {
		return err
	}
	if ok && !s.end {
		return nil
	}
	mark, _, marked := next(s.data, s.at)
	switch {
	case ok && marked:
		return nil
	case !s.end:
		return fmt.Errorf("%w: no such code, or a block of too many coefficients", ErrCorrupt)
	case marked && mark != markEOI:
		return fmt.Errorf("%w: marker %#x comes too early", ErrCorrupt, mark)
	}
	return ErrTruncated
}

// undecided is an error where so many decisions were made that no file has need of.
func (s *state) undecided() error {
	limit := maxDecisionsFree + maxDecisions*s.across*s.down*s.perMCU
	if s.progress.arithmetic.decisions > limit {
		return fmt.Errorf("%w: more than %d decisions", ErrCorrupt, limit)
	}
	return nil
}

// decidedBlocks reads n blocks from that at x of a row on.
func (s *state) decidedBlocks(component int, row []int16, x, n int) (ok bool) {
	a, q, c := &s.progress.arithmetic, &s.scanSpec, &s.comps[component]
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockAt(x):])
		ok = true
		switch {
		case q.first > 0:
		case q.high > 0:
			out[0] |= int16(a.decision(&a.even)) << q.low
		default:
			if ok = a.difference(component, c.dc, s.dcLower[c.dc], s.dcUpper[c.dc]); ok {
				out[0] = int16(a.predicted[component] << q.low)
			}
		}
		switch {
		case !ok || q.last == 0:
		case q.high > 0:
			ok = a.acRefine(&a.ac[c.ac], q, out)
		default:
			ok = a.acFirst(&a.ac[c.ac], q, uint(s.acLow[c.ac]), out)
		}
		if !ok {
			return false
		}
	}
	return true
}

// difference adds that of the DC coefficient to predicted: T.81 F.1.4.1 and F.1.4.4.1,
// with the bounds of small differences.
func (a *arithmetic) difference(component int, table, lower, upper uint8) (ok bool) {
	bins := &a.dc[table]
	at := a.context[component]
	a.context[component] = 0
	if a.decision(&bins[at]) == 0 {
		return true
	}
	negative := a.decision(&bins[at+1])
	size := int32(1)
	if a.decision(&bins[int(at)+2+negative]) == 1 {
		if size, ok = a.size(1, bins[20:]); !ok {
			return false
		}
	}
	switch {
	case size <= 1<<lower>>1:
	case size <= 1<<upper:
		a.context[component] = uint8(4 + 4*negative)
	default:
		a.context[component] = uint8(12 + 4*negative)
	}
	a.predicted[component] += signed(size, negative)
	return true
}

// size decodes a magnitude that is above from, a power of two: T.81 figures F.23 and
// F.24. bins are X and, 14 further on, M of table F.4 or F.5.
func (a *arithmetic) size(from int32, bins []bin) (size int32, ok bool) {
	i := 0
	for ; a.decision(&bins[i]) == 1; i++ {
		if from <<= 1; from == 1<<15 { // as in libjpeg; no coefficient has more bits
			return 0, false
		}
	}
	size = from
	for from >>= 1; from > 0; from >>= 1 {
		if a.decision(&bins[i+14]) == 1 {
			size |= from
		}
	}
	return size + 1, true
}

func signed(size int32, negative int) int32 {
	if negative == 1 {
		return -size
	}
	return size
}

// acFirst reads the coefficients of a band, but for the bits that q leaves out: T.81
// F.1.4.2, F.1.4.4.2 and G.1.3.2. Each has three bins: whether the block ends before
// it, whether it is zero, and its size. Those for larger sizes depend on whether it is
// beyond low.
func (a *arithmetic) acFirst(bins *[acBins]bin, q *scanSpec, low uint,
	out *[blockReach]int16) (ok bool) {
	for k := max(q.first, 1); k <= q.last; k++ {
		if a.decision(&bins[3*k-3]) == 1 {
			break
		}
		for a.decision(&bins[3*k-2]) == 0 {
			if k++; k > q.last {
				return false
			}
		}
		negative := a.decision(&a.even)
		size := int32(1)
		if b := &bins[3*k-1]; a.decision(b) == 1 {
			if size = 2; a.decision(b) == 1 {
				larger := bins[189:217]
				if k > low {
					larger = bins[217:]
				}
				if size, ok = a.size(2, larger); !ok {
					return false
				}
			}
		}
		out[zigzag[k]] = int16(signed(size, negative) << q.low)
	}
	return true
}

// acRefine reads one more bit of the coefficients of a band: T.81 G.1.3.3. A block that
// ended further on before cannot end here.
func (a *arithmetic) acRefine(bins *[acBins]bin, q *scanSpec, out *[blockReach]int16) (ok bool) {
	known := q.last
	for known > 0 && out[zigzag[known]] == 0 {
		known--
	}
	for k := q.first; k <= q.last; k++ {
		if k > known && a.decision(&bins[3*k-3]) == 1 {
			break
		}
		for out[zigzag[k]] == 0 && a.decision(&bins[3*k-2]) == 0 {
			if k++; k > q.last {
				return false
			}
		}
		switch c := &out[zigzag[k]]; {
		case *c == 0:
			*c = int16(signed(1, a.decision(&a.even)) << q.low)
		case a.decision(&bins[3*k-1]) == 1: // away from zero
			*c += (*c>>15 | 1) << q.low
		}
	}
	return true
}
