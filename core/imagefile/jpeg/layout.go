package jpeg

import "image"

const (
	// maxChunkBlocks is the most blocks in a chunk: a row of MCUs of most images.
	// Smaller chunks measured slower, as the kernel is called more often.
	maxChunkBlocks = 256
	maxRuns        = 6 // 2 rows of blocks of luma, 2 of chroma, 2 of black
	// maxChunkCoefs includes the spare pair of blocks of each run.
	maxChunkCoefs = (maxChunkBlocks/2 + 12) * pairCoefs
)

// A layout says where the blocks of an image and their samples go.
//
// Take an image of 36 x 28 pixels at 4:2:0. Luma has the sampling factors 2 x 2, chroma
// 1 x 1, so an MCU covers 16 x 16 pixels and has 6 blocks, in the order Y Y Y Y Cb Cr.
// The image has 3 x 2 MCUs:
//
//	              blocks with      blocks of     samples   stride
//	              image samples    all MCUs      of them
//	luma          5 x 4            6 x 4         48 x 32   48 + 16
//	Cb, Cr        3 x 2            3 x 2         24 x 16   24 + 16
//
// The planes hold the samples of all MCUs. A kernel transforms pairs of blocks and may
// write one block more than a row has, hence the 16 columns more.
//
// A sequential file is decoded in chunks of MCUs, here a row of 3. The coefficients of
// a chunk are grouped by row of blocks, two blocks to a pair, so that the kernel gets
// runs of neighboring blocks. A spare pair ends each row: see zigzagIndex.
//
//	pairs 0..2    luma, upper blocks of the MCUs     3: spare
//	pairs 4..6    luma, lower blocks                 7: spare
//	pairs 8..9    Cb: 3 blocks, half a pair unused   10: spare
//	pairs 11..12  Cr                                 13: spare
//
// For the region (0,0)-(10,10), luma blocks (0,0)-(2,2) are needed. Upsampling reads
// two chroma samples beyond the region, (0,0)-(7,7), so of chroma block (0,0) is
// needed. The last MCU that must be decoded is (0,0).
type layout struct {
	comps           [4]componentLayout
	nComps          int
	shrink          int         // 1, 2, 4 or 8
	banded          bool        // the planes hold one row of MCUs only
	planesSize      int         // bytes of all planes
	upsampledOffset int         // of the planes that are upsampled here, among all planes
	mcusX, mcusY    int         // MCUs of the image
	blocksPerMCU    int         // of all components
	lastMCU         image.Point // last column and row that the region needs

	// Of a chunk. The list of blocks is in the order of the entropy-coded data.
	chunkMCUs   int
	blocks      []block
	blockMemory [maxChunkBlocks]block
	runs        [maxRuns]run
	coefs       []int16
}

// A componentLayout is a component's part of the planes and of a chunk's coefficients.
type componentLayout struct {
	h, v         int         // blocks per MCU
	blockSize    image.Point // samples per block, 8 x 8 unless scaled
	subsampling  image.Point // luma samples per sample
	stride       int         // of its plane
	offset, end  int         // of its plane in the memory of all planes
	rowPairs     [2]int      // first pair in a chunk of each row of blocks in an MCU
	neededBlocks image.Rectangle
}

// setUp lays out the planes.
func (l *layout) setUp(h *header, shrink int, region image.Rectangle, banded bool) {
	l.nComps, l.shrink, l.banded = h.nComps, shrink, banded
	l.mcusX, l.mcusY = ceil(h.width, 8*h.maxSampling.X), ceil(h.height, 8*h.maxSampling.Y)
	l.planesSize, l.blocksPerMCU, l.lastMCU = 0, 0, image.Point{}
	mcuRows := l.mcusY
	if banded {
		mcuRows = 1
	}
	for i, c := range h.comps[:h.nComps] {
		p := &l.comps[i]
		p.h, p.v = c.h, c.v
		p.blockSize = scaledBlockSize(h.maxSampling.X/c.h, h.maxSampling.Y/c.v, shrink)
		p.subsampling = image.Pt(8*h.maxSampling.X/(shrink*c.h*p.blockSize.X),
			8*h.maxSampling.Y/(shrink*c.v*p.blockSize.Y))
		p.stride = l.mcusX*p.blockSize.X*c.h + 16
		p.offset = l.planesSize
		p.end = p.offset + p.stride*mcuRows*p.blockSize.Y*c.v
		l.planesSize = p.end
		p.setNeeded(h, i, shrink, region)
		if !h.buffered && p.neededBlocks.Max.X == p.blocksX(h, shrink) {
			// Include the blocks that only fill MCUs, so that transforming a chunk
			// clears all of it.
			p.neededBlocks.Max.X = l.mcusX * c.h
		}
		l.lastMCU.X = max(l.lastMCU.X, (p.neededBlocks.Max.X-1)/c.h)
		l.lastMCU.Y = max(l.lastMCU.Y, (p.neededBlocks.Max.Y-1)/c.v)
		l.blocksPerMCU += c.h * c.v
	}
	l.planesSize += 16 // the kernel may write beyond the last row of the last plane, too
	l.upsampledOffset = l.planesSize
	if !h.callerUpsamples() {
		l.planesSize += h.nComps * h.width * h.height
	}
}

// setNeeded sets the blocks of component i that a region needs.
func (p *componentLayout) setNeeded(h *header, i, shrink int, region image.Rectangle) {
	samples := region
	if i > 0 || p.subsampling != image.Pt(1, 1) {
		x, y := p.subsampling.X, p.subsampling.Y
		samples = image.Rect(region.Min.X/x-2, region.Min.Y/y-2, ceil(region.Max.X, x)+2,
			ceil(region.Max.Y, y)+2)
		samples = samples.Intersect(image.Rect(0, 0, ceil(ceil(h.width, shrink), x),
			ceil(ceil(h.height, shrink), y)))
	}
	x, y := p.blockSize.X, p.blockSize.Y
	p.neededBlocks = image.Rect(samples.Min.X/x, samples.Min.Y/y, ceil(samples.Max.X, x),
		ceil(samples.Max.Y, y))
}

// blocksX returns the number of blocks in a row that have samples of the image.
func (p *componentLayout) blocksX(h *header, shrink int) int {
	return ceil(ceil(ceil(h.width, shrink), p.subsampling.X), p.blockSize.X)
}

// scaledBlockSize returns the samples of a component's block, if a sample of it covers
// h x v luma samples of the full image. Chroma that is halved in both directions is
// scaled by half as much as luma, so that it needs no upsampling
// (jpeg_calc_output_dimensions of libjpeg's jdmaster.c). At 1/8, other chroma is
// repeated: libjpeg's "fancy" upsampling needs two samples per block (jdsample.c).
func scaledBlockSize(h, v, shrink int) image.Point {
	n := 8 / shrink
	switch {
	case shrink == 1:
		return image.Pt(8, 8)
	case h == 2 && v == 2:
		return image.Pt(2*n, 2*n)
	case shrink == 8:
		return image.Pt(h, v)
	}
	return image.Pt(n, n)
}

// setUpChunk lists the blocks of a chunk and returns the number of its coefficients.
// All chunks in a row of MCUs have the same size, except perhaps the last.
func (l *layout) setUpChunk(h *header) (coefs int) {
	l.chunkMCUs = ceil(l.mcusX, ceil(l.mcusX, maxChunkBlocks/l.blocksPerMCU))
	pairs := 0
	for i := range h.nComps {
		p := &l.comps[i]
		for v := range p.v {
			p.rowPairs[v] = pairs
			pairs += ceil(l.chunkMCUs*p.h, 2) + 1
		}
	}
	l.blocks = l.blockMemory[:0]
	for m := range l.chunkMCUs {
		for i, c := range h.comps[:h.nComps] {
			for v := range c.v {
				for x := m * c.h; x < (m+1)*c.h; x++ {
					coefs := l.comps[i].rowPairs[v]*pairCoefs + blockOffset(x)
					l.blocks = append(l.blocks, block{uint16(coefs), uint16(i)})
				}
			}
		}
	}
	return (pairs + 1) * pairCoefs
}

// neededRuns lists the blocks that the region needs of the n MCUs from (mx, my) on.
func (l *layout) neededRuns(mx, my, n int) []run {
	runs := l.runs[:0]
	for i := range l.comps[:l.nComps] {
		p := &l.comps[i]
		from := max(0, p.neededBlocks.Min.X-mx*p.h) &^ 1
		to := min(n*p.h, p.neededBlocks.Max.X-mx*p.h)
		if from >= to {
			continue
		}
		for v := range p.v {
			y := my*p.v + v
			if y < p.neededBlocks.Min.Y || y >= p.neededBlocks.Max.Y {
				continue
			}
			if l.banded {
				y = v
			}
			var r run
			r.dst = cInt64(p.offset + p.blockSize.Y*y*p.stride + p.blockSize.X*(mx*p.h+from))
			r.stride = cInt64(p.stride)
			r.pair, r.n = cInt32(p.rowPairs[v]+from/2), cInt32(ceil(to-from, 2))
			r.quant = cInt64(i)
			runs = append(runs, r)
		}
	}
	return runs
}

// blockOffset returns where the coefficients of block x of a row start.
func blockOffset(x int) int { return x>>1*pairCoefs + x&1*8 }

// ceil returns a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }
