package jpeg

import "fmt"

// The statistical models of arithmetic coding: F.1.4 and F.2.4 for sequential files,
// G.1.3 and G.2.4 for progressive ones.

// The number of decisions must be limited, as 2^15 of them may take no more than a bit.
// A block of a sequential file has at most 31 for its DC coefficient and 32 for each
// other one. All scans of a progressive file together need no more, except for those of
// empty blocks in each scan: hence the free ones.
const (
	maxDecisionsPerBlock = 31 + 63*32
	freeDecisions        = freeBlockVisits
)

// decodeMCUsArithmetic decodes n MCUs of the current scan from (x, y) on. Missing data
// are zeros, which is valid if a marker follows. If none does, or the zeros are
// invalid, the file is truncated.
func (s *state) decodeMCUsArithmetic(x, y, n int) error {
	ok := s.decodeMCUs(x, y, n)
	if err := s.checkDecisions(); err != nil {
		return err
	}
	if ok && !s.in.ended {
		return nil
	}
	marker, _, marked := nextMarker(s.in.data, s.in.next)
	switch {
	case ok && marked:
		return nil
	case !s.in.ended:
		return fmt.Errorf("%w: no such code, or a block of too many coefficients", ErrCorrupt)
	case marked && marker != markerEOI:
		return fmt.Errorf("%w: marker %#x comes too early", ErrCorrupt, marker)
	}
	return ErrTruncated
}

// checkDecisions fails after more decisions than a valid file can have.
func (s *state) checkDecisions() error {
	l := &s.layout
	limit := freeDecisions + maxDecisionsPerBlock*l.mcusX*l.mcusY*l.blocksPerMCU
	if s.buf.arithmetic.decisions > limit {
		return fmt.Errorf("%w: more than %d decisions", ErrCorrupt, limit)
	}
	return nil
}

// arithmeticBlocks decodes n blocks of the current scan from block x of a row on.
func (s *state) arithmeticBlocks(component int, row []int16, x, n int) (ok bool) {
	a, scan, c := &s.buf.arithmetic, &s.hdr.scan, &s.hdr.comps[component]
	for end := x + n; x < end; x++ {
		out := (*[blockReach]int16)(row[blockOffset(x):])
		ok = true
		switch {
		case scan.firstCoef > 0:
		case scan.ah > 0:
			out[0] |= int16(a.decode(&a.evenBin)) << scan.al
		default:
			lower, upper := s.hdr.dcLower[c.dcTable], s.hdr.dcUpper[c.dcTable]
			if ok = a.decodeDC(component, c.dcTable, lower, upper); ok {
				out[0] = int16(a.dcPred[component] << scan.al)
			}
		}
		switch {
		case !ok || scan.lastCoef == 0:
		case scan.ah > 0:
			ok = a.acRefine(&a.ac[c.acTable], scan, out)
		default:
			ok = a.acFirst(&a.ac[c.acTable], scan, uint(s.hdr.acKx[c.acTable]), out)
		}
		if !ok {
			return false
		}
	}
	return true
}

// decodeDC decodes a DC difference and adds it to dcPred: F.1.4.1 and F.1.4.4.1. lower
// and upper are the bounds L and U of small differences.
func (a *arithmeticDecoder) decodeDC(component int, table, lower, upper uint8) (ok bool) {
	bins := &a.dc[table]
	context := a.dcContext[component]
	a.dcContext[component] = 0
	if a.decode(&bins[context]) == 0 {
		return true
	}
	negative := a.decode(&bins[context+1])
	magnitude := int32(1)
	if a.decode(&bins[int(context)+2+negative]) == 1 {
		if magnitude, ok = a.decodeMagnitude(1, bins[20:]); !ok {
			return false
		}
	}
	switch {
	case magnitude <= 1<<lower>>1:
	case magnitude <= 1<<upper:
		a.dcContext[component] = uint8(4 + 4*negative)
	default:
		a.dcContext[component] = uint8(12 + 4*negative)
	}
	a.dcPred[component] += signed(magnitude, negative)
	return true
}

// decodeMagnitude decodes a magnitude greater than from, a power of two: figures F.23
// and F.24. bins are X, and 14 further on M, of table F.4 or F.5.
func (a *arithmeticDecoder) decodeMagnitude(from int32, bins []bin) (magnitude int32, ok bool) {
	i := 0
	for ; a.decode(&bins[i]) == 1; i++ {
		if from <<= 1; from == 1<<15 { // as in libjpeg; no coefficient has more bits
			return 0, false
		}
	}
	magnitude = from
	for from >>= 1; from > 0; from >>= 1 {
		if a.decode(&bins[i+14]) == 1 {
			magnitude |= from
		}
	}
	return magnitude + 1, true
}

func signed(magnitude int32, negative int) int32 {
	if negative == 1 {
		return -magnitude
	}
	return magnitude
}

// acFirst decodes the coefficients of a band without the low bits that the scan leaves
// out: F.1.4.2, F.1.4.4.2 and G.1.3.2. Each coefficient has three bins: whether the
// block ends before it, whether it is zero, and its magnitude. The bins of larger
// magnitudes depend on whether its index is above kx.
func (a *arithmeticDecoder) acFirst(bins *[acBins]bin, scan *scanHeader, kx uint,
	out *[blockReach]int16) (ok bool) {
	for k := max(scan.firstCoef, 1); k <= scan.lastCoef; k++ {
		if a.decode(&bins[3*k-3]) == 1 {
			break
		}
		for a.decode(&bins[3*k-2]) == 0 {
			if k++; k > scan.lastCoef {
				return false
			}
		}
		negative := a.decode(&a.evenBin)
		magnitude := int32(1)
		if b := &bins[3*k-1]; a.decode(b) == 1 {
			if magnitude = 2; a.decode(b) == 1 {
				larger := bins[189:217]
				if k > kx {
					larger = bins[217:]
				}
				if magnitude, ok = a.decodeMagnitude(2, larger); !ok {
					return false
				}
			}
		}
		out[zigzagIndex[k]] = int16(signed(magnitude, negative) << scan.al)
	}
	return true
}

// acRefine decodes one more bit of the coefficients of a band: G.1.3.3. The block
// cannot end before its last nonzero coefficient.
func (a *arithmeticDecoder) acRefine(bins *[acBins]bin, scan *scanHeader,
	out *[blockReach]int16) (ok bool) {
	lastNonzero := scan.lastCoef
	for lastNonzero > 0 && out[zigzagIndex[lastNonzero]] == 0 {
		lastNonzero--
	}
	for k := scan.firstCoef; k <= scan.lastCoef; k++ {
		if k > lastNonzero && a.decode(&bins[3*k-3]) == 1 {
			break
		}
		for out[zigzagIndex[k]] == 0 && a.decode(&bins[3*k-2]) == 0 {
			if k++; k > scan.lastCoef {
				return false
			}
		}
		switch c := &out[zigzagIndex[k]]; {
		case *c == 0:
			*c = int16(signed(1, a.decode(&a.evenBin)) << scan.al)
		case a.decode(&bins[3*k-1]) == 1: // away from zero
			*c += (*c>>15 | 1) << scan.al
		}
	}
	return true
}
