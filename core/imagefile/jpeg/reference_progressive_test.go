package jpeg

// The reference decoder's part for progressive files, after annex G, one coefficient at
// a time.

// naiveBlock is a block's coefficients in zigzag order.
type naiveBlock struct {
	coefs [64]int
	begun [64]bool // coded as nonzero by some scan
}

// naiveComponent has a component's blocks, including those that only fill MCUs.
type naiveComponent struct {
	blocks       []naiveBlock
	stride       int // blocks
	across, down int // that have samples
	quant        [64]uint16
	latched      bool
	missing      [64]uint
}

func complete(all []*naiveComponent) bool {
	for _, s := range all {
		if s.missing != [64]uint{} {
			return false
		}
	}
	return true
}

func (n *naive) buffered() []naivePlane {
	h := &n.h
	across, down := ceil(h.width, 8*h.maxSampling.X), ceil(h.height, 8*h.maxSampling.Y)
	var all []*naiveComponent
	perMCU := 0
	for _, c := range h.comps[:h.nComps] {
		s := &naiveComponent{stride: across * c.h}
		s.across = ceil(ceil(h.width*c.h, h.maxSampling.X), 8)
		s.down = ceil(ceil(h.height*c.v, h.maxSampling.Y), 8)
		s.blocks = make([]naiveBlock, s.stride*down*c.v)
		for k := range s.missing {
			s.missing[k] = 99
		}
		all = append(all, s)
		perMCU += c.h * c.v
	}
	extraneous, visits := false, 0
	for scans := 1; ; scans++ {
		q := h.scan
		used := 0
		for _, i := range q.comps[:q.n] {
			s, c := all[i], h.comps[i]
			if !s.latched {
				if !h.hasQuant[c.quantTable] {
					n.fail(ErrCorrupt)
				}
				s.quant, s.latched = h.quant[c.quantTable], true
			}
			for k := q.firstCoef; k <= q.lastCoef; k++ {
				if !h.progressive && s.missing[k] == 0 {
					n.fail(ErrCorrupt)
				}
				s.missing[k] = q.al
			}
			used += c.h * c.v
			if !h.progressive || q.firstCoef == 0 && q.ah > 0 {
				continue
			}
			table := &h.huffman[0][c.dcTable]
			if q.firstCoef > 0 {
				table = &h.huffman[1][c.acTable]
			}
			if table.n == 0 || checkSpec(table, q.firstCoef == 0) != nil {
				n.fail(ErrCorrupt)
			}
		}
		if !h.progressive {
			n.needTables()
		}
		n.at, n.bits = h.entropyStart, 0
		if q.n == 1 {
			s := all[q.comps[0]]
			visits += s.across * s.down
		} else {
			visits += across * down * used
		}
		if scans > maxScans || visits > freeBlockVisits+maxVisitsPerBlock*across*down*perMCU {
			n.fail(ErrCorrupt)
		}
		n.scan(all, q, across, down)
		extraneous = n.endOfScan() || extraneous
		if !h.progressive && q.n == h.nComps {
			break
		}
		if !hasMarker(n.data, n.at) && complete(all) {
			break
		}
		mark, err := h.processSegments(n.data, n.at)
		if err != nil {
			n.fail(err)
		}
		if mark == markerEOI {
			break
		}
	}
	for _, s := range all {
		if s.missing[0] == 99 && !h.progressive {
			n.fail(ErrTruncated)
		}
	}
	if extraneous {
		n.fail(ErrExtraneous)
	}
	return n.planes(all)
}

// scan decodes the MCUs of a scan.
func (n *naive) scan(all []*naiveComponent, q scanHeader, across, down int) {
	single := q.n == 1
	if single {
		across, down = all[q.comps[0]].across, all[q.comps[0]].down
	}
	var dc [4]int
	left := 0 // blocks that still belong to an end-of-band run
	for mcu := range across * down {
		if n.h.restartInterval > 0 && mcu > 0 && mcu%n.h.restartInterval == 0 {
			n.restart(mcu/n.h.restartInterval - 1)
			dc, left = [4]int{}, 0
		}
		for _, i := range q.comps[:q.n] {
			s, c := all[i], n.h.comps[i]
			if single {
				c.h, c.v = 1, 1
			}
			for at := range c.h * c.v {
				x, y := mcu%across*c.h+at%c.h, mcu/across*c.v+at/c.h
				b := &s.blocks[y*s.stride+x]
				switch {
				case !n.h.progressive:
					b.coefs = n.coefs(c, &dc[i])
				case q.firstCoef == 0 && q.ah == 0:
					dc[i] += n.value(n.symbol(&n.h.huffman[0][c.dcTable]))
					b.coefs[0] = int(int16(dc[i] << q.al))
				case q.firstCoef == 0:
					b.coefs[0] |= n.bit() << q.al
				case q.ah == 0:
					left = n.first(b, &n.h.huffman[1][c.acTable], q, left)
				default:
					left = n.refine(b, &n.h.huffman[1][c.acTable], q, left)
				}
			}
		}
	}
}

// run returns the number of blocks that end with an EOBn symbol: table G.1.
func (n *naive) run(symbol byte) int {
	v := 1
	for range symbol >> 4 {
		v = v<<1 | n.bit()
	}
	return v
}

func (n *naive) first(b *naiveBlock, table *huffSpec, q scanHeader, left int) int {
	if left > 0 {
		return left - 1
	}
	for k := q.firstCoef; k <= q.lastCoef; k++ {
		symbol := n.symbol(table)
		size := symbol & 15
		if size == 0 && symbol != 0xf0 {
			return n.run(symbol) - 1
		}
		v := n.value(size)
		if k += uint(symbol >> 4); k > q.lastCoef {
			n.fail(ErrCorrupt)
		}
		if size > 0 {
			b.coefs[k], b.begun[k] = int(int16(v<<q.al)), true
		}
	}
	return 0
}

func (n *naive) refine(b *naiveBlock, table *huffSpec, q scanHeader, left int) int {
	k := q.firstCoef
	for left == 0 && k <= q.lastCoef {
		symbol := n.symbol(table)
		zeros, v := int(symbol>>4), 0
		switch size := symbol & 15; {
		case size == 0 && zeros < 15:
			left = n.run(symbol)
			continue
		case size > 0:
			if v = n.value(size); v != 1 && v != -1 {
				n.fail(ErrCorrupt)
			}
		}
		for ; k <= q.lastCoef; k++ {
			if b.begun[k] {
				n.correct(&b.coefs[k], q.al)
			} else if zeros--; zeros < 0 {
				break
			}
		}
		if k > q.lastCoef {
			n.fail(ErrCorrupt)
		}
		if v != 0 {
			b.coefs[k], b.begun[k] = int(int16(v<<q.al)), true
		}
		k++
	}
	if left == 0 {
		return 0
	}
	for ; k <= q.lastCoef; k++ {
		if b.begun[k] {
			n.correct(&b.coefs[k], q.al)
		}
	}
	return left - 1
}

// correct reads a correction bit and adds it to the magnitude, unless it is set
// already.
func (n *naive) correct(c *int, low uint) {
	if n.bit() == 0 || *c>>low&1 == 1 {
		return
	}
	if *c >= 0 {
		*c = int(int16(*c + 1<<low))
	} else {
		*c = int(int16(*c - 1<<low))
	}
}

// planes transforms all blocks.
func (n *naive) planes(all []*naiveComponent) []naivePlane {
	var planes []naivePlane
	for i, s := range all {
		c := n.h.comps[i]
		p := naivePlane{stride: 8 * s.stride, width: ceil(n.h.width*c.h, n.h.maxSampling.X),
			height: ceil(n.h.height*c.v, n.h.maxSampling.Y)}
		p.pix = make([]byte, 64*len(s.blocks))
		var table [64]int
		for k, q := range s.quant {
			table[naturalOrder[k]] = int(q)
		}
		for at, b := range s.blocks {
			var coefs [64]int
			for k, c := range b.coefs {
				coefs[naturalOrder[k]] = c
			}
			if referenceIDCT(&coefs, &table, p.pix[at/s.stride*8*p.stride+at%s.stride*8:],
				p.stride) {
				n.absurd = true
			}
		}
		planes = append(planes, p)
	}
	return planes
}
