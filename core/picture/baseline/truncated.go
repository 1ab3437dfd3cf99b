package baseline

// What libjpeg does where the data end before the picture does (jdhuff.c: fill_bit_buffer, decode_mcu): zeros follow until the MCU that
// has begun is full, and the MCUs behind it are left out. A code that there is none of counts as a zero.

const maxBlockBits = 8 * maxBlockBytes

// careful gives how many of n MCUs of so many blocks may be decoded at once: one where it may be the last.
func (s *state) careful(n, blocks int) int {
	left := s.left()
	if !s.end || left >= n*blocks*maxBlockBits {
		return n
	}
	if left < blocks*maxBlockBits {
		s.zeros(uint(blocks)*maxBlockBytes + 16)
	}
	return 1
}

// zeros puts n bytes of zeros behind the data.
func (s *stream) zeros(n uint) {
	if s.filled+n > uint(len(s.window)) {
		s.compact()
	}
	clear(s.window[s.filled:][:n])
	valid := min(63-int(s.used), max(s.left(), 0))
	s.bits &= ^uint64(0) << (64 - valid)
}

// drain leaves out the bits that are left. Zeros follow, once careful has put them there.
func (s *stream) drain() {
	s.bits, s.used, s.pos = 0, 63, s.filled+8
}

// ended tells whether what could not be decoded is the end of a file that is to be kept.
func (s *state) ended() bool {
	if !s.keep || !s.end || s.left() >= 32 {
		return false
	}
	mark, _, ok := next(s.data, s.at)
	return !ok || mark == markEOI
}

// decode is stream.decode, which goes on behind a block in which the file ended.
func (s *state) decode(blocks []block, coefs []int16) (ok bool) {
	if !s.keep || !s.end {
		return s.stream.decode(blocks, &s.coders, coefs)
	}
	for i := range blocks {
		if s.stream.decode(blocks[i:i+1], &s.coders, coefs) {
			continue
		}
		if !s.ended() {
			return false
		}
		s.drain()
	}
	return true
}
