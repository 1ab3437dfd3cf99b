package jpeg

import "fmt"

// decodeSequential decodes and transforms a file of one sequential scan with Huffman
// coding, as far as the region needs it. If band is not nil, it is called after each
// row of MCUs.
func (s *state) decodeSequential(band func(my int) error) error {
	s.in.startInterval(s.hdr.entropyStart)
	s.resetDC()
	restarts, mcusLeft := 0, s.hdr.restartInterval // restarts so far, MCUs before the next
	cleared := false                               // coefs of the chunk are zero where it matters
	for my := 0; my <= s.layout.lastMCU.Y; my++ {
		end := s.layout.mcusX
		if my == s.layout.lastMCU.Y {
			end = s.layout.lastMCU.X + 1
		}
		for mx, n := 0, 0; mx < end; mx += n {
			n = min(s.layout.chunkMCUs, end-mx)
			runs := s.layout.neededRuns(mx, my, n)
			if len(runs) > 0 && !cleared {
				clear(s.layout.coefs)
			}
			for from, to := 0, 0; from < n; from = to {
				to = n
				if s.hdr.restartInterval > 0 {
					if mcusLeft == 0 {
						if err := s.nextInterval(restarts); err != nil {
							return err
						}
						restarts, mcusLeft = restarts+1, s.hdr.restartInterval
					}
					to = min(n, from+mcusLeft)
				}
				mcusLeft -= to - from
				if !s.decodeChunk(from, to) {
					return s.entropyError()
				}
			}
			cleared = s.transformChunk(runs, n)
		}
		if band != nil {
			if err := band(my); err != nil {
				return err
			}
		}
	}
	if s.layout.lastMCU.X == s.layout.mcusX-1 && s.layout.lastMCU.Y == s.layout.mcusY-1 {
		return s.checkEnd()
	}
	return nil
}

// decodeChunk decodes the blocks of MCUs from to to-1 of a chunk.
func (s *state) decodeChunk(from, to int) (ok bool) {
	perMCU := s.layout.blocksPerMCU
	s.in.fill(uint((to-from)*perMCU) * maxBlockBytes)
	blocks := s.layout.blocks[from*perMCU : to*perMCU]
	return s.in.decodeBlocks(blocks, &s.comps, s.layout.coefs) &&
		!(s.in.ended && s.in.bitsLeft() < 0)
}

// buildTables builds the tables that a sequential scan refers to. Tables that have not
// changed since the last image are kept.
func (s *state) buildTables() error {
	h := &s.hdr
	for _, i := range h.scan.comps[:h.scan.n] {
		c := &h.comps[i]
		if !h.hasQuant[c.quantTable] {
			return fmt.Errorf("%w: quantization table %d is missing", ErrCorrupt, c.quantTable)
		}
		dcSpec, acSpec := &h.huffman[0][c.dcTable], &h.huffman[1][c.acTable]
		if dcSpec.n == 0 || acSpec.n == 0 {
			return fmt.Errorf("%w: a Huffman table is missing", ErrCorrupt)
		}
		dc, ac := &s.dcTables[c.dcTable], &s.acTables[c.acTable]
		if err := dc.build(dcSpec); err != nil {
			return err
		}
		if err := ac.build(acSpec, &s.singleSymbols); err != nil {
			return err
		}
		s.comps[i] = componentState{dc: dc, ac: ac}
		s.latchQuantTable(int(i))
	}
	return nil
}

// latchQuantTable sets the dequantization factors of component i.
func (s *state) latchQuantTable(i int) {
	for k, q := range s.hdr.quant[s.hdr.comps[i].quantTable] {
		s.dequant[i][zigzagIndex[k]], s.dequant[i][zigzagIndex[k]+8] = int16(q), int16(q)
	}
}
