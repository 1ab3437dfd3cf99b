package jpeg

import "image"

const (
	// A chunk has at most so many blocks, which is a row of most images. Shorter ones
	// measured slower: more calls of the kernel.
	maxChunkBlocks = 256
	maxRuns        = 6 // 2 rows of luma, 2 of chroma, 2 of black
	// of a chunk, with the pair that each run has to spare
	maxChunkCoefs = (maxChunkBlocks/2 + 12) * pairCoefs
)

// A part is a component's share of the planes and of a chunk's coefficients.
type componentLayout struct {
	h, v        int         // blocks of an MCU
	blockSize   image.Point // samples of a block
	subsampling image.Point // luma samples per sample
	stride      int         // of its plane
	offset, end int         // of its plane in the memory of all
	// by row of blocks in the MCU: its first pair among a chunk's coefficients
	rowPairs     [2]int
	neededBlocks image.Rectangle // the blocks that the region needs
}

// A layout says where the blocks of an image go.
type layout struct {
	comps           [4]componentLayout
	nComps          int
	shrink          int         // 1, 2, 4 or 8
	banded          bool        // the planes have room for one row of MCUs only
	planesSize      int         // of all planes
	upsampledOffset int         // where those that are upsampled here start among them
	mcusX, mcusY    int         // MCUs
	blocksPerMCU    int         // blocks
	chunkMCUs       int         // MCUs at once
	lastMCU         image.Point // the last MCU that the region needs
	blocks          []block     // of a chunk, in the order of the stream
	blockMemory     [maxChunkBlocks]block
	runs            [maxRuns]run
	coefs           []int16 // of a chunk
}

// arrange makes the layout, but for chunks.
func (l *layout) setUp(h *header, shrink int, region image.Rectangle, banded bool) {
	l.nComps, l.shrink, l.banded = h.nComps, shrink, banded
	l.mcusX, l.mcusY = ceil(h.width, 8*h.maxSampling.X), ceil(h.height, 8*h.maxSampling.Y)
	l.planesSize, l.blocksPerMCU, l.lastMCU = 0, 0, image.Point{}
	rows := l.mcusY
	if banded {
		rows = 1
	}
	for i, c := range h.comps[:h.nComps] {
		p := &l.comps[i]
		p.h, p.v = c.h, c.v
		p.blockSize = scaledBlockSize(h.maxSampling.X/c.h, h.maxSampling.Y/c.v, shrink)
		p.subsampling = image.Pt(8*h.maxSampling.X/(shrink*c.h*p.blockSize.X), 8*h.maxSampling.Y/(shrink*c.v*p.blockSize.Y))
		// A kernel writes pairs of blocks, from an even place of the chunk: up to one
		// block more than there are.
		p.stride = l.mcusX*p.blockSize.X*c.h + 16
		p.offset = l.planesSize
		p.end = p.offset + p.stride*rows*p.blockSize.Y*c.v
		l.planesSize = p.end
		need := region
		if i > 0 || p.subsampling != image.Pt(1, 1) {
			x, y := p.subsampling.X, p.subsampling.Y
			need = image.Rect(region.Min.X/x-2, region.Min.Y/y-2, ceil(region.Max.X, x)+2,
				ceil(region.Max.Y, y)+2)
			need = need.Intersect(image.Rect(0, 0, ceil(ceil(h.width, shrink), x),
				ceil(ceil(h.height, shrink), y)))
		}
		x, y := p.blockSize.X, p.blockSize.Y
		p.neededBlocks = image.Rect(need.Min.X/x, need.Min.Y/y, ceil(need.Max.X, x), ceil(need.Max.Y, y))
		if !h.buffered && p.neededBlocks.Max.X == ceil(ceil(ceil(h.width, shrink), p.subsampling.X), x) {
			// those that only fill MCUs, too, so that a chunk is wiped by its transform
			p.neededBlocks.Max.X = l.mcusX * c.h
		}
		l.lastMCU.X = max(l.lastMCU.X, (p.neededBlocks.Max.X-1)/c.h)
		l.lastMCU.Y = max(l.lastMCU.Y, (p.neededBlocks.Max.Y-1)/c.v)
		l.blocksPerMCU += c.h * c.v
	}
	l.planesSize += 16 // the last row of the last plane may be written beyond, too
	l.upsampledOffset = l.planesSize
	if !h.callerUpsamples() {
		l.planesSize += h.nComps * h.width * h.height
	}
}

// arrangeChunk lists the blocks of a chunk and gives the number of its coefficients. A
// row of MCUs has chunks of the same size, but for the last. The coefficients of a row
// of blocks stand together, and are followed by a pair to spare: see zigzag.
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
					at := (l.comps[i].rowPairs[v]+x/2)*pairCoefs + x%2*8
					l.blocks = append(l.blocks, block{uint16(at), uint16(i)})
				}
			}
		}
	}
	return (pairs + 1) * pairCoefs
}

// runsOf lists what the region needs of the n MCUs at mx, my.
func (l *layout) neededRuns(mx, my, n int) []run {
	runs := l.runs[:0]
	for i := range l.comps[:l.nComps] {
		p := &l.comps[i]
		from, to := max(0, p.neededBlocks.Min.X-mx*p.h)&^1, min(n*p.h, p.neededBlocks.Max.X-mx*p.h)
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
			r.dst, r.stride = cInt64(p.offset+p.blockSize.Y*y*p.stride+p.blockSize.X*(mx*p.h+from)), cInt64(p.stride)
			r.pair, r.n = cInt32(p.rowPairs[v]+from/2), cInt32(ceil(to-from, 2))
			r.quant = cInt64(i)
			runs = append(runs, r)
		}
	}
	return runs
}

// ceil is a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }
