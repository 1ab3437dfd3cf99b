package jpeg

import (
	"bytes"
	"encoding/binary"
)

const (
	windowSize = 1 << 16
	windowLead = 16 // bytes before the read position that stay readable
	// maxBlockBytes is the maximum size of a block: 64 codes of 16 bits with 15 more
	// bits each. The window holds maxChunkBlocks blocks.
	maxBlockBytes = 64 * 31 / 8
)

// A stream reads the entropy-coded data of one interval between markers without the
// byte stuffing. It reads through a window that is filled between chunks of blocks, so
// that the loop over the blocks need not check the position.
type stream struct {
	data  []byte
	next  int  // offset of the first byte of data that is not in the window
	ended bool // data[next:] starts with a marker, or is empty

	// The top 63-used bits of bits come next, followed by window[pos:filled]. The bits
	// below them are zeros, or the beginning of window[pos:].
	bits   uint64
	used   uint
	pos    uint
	filled uint
	window [windowSize + 8]byte
	// A copy of the variable: see the comment of state.
	zigzagIndex [257]uint8
}

// startInterval begins an interval at data[at].
func (s *stream) startInterval(at int) {
	s.next, s.ended = at, false
	s.bits, s.used, s.pos, s.filled = 0, 63, windowLead, windowLead
}

// fill makes n bytes readable, or the rest of the interval. The window is arbitrary
// beyond that.
func (s *stream) fill(n uint) {
	n += 8 // bytes that a refill of bits reads ahead
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

// compact drops the bytes that have been read.
func (s *stream) compact() {
	copy(s.window[:], s.window[s.pos-windowLead:s.filled])
	s.filled -= s.pos - windowLead
	s.pos = windowLead
}

// skipStuffing moves past an FF byte at data[next] and the zero that marks it as data.
// ok is false if it is the start of a marker, or the data end: the interval has ended
// then.
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

// bitsLeft returns the number of unread bits. It is negative if bits beyond the end
// were read, and only valid once the end of the interval is in the window.
func (s *stream) bitsLeft() int {
	return 63 - int(s.used) + 8*(int(s.filled)-int(s.pos))
}

// peek64 returns 8 bytes of the window.
func (s *stream) peek64(pos uint) uint64 {
	return binary.BigEndian.Uint64(s.window[pos&(windowSize-1):])
}

// refill makes at least 56 bits valid.
func (s *stream) refill() {
	s.bits |= s.peek64(s.pos) >> (^s.used & 63)
	s.pos += s.used >> 3
	s.used &= 7
}

// consume moves past n bits.
func (s *stream) consume(n uint) {
	s.bits <<= n
	s.used += n
}
