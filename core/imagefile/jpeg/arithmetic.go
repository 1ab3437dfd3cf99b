package jpeg

// The arithmetic decoder of D.2. What its decisions mean is in arithmetic_model.go.

// A bin is a statistics bin: an index in estimates, shifted left by one, and the more
// probable symbol in the lowest bit. The zero value is the initial state.
type bin uint8

// fixedBin is the bin of decisions with equal probabilities. Its row leads to itself,
// so it never changes.
const fixedBin bin = 113 << 1

// Bins per table: tables F.4 and F.5.
const (
	dcBins = 49
	acBins = 245
)

// arithmeticDecoder decodes an interval between markers. Zeros follow the end of its
// data: an encoder may omit them (D.1.8).
type arithmeticDecoder struct {
	in       *stream // read with readByte only
	code     uint32  // C of T.81: its upper 16 bits are below interval
	interval uint32  // A
	bitsLeft int     // CT: shifts until the next byte
	dc       [4][dcBins]bin
	ac       [4][acBins]bin
	evenBin  bin
	// By component: the first bin for the next difference, chosen by the sign and size
	// of the previous one, and the DC coefficient.
	dcContext [4]uint8
	dcPred    [4]int32
	// failed is for lenient decoding: a decision was invalid, and the rest of the
	// interval is skipped.
	failed    bool
	decisions int // in all scans
}

// reset begins an interval: F.1.4.4 and D.2.7.
func (a *arithmeticDecoder) reset(in *stream) {
	*a = arithmeticDecoder{in: in, evenBin: fixedBin, interval: 1 << 16, decisions: a.decisions}
	a.code = uint32(in.readByte()) << 24
	a.code |= uint32(in.readByte()) << 16
}

// readByte returns the next byte of the interval, without the stuffing. Beyond the end
// it returns 0, and ended is true.
func (s *stream) readByte() byte {
	if s.ended {
		return 0
	}
	if s.next == len(s.data) {
		s.ended = true
		return 0
	}
	b := s.data[s.next]
	switch {
	case b != 0xff:
		s.next++
	case !s.skipStuffing():
		return 0
	}
	return b
}

// decode decodes a decision, 0 or 1: figures D.14 to D.18. As in libjpeg, a byte is not
// read before a decision needs it.
func (a *arithmeticDecoder) decode(b *bin) int {
	a.decisions++
	for a.interval < 1<<15 {
		if a.bitsLeft == 0 {
			a.code |= uint32(a.in.readByte()) << 8
			a.bitsLeft = 8
		}
		a.interval <<= 1
		a.code <<= 1
		a.bitsLeft--
	}
	e := &estimates[*b>>1]
	qe := uint32(e.qe)
	mps := *b & 1
	a.interval -= qe
	var isMPS bool
	if a.code>>16 < a.interval {
		if a.interval >= 1<<15 {
			return int(mps)
		}
		isMPS = a.interval >= qe
	} else {
		a.code -= a.interval << 16
		isMPS = a.interval < qe
		a.interval = qe
	}
	if isMPS {
		*b = mps | e.nextMPS
		return int(mps)
	}
	*b = mps ^ e.nextLPS
	return int(mps ^ 1)
}

// estimates is table D.3, with fixedBin in the last row. qe is the probability of the
// less probable symbol. nextLPS and nextMPS are the bins after either symbol if the
// more probable symbol is 0; if it is 1, the lowest bit is inverted. The length of the
// array spares the compiler a bounds check.
var estimates = [128]struct {
	qe               uint16
	nextLPS, nextMPS bin
}{
	{0x5a1d, 3, 2}, {0x2586, 28, 4}, {0x1114, 32, 6}, {0x080b, 36, 8},
	{0x03d8, 40, 10}, {0x01da, 46, 12}, {0x00e5, 50, 14}, {0x006f, 56, 16},
	{0x0036, 60, 18}, {0x001a, 66, 20}, {0x000d, 70, 22}, {0x0006, 18, 24},
	{0x0003, 20, 26}, {0x0001, 24, 26}, {0x5a7f, 31, 30}, {0x3f25, 72, 32},
	{0x2cf2, 76, 34}, {0x207c, 78, 36}, {0x17b9, 80, 38}, {0x1182, 84, 40},
	{0x0cef, 86, 42}, {0x09a1, 90, 44}, {0x072f, 92, 46}, {0x055c, 96, 48},
	{0x0406, 98, 50}, {0x0303, 102, 52}, {0x0240, 104, 54}, {0x01b1, 108, 56},
	{0x0144, 112, 58}, {0x00f5, 114, 60}, {0x00b7, 118, 62}, {0x008a, 120, 64},
	{0x0068, 124, 66}, {0x004e, 126, 68}, {0x003b, 64, 70}, {0x002c, 66, 18},
	{0x5ae1, 75, 74}, {0x484c, 128, 76}, {0x3a0d, 130, 78}, {0x2ef1, 134, 80},
	{0x261f, 136, 82}, {0x1f33, 138, 84}, {0x19a8, 140, 86}, {0x1518, 144, 88},
	{0x1177, 146, 90}, {0x0e74, 148, 92}, {0x0bfb, 150, 94}, {0x09f8, 154, 96},
	{0x0861, 156, 98}, {0x0706, 158, 100}, {0x05cd, 96, 102}, {0x04de, 100, 104},
	{0x040f, 100, 106}, {0x0363, 102, 108}, {0x02d4, 104, 110}, {0x025c, 106, 112},
	{0x01f8, 108, 114}, {0x01a4, 110, 116}, {0x0160, 112, 118}, {0x0125, 114, 120},
	{0x00f6, 116, 122}, {0x00cb, 118, 124}, {0x00ab, 122, 126}, {0x008f, 122, 64},
	{0x5b12, 131, 130}, {0x4d04, 160, 132}, {0x412c, 162, 134}, {0x37d8, 164, 136},
	{0x2fe8, 166, 138}, {0x293c, 168, 140}, {0x2379, 172, 142}, {0x1edf, 174, 144},
	{0x1aa9, 174, 146}, {0x174e, 144, 148}, {0x1424, 144, 150}, {0x119c, 148, 152},
	{0x0f6b, 148, 154}, {0x0d51, 150, 156}, {0x0bb6, 154, 158}, {0x0a40, 154, 96},
	{0x5832, 161, 162}, {0x4d1c, 176, 164}, {0x438e, 178, 166}, {0x3bdd, 180, 168},
	{0x34ee, 182, 170}, {0x2eae, 184, 172}, {0x299a, 186, 174}, {0x2516, 172, 142},
	{0x5570, 177, 178}, {0x4ca9, 190, 180}, {0x44d9, 192, 182}, {0x3e22, 194, 184},
	{0x3824, 198, 186}, {0x32b4, 198, 188}, {0x2e17, 186, 172}, {0x56a8, 191, 192},
	{0x4f46, 202, 194}, {0x47e5, 204, 196}, {0x41cf, 206, 198}, {0x3c3d, 208, 200},
	{0x375e, 198, 186}, {0x5231, 210, 204}, {0x4c0f, 212, 206}, {0x4639, 214, 208},
	{0x415e, 206, 198}, {0x5627, 211, 212}, {0x50e7, 216, 214}, {0x4b85, 218, 206},
	{0x5597, 220, 218}, {0x504f, 222, 214}, {0x5a10, 221, 222}, {0x5522, 224, 218},
	{0x59eb, 225, 222}, {0x5a1d, 226, 226},
}
