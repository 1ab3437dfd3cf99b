package jpeg

import "image"

const (
	// A chunk has at most so many blocks, which is a row of most images. Shorter ones
	// measured slower: more calls of the kernel.
	maxBlocks = 256
	maxRuns   = 6 // 2 rows of luma, 2 of chroma, 2 of black
	// of a chunk, with the pair that each run has to spare
	maxCoefs = (maxBlocks/2 + 12) * pairCoefs
)

// A part is a component's share of the planes and of a chunk's coefficients.
type part struct {
	h, v       int         // blocks of an MCU
	block      image.Point // samples of a block
	coarse     image.Point // luma samples per sample
	stride     int         // of its plane
	start, end int         // of its plane in the memory of all
	// by row of blocks in the MCU: its first pair among a chunk's coefficients
	pairs [2]int
	want  image.Rectangle // the blocks that the region needs
}

// A layout says where the blocks of an image go.
type layout struct {
	parts        [4]part
	components   int
	shrink       int         // 1, 2, 4 or 8
	banded       bool        // the planes have room for one row of MCUs only
	size         int         // of all planes
	full         int         // where those that are upsampled here start among them
	across, down int         // MCUs
	perMCU       int         // blocks
	chunk        int         // MCUs at once
	last         image.Point // the last MCU that the region needs
	blocks       []block     // of a chunk, in the order of the stream
	blockMemory  [maxBlocks]block
	runs         [maxRuns]run
	coefs        []int16 // of a chunk
}

// arrange makes the layout, but for chunks.
func (l *layout) arrange(h *header, shrink int, region image.Rectangle, banded bool) {
	l.components, l.shrink, l.banded = h.n, shrink, banded
	l.across, l.down = ceil(h.width, 8*h.most.X), ceil(h.height, 8*h.most.Y)
	l.size, l.perMCU, l.last = 0, 0, image.Point{}
	rows := l.down
	if banded {
		rows = 1
	}
	for i, c := range h.comps[:h.n] {
		p := &l.parts[i]
		p.h, p.v = c.h, c.v
		p.block = samplesOf(h.most.X/c.h, h.most.Y/c.v, shrink)
		p.coarse = image.Pt(8*h.most.X/(shrink*c.h*p.block.X), 8*h.most.Y/(shrink*c.v*p.block.Y))
		// A kernel writes pairs of blocks, from an even place of the chunk: up to one
		// block more than there are.
		p.stride = l.across*p.block.X*c.h + 16
		p.start = l.size
		p.end = p.start + p.stride*rows*p.block.Y*c.v
		l.size = p.end
		need := region
		if i > 0 || p.coarse != image.Pt(1, 1) {
			x, y := p.coarse.X, p.coarse.Y
			need = image.Rect(region.Min.X/x-2, region.Min.Y/y-2, ceil(region.Max.X, x)+2,
				ceil(region.Max.Y, y)+2)
			need = need.Intersect(image.Rect(0, 0, ceil(ceil(h.width, shrink), x),
				ceil(ceil(h.height, shrink), y)))
		}
		x, y := p.block.X, p.block.Y
		p.want = image.Rect(need.Min.X/x, need.Min.Y/y, ceil(need.Max.X, x), ceil(need.Max.Y, y))
		if !h.buffered && p.want.Max.X == ceil(ceil(ceil(h.width, shrink), p.coarse.X), x) {
			// those that only fill MCUs, too, so that a chunk is wiped by its transform
			p.want.Max.X = l.across * c.h
		}
		l.last.X = max(l.last.X, (p.want.Max.X-1)/c.h)
		l.last.Y = max(l.last.Y, (p.want.Max.Y-1)/c.v)
		l.perMCU += c.h * c.v
	}
	l.size += 16 // the last row of the last plane may be written beyond, too
	l.full = l.size
	if !h.plain() {
		l.size += h.n * h.width * h.height
	}
}

// arrangeChunk lists the blocks of a chunk and gives the number of its coefficients. A
// row of MCUs has chunks of the same size, but for the last. The coefficients of a row
// of blocks stand together, and are followed by a pair to spare: see zigzag.
func (l *layout) arrangeChunk(h *header) (coefs int) {
	l.chunk = ceil(l.across, ceil(l.across, maxBlocks/l.perMCU))
	pairs := 0
	for i := range h.n {
		p := &l.parts[i]
		for v := range p.v {
			p.pairs[v] = pairs
			pairs += ceil(l.chunk*p.h, 2) + 1
		}
	}
	l.blocks = l.blockMemory[:0]
	for m := range l.chunk {
		for i, c := range h.comps[:h.n] {
			for v := range c.v {
				for x := m * c.h; x < (m+1)*c.h; x++ {
					at := (l.parts[i].pairs[v]+x/2)*pairCoefs + x%2*8
					l.blocks = append(l.blocks, block{uint16(at), uint16(i)})
				}
			}
		}
	}
	return (pairs + 1) * pairCoefs
}

// runsOf lists what the region needs of the n MCUs at mx, my.
func (l *layout) runsOf(mx, my, n int) []run {
	runs := l.runs[:0]
	for i := range l.parts[:l.components] {
		p := &l.parts[i]
		from, to := max(0, p.want.Min.X-mx*p.h)&^1, min(n*p.h, p.want.Max.X-mx*p.h)
		if from >= to {
			continue
		}
		for v := range p.v {
			y := my*p.v + v
			if y < p.want.Min.Y || y >= p.want.Max.Y {
				continue
			}
			if l.banded {
				y = v
			}
			var r run
			r.dst, r.stride = cInt64(p.start+p.block.Y*y*p.stride+p.block.X*(mx*p.h+from)), cInt64(p.stride)
			r.pair, r.n = cInt32(p.pairs[v]+from/2), cInt32(ceil(to-from, 2))
			r.quant = cInt64(i)
			runs = append(runs, r)
		}
	}
	return runs
}

// ceil is a/b, rounded up.
func ceil(a, b int) int { return (a + b - 1) / b }
