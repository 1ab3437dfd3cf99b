package jpeg

import "mixfolder/core/raster"

// A coefBuffer holds the coefficients of an image whose blocks cannot be transformed as
// they are decoded: see decodeBuffered.
type coefBuffer struct {
	coefs []int16 // of all components: see componentBlocks
	// nonzero has a word per block: bit k is set if coefficient k > 0, in zigzag order,
	// is not zero.
	nonzero []uint64
	comps   [4]componentBlocks

	// coefBits has by component, for each coefficient, how many of its low bits no scan
	// had yet; unseen: all. prevCoefBits is the same before the component's last scan.
	// Both are named as in libjpeg's jdphuff.c and jdcoefct.c.
	coefBits     [4][64]int8
	prevCoefBits [4][smoothedCoefs]int8
	quantLatched [4]bool // components whose quantization table is known
	scanCount    int
	blockVisits  int // blocks of all scans so far

	acTables   [4]progressiveTable
	eobRun     int // blocks that still belong to an end-of-band run: G.1.2.2
	arithmetic arithmeticDecoder

	// Of lenient decoding: the last row of MCUs that the last scan had data for.
	lastGoodRow int
	dcValues    []int16 // scratch of smoothComponent
}

// componentBlocks is where a component's blocks are: rows of pairs of blocks, in the
// order that the kernels read.
type componentBlocks struct {
	firstPair   int // in coefs; nonzero has two masks per pair
	pairsPerRow int
	blocksX     int // blocks that have samples of the image
	blocksY     int
	neededRows  int // rows of blocks that the region needs, from the top
}

// unseen is the value of coefBits before the first scan.
const unseen = -1

// reset prepares the memory for an image.
func (b *coefBuffer) reset(l *layout, h *header) {
	pairs := 0
	for i := range l.comps[:l.nComps] {
		c := &l.comps[i]
		a := &b.comps[i]
		// a pair to spare: see zigzagIndex
		a.firstPair, a.pairsPerRow = pairs, ceil(l.mcusX*c.h, 2)+1
		a.blocksX = ceil(ceil(h.width*c.h, h.maxSampling.X), 8)
		a.blocksY = ceil(ceil(h.height*c.v, h.maxSampling.Y), 8)
		a.neededRows = min(a.blocksY, (l.lastMCU.Y+1)*c.v)
		pairs += a.pairsPerRow * l.mcusY * c.v
		for k := range b.coefBits[i] {
			b.coefBits[i][k] = unseen
		}
	}
	b.coefs = zeroed(b.coefs, pairs*pairCoefs+blockReach, raster.LargeScratch/2)
	b.nonzero = zeroed(b.nonzero, pairs*2, raster.LargeScratch/8)
	b.blockVisits, b.scanCount, b.lastGoodRow, b.quantLatched = 0, 0, l.mcusY, [4]bool{}
	b.arithmetic.decisions = 0
}

// zeroed returns n zeros in the memory of b, or in new memory if b is too small, or
// both above maxKept elements and much too large.
func zeroed[T any](b []T, n, maxKept int) []T {
	if cap(b) < n || cap(b) > maxKept && n < cap(b)/8 {
		return make([]T, n)
	}
	b = b[:n]
	clear(b)
	return b
}

// row returns the coefficients from row y of component i's blocks on.
func (b *coefBuffer) row(i, y int) []int16 {
	a := &b.comps[i]
	return b.coefs[(a.firstPair+y*a.pairsPerRow)*pairCoefs:]
}

// complete reports whether the scans had all bits of n components.
func (b *coefBuffer) complete(n int) bool {
	for i := range n {
		if b.coefBits[i] != [64]int8{} {
			return false
		}
	}
	return true
}

// transformBuffered transforms the blocks that the region needs.
func (s *state) transformBuffered() {
	for i := range s.layout.comps[:s.layout.nComps] {
		c, a := &s.layout.comps[i], &s.buf.comps[i]
		from := c.neededBlocks.Min.X &^ 1
		for y := c.neededBlocks.Min.Y; y < c.neededBlocks.Max.Y; y++ {
			r := &s.layout.runs[0]
			r.dst, r.stride = cInt64(c.offset+8*y*c.stride+8*from), cInt64(c.stride)
			r.pair = cInt32(a.firstPair + y*a.pairsPerRow + from/2)
			r.n = cInt32(ceil(c.neededBlocks.Max.X-from, 2))
			r.quant = cInt64(i)
			transform(s.buf.coefs, &s.dequant, s.planes, s.layout.runs[:1], false)
		}
	}
}
