package jpeg

import (
	"bytes"
	"encoding/binary"
)

const (
	windowSize = 1 << 16
	windowLead = 16 // bytes before the reading position that stay readable
	// A block takes at most a code of 16 bits and 15 more for each of 64 coefficients.
	// The window has room for maxBlocks of them.
	maxBlockBytes = 64 * 31 / 8
)

// A stream is the entropy-coded data of one interval between markers, with the stuffing
// taken out. It is read through a window that is filled between chunks, so that the
// loop over the blocks needs no check of the position.
type stream struct {
	data  []byte
	next  int  // the next byte of data that is not in the window
	ended bool // a marker or the end of data stands at data[at:]

	// The top 63-used bits of bits come next, then those of window[pos:filled]. Below
	// them, bits has zeros or what window[pos:] starts with.
	bits        uint64
	used        uint
	pos         uint
	filled      uint
	window      [windowSize + 8]byte
	zigzagIndex [257]uint8 // a copy of the variable, here for the reason that state gives
}

// start begins an interval at data[at].
func (s *stream) startInterval(data []byte, at int) {
	s.data, s.next, s.ended = data, at, false
	s.bits, s.used, s.pos, s.filled = 0, 63, windowLead, windowLead
}

// need makes n bytes readable, or all that the interval has. What stands in the window
// behind them is arbitrary.
func (s *stream) fill(n uint) {
	n += 8 // a refill reads so many ahead
	if s.ended || s.filled-s.pos >= n {
		return
	}
	s.compact()
	for !s.ended && s.filled < windowSize {
		in := s.data[s.next:min(len(s.data), s.next+windowSize-int(s.filled))]
		i := bytes.IndexByte(in, 0xff)
		if i < 0 {
			i = len(in)
			s.ended = s.next+i == len(s.data)
		}
		s.filled += uint(copy(s.window[s.filled:], in[:i]))
		if s.next += i; i < len(in) && s.skipStuffing() {
			s.window[s.filled] = 0xff
			s.filled++
		}
	}
}

// compact drops what was read.
func (s *stream) compact() {
	copy(s.window[:], s.window[s.pos-windowLead:s.filled])
	s.filled -= s.pos - windowLead
	s.pos = windowLead
}

// stuffed goes on behind an FF byte of data, or finds the end.
func (s *stream) skipStuffing() (ok bool) {
	i := s.next + 1
	for i < len(s.data) && s.data[i] == 0xff { // fill bytes
		i++
	}
	if i == len(s.data) || s.data[i] != 0 {
		s.ended = true
		return false
	}
	s.next = i + 1
	return true
}

// left is the number of bits that are unread. It is negative after reading beyond the
// end, and means nothing before the end is in the window.
func (s *stream) bitsLeft() int {
	return 63 - int(s.used) + 8*(int(s.filled)-int(s.pos))
}

// word is the 8 bytes of the window at pos.
func (s *stream) peek64(pos uint) uint64 {
	return binary.BigEndian.Uint64(s.window[pos&(windowSize-1):])
}
