package jpeg

import "fmt"

// What the decisions of arithmetic coding mean: T.81 F.1.4 and F.2.4 for sequential
// files, G.1.3 and G.2.4 for progressive ones.

// maxDecisions is what a block of a sequential file may take at most: 31 of its first
// coefficient and 32 of each other. A progressive file has no need of more in all its
// scans, but for what each takes of an empty block: so many are free. A limit is
// needed, as 2^15 decisions may take no more than a bit.
const (
	maxDecisionsPerBlock = 31 + 63*32
	freeDecisions        = freeBlockVisits
)

// conditioning reads DAC: T.81 B.2.4.3.
func (h *header) processDAC(b []byte) error {
	for ; len(b) > 1; b = b[2:] {
		class, number, value := b[0]>>4, b[0]&15, b[1]
		switch {
		case class > 1 || number > 3 || class == 0 && value&15 > value>>4:
			return malformed(markerDAC)
		case class == 0:
			h.dcLower[number], h.dcUpper[number] = value&15, value>>4
		default:
			h.acKx[number] = value
		}
	}
	if len(b) > 0 {
		return malformed(markerDAC)
	}
	return nil
}

// unconditioned sets what holds without a DAC segment: T.81 F.1.4.4.1.4 and F.1.4.4.2.1.
func (h *header) resetConditioning() {
	h.dcLower, h.dcUpper, h.acKx = [4]uint8{}, [4]uint8{1, 1, 1, 1}, [4]uint8{5, 5, 5, 5}
}

// decided decodes n MCUs of a scan from the one at x, y on. Zeros behind the data are
// no fault while a marker follows them; where nothing does, or what the zeros say is
// nonsense, the file is cut.
func (s *state) decodeMCUsArithmetic(x, y, n int) error {
	ok := s.decodeMCUs(x, y, n)
	if err := s.checkDecisions(); err != nil {
		return err
	}
	if ok && !s.in.ended {
		return nil
	}
	mark, _, marked := nextMarker(s.in.data, s.in.next)
	switch {
	case ok && marked:
		return nil
	case !s.in.ended:
		return fmt.Errorf("%w: no such code, or a block of too many coefficients", ErrCorrupt)
	case marked && mark != markerEOI:
		return fmt.Errorf("%w: marker %#x comes too early", ErrCorrupt, mark)
	}
	return ErrTruncated
}

// undecided is an error where so many decisions were made that no file has need of.
func (s *state) checkDecisions() error {
	limit := freeDecisions + maxDecisionsPerBlock*s.layout.mcusX*s.layout.mcusY*s.layout.blocksPerMCU
	if s.buf.arithmetic.decisions > limit {
		return fmt.Errorf("%w: more than %d decisions", ErrCorrupt, limit)
	}
	return nil
}

// decidedBlocks reads n blocks from that at x of a row on.
func (s *state) arithmeticBlocks(component int, row []int16, x, n int) (ok bool) {
	a, q, c := &s.buf.arithmetic, &s.hdr.scan, &s.hdr.comps[component]
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockAt(x):])
		ok = true
		switch {
		case q.firstCoef > 0:
		case q.ah > 0:
			out[0] |= int16(a.decode(&a.evenBin)) << q.al
		default:
			if ok = a.decodeDC(component, c.dcTable, s.hdr.dcLower[c.dcTable], s.hdr.dcUpper[c.dcTable]); ok {
				out[0] = int16(a.dcPred[component] << q.al)
			}
		}
		switch {
		case !ok || q.lastCoef == 0:
		case q.ah > 0:
			ok = a.acRefine(&a.ac[c.acTable], q, out)
		default:
			ok = a.acFirst(&a.ac[c.acTable], q, uint(s.hdr.acKx[c.acTable]), out)
		}
		if !ok {
			return false
		}
	}
	return true
}

// difference adds that of the DC coefficient to predicted: T.81 F.1.4.1 and F.1.4.4.1,
// with the bounds of small differences.
func (a *arithmeticDecoder) decodeDC(component int, table, lower, upper uint8) (ok bool) {
	bins := &a.dc[table]
	at := a.dcContext[component]
	a.dcContext[component] = 0
	if a.decode(&bins[at]) == 0 {
		return true
	}
	negative := a.decode(&bins[at+1])
	size := int32(1)
	if a.decode(&bins[int(at)+2+negative]) == 1 {
		if size, ok = a.decodeMagnitude(1, bins[20:]); !ok {
			return false
		}
	}
	switch {
	case size <= 1<<lower>>1:
	case size <= 1<<upper:
		a.dcContext[component] = uint8(4 + 4*negative)
	default:
		a.dcContext[component] = uint8(12 + 4*negative)
	}
	a.dcPred[component] += signed(size, negative)
	return true
}

// size decodes a magnitude that is above from, a power of two: T.81 figures F.23 and
// F.24. bins are X and, 14 further on, M of table F.4 or F.5.
func (a *arithmeticDecoder) decodeMagnitude(from int32, bins []bin) (size int32, ok bool) {
	i := 0
	for ; a.decode(&bins[i]) == 1; i++ {
		if from <<= 1; from == 1<<15 { // as in libjpeg; no coefficient has more bits
			return 0, false
		}
	}
	size = from
	for from >>= 1; from > 0; from >>= 1 {
		if a.decode(&bins[i+14]) == 1 {
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
func (a *arithmeticDecoder) acFirst(bins *[acBins]bin, q *scanHeader, low uint,
	out *[blockReach]int16) (ok bool) {
	for k := max(q.firstCoef, 1); k <= q.lastCoef; k++ {
		if a.decode(&bins[3*k-3]) == 1 {
			break
		}
		for a.decode(&bins[3*k-2]) == 0 {
			if k++; k > q.lastCoef {
				return false
			}
		}
		negative := a.decode(&a.evenBin)
		size := int32(1)
		if b := &bins[3*k-1]; a.decode(b) == 1 {
			if size = 2; a.decode(b) == 1 {
				larger := bins[189:217]
				if k > low {
					larger = bins[217:]
				}
				if size, ok = a.decodeMagnitude(2, larger); !ok {
					return false
				}
			}
		}
		out[zigzagIndex[k]] = int16(signed(size, negative) << q.al)
	}
	return true
}

// acRefine reads one more bit of the coefficients of a band: T.81 G.1.3.3. A block that
// ended further on before cannot end here.
func (a *arithmeticDecoder) acRefine(bins *[acBins]bin, q *scanHeader, out *[blockReach]int16) (ok bool) {
	known := q.lastCoef
	for known > 0 && out[zigzagIndex[known]] == 0 {
		known--
	}
	for k := q.firstCoef; k <= q.lastCoef; k++ {
		if k > known && a.decode(&bins[3*k-3]) == 1 {
			break
		}
		for out[zigzagIndex[k]] == 0 && a.decode(&bins[3*k-2]) == 0 {
			if k++; k > q.lastCoef {
				return false
			}
		}
		switch c := &out[zigzagIndex[k]]; {
		case *c == 0:
			*c = int16(signed(1, a.decode(&a.evenBin)) << q.al)
		case a.decode(&bins[3*k-1]) == 1: // away from zero
			*c += (*c>>15 | 1) << q.al
		}
	}
	return true
}
