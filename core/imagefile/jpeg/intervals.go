package jpeg

import "fmt"

// resetDC resets the DC predictors, and with arithmetic coding all statistics, at the
// start of an interval: F.2.1.3.1.
func (s *state) resetDC() {
	for i := range s.comps {
		s.comps[i].dcPred = 0
	}
	if s.hdr.arithmetic {
		s.buf.arithmetic.reset(&s.in)
	}
}

// nextInterval passes restart marker number n, counted from 0: F.2.1.3.1.
func (s *state) nextInterval(n int) error {
	if s.hasLeftovers() {
		return fmt.Errorf("%w: bytes are left over before a restart marker", ErrCorrupt)
	}
	marker, after, ok := nextMarker(s.in.data, s.in.next)
	if !ok || marker == markerEOI {
		return ErrTruncated
	}
	if marker != markerRST0+byte(n&7) {
		return fmt.Errorf("%w: marker %#x for restart %d", ErrCorrupt, marker, n)
	}
	s.in.startInterval(after)
	s.resetDC()
	return nil
}

// hasLeftovers reports whether there are unread bytes in an interval. After arithmetic
// coding zeros do not count: an encoder may omit them, but need not.
func (s *state) hasLeftovers() bool {
	if !s.hdr.arithmetic {
		s.in.fill(1)
		return !s.in.ended || s.in.bitsLeft() >= 8
	}
	for !s.in.ended {
		if s.in.readByte() != 0 {
			return true
		}
	}
	return false
}

// entropyError says why blocks could not be decoded.
func (s *state) entropyError() error {
	if s.in.ended && s.in.bitsLeft() < 32 { // a code and its value have at most 31 bits
		marker, _, ok := nextMarker(s.in.data, s.in.next)
		if !ok || marker == markerEOI {
			return ErrTruncated
		}
		return fmt.Errorf("%w: marker %#x comes too early", ErrCorrupt, marker)
	}
	return fmt.Errorf("%w: no such code, or a block of too many coefficients", ErrCorrupt)
}

// checkEnd checks what follows the last block of a scan. The end-of-image marker may be
// missing; T.81 allows other segments before it. Some cameras and scanners write a
// restart marker there, which is skipped.
func (s *state) checkEnd() error {
	for {
		if s.hasLeftovers() {
			return fmt.Errorf("%w: %w", ErrCorrupt, ErrExtraneous)
		}
		marker, after, ok := nextMarker(s.in.data, s.in.next)
		switch {
		case ok && isRestart(marker):
			s.in.startInterval(after)
			continue
		case ok && marker == markerSOS && !s.hdr.progressive && s.hdr.scan.n == s.hdr.nComps:
			return fmt.Errorf("%w: marker %#x after the last block", ErrCorrupt, marker)
		}
		return nil
	}
}
