package jpeg

import "mixfolder/core/raster"

// If a progressive file omits bits of the first AC coefficients, libjpeg estimates them
// from the DC coefficients of the 5 x 5 blocks around. It also smooths the DC
// coefficients as long as it knows no AC coefficient at all. See decompress_smooth_data
// of libjpeg-turbo's jdcoefct.c.

// smoothedCoefs is how many coefficients are estimated, in zigzag order.
const smoothedCoefs = 10

// weightsWithoutAC has, by coefficient, the weights of the 25 DC coefficients in units
// of 1/256, row by row, if no AC coefficient is known.
var weightsWithoutAC = [smoothedCoefs][25]int{
	{-2, -6, -8, -6, -2, -6, 6, 42, 6, -6, -8, 42, 152, 42, -8, -6, 6, 42, 6, -6, -2, -6, -8, -6,
		-2},
	{-1, -1, 0, 1, 1, -3, 13, 0, -13, 3, -3, 38, 0, -38, 3, -3, 13, 0, -13, 3, -1, -1, 0, 1, 1},
	{-1, -3, -3, -3, -1, -1, 13, 38, 13, -1, 0, 0, 0, 0, 0, 1, -13, -38, -13, 1, 1, 3, 3, 3, 1},
	{0, 0, 1, 0, 0, 0, 2, 7, 2, 0, 0, -5, -14, -5, 0, 0, 2, 7, 2, 0, 0, 0, 1, 0, 0},
	{-1, 0, 0, 0, 1, 0, 9, 0, -9, 0, 0, 0, 0, 0, 0, 0, -9, 0, 9, 0, 1, 0, 0, 0, -1},
	{0, 0, 0, 0, 0, 0, 2, -5, 2, 0, 1, 7, -14, 7, 1, 0, 2, -5, 2, 0, 0, 0, 0, 0, 0},
	{0, 0, 0, 0, 0, 0, 1, 0, -1, 0, 0, 2, 0, -2, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0},
	{0, 0, 0, 0, 0, 0, 1, -3, 1, 0, 0, 0, 0, 0, 0, 0, -1, 3, -1, 0, 0, 0, 0, 0, 0},
	{0, 0, 0, 0, 0, 0, 1, 0, -1, 0, 0, -3, 0, 3, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 0},
	{0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, -1, -2, -1, 0, 0, 0, 0, 0, 0},
}

// weightsWithAC has the weights if some AC coefficients are known.
var weightsWithAC = [6][25]int{
	1: {10: -7, 11: 50, 13: -50, 14: 7},
	2: {2: -7, 7: 50, 17: -50, 22: 7},
	3: {2: -1, 7: 13, 12: -24, 17: 13, 22: -1},
	4: {1: -1, 3: 1, 5: -1, 6: 10, 8: -10, 9: 1, 15: 1, 16: -10, 18: 10, 19: -1, 21: 1, 23: -1},
	5: {10: -1, 11: 13, 12: -24, 13: 13, 14: -1},
}

// canSmooth reports whether smooth has something to do: smoothing_ok of jdcoefct.c.
func (s *state) canSmooth() bool {
	b := s.buf
	useful := false
	for i := range s.hdr.nComps {
		if !b.quantLatched[i] || b.coefBits[i][0] == unseen {
			return false
		}
		for k := range smoothedCoefs {
			if s.dequant[i][zigzagIndex[k]] == 0 {
				return false
			}
			useful = useful || k > 0 && b.coefBits[i][k] != 0
		}
	}
	return useful
}

// smooth estimates the missing coefficients of the blocks that the region needs.
func (s *state) smooth() {
	for i := range s.hdr.nComps {
		s.smoothComponent(i)
	}
}

func (s *state) smoothComponent(i int) {
	c, a, coefs := &s.layout.comps[i], &s.buf.comps[i], s.buf.row(i, 0)
	offset := func(x, y int) int { return y*a.pairsPerRow*pairCoefs + blockOffset(x) }
	dc := s.copyDC(i)
	width := 2 * a.pairsPerRow
	for y := c.neededBlocks.Min.Y; y < c.neededBlocks.Max.Y; y++ {
		coefBits := s.smoothingBits(i, y/c.v)
		rows := s.rowsAround(i, y)
		for x := c.neededBlocks.Min.X; x < c.neededBlocks.Max.X; x++ {
			var around [25]int
			for j, y := range rows {
				for k := range 5 {
					around[5*j+k] = int(dc[y*width+min(max(x+k-2, 0), a.blocksX-1)])
				}
			}
			smoothBlock(coefs[offset(x, y):], &s.dequant[i], coefBits, &around)
		}
	}
}

// copyDC returns a copy of component i's DC coefficients before smoothing, two per pair
// and row by row: also those of rows below the image, which libjpeg reads in one case.
func (s *state) copyDC(i int) []int16 {
	c, a, coefs := &s.layout.comps[i], &s.buf.comps[i], s.buf.row(i, 0)
	width, height := 2*a.pairsPerRow, s.layout.mcusY*c.v
	s.buf.dcValues = zeroed(s.buf.dcValues, width*height, raster.LargeScratch/128)
	dc := s.buf.dcValues
	for y := range height {
		for x := range width {
			dc[y*width+x] = coefs[y*a.pairsPerRow*pairCoefs+blockOffset(x)]
		}
	}
	return dc
}

// smoothingBits returns the coefBits that hold for a row of MCUs of component i: those
// before its last scan, if that scan had no data for the row.
func (s *state) smoothingBits(i, mcuRow int) []int8 {
	switch b := s.buf; {
	case mcuRow <= b.lastGoodRow:
		return b.coefBits[i][:smoothedCoefs]
	case b.scanCount < 2:
		return noCoefBits[:]
	default:
		return b.prevCoefBits[i][:]
	}
}

var noCoefBits = [smoothedCoefs]int8{unseen, unseen, unseen, unseen, unseen, unseen, unseen, unseen,
	unseen, unseen}

// rowsAround returns row y of component i's blocks, and the two rows above and below
// it, clamped to the image. As in libjpeg, in the last row of MCUs all rows of MCUs
// count as if they had as many rows of blocks as it has.
func (s *state) rowsAround(i, y int) [5]int {
	c, a := &s.layout.comps[i], &s.buf.comps[i]
	mcuRow, rowInMCU := y/c.v, y%c.v
	rows := c.v
	if mcuRow == s.layout.mcusY-1 && a.blocksY%c.v != 0 {
		rows = a.blocksY % c.v
	}
	row, last := mcuRow*rows+rowInMCU, rows*s.layout.mcusY-1
	return [5]int{y - min(row, 2), y - min(row, 1), y, y + min(last-row, 1), y + min(last-row, 2)}
}

// smoothBlock sets the coefficients of a block whose bits are missing according to
// coefBits, unless they are nonzero.
func smoothBlock(block []int16, dequant *[pairCoefs]int16, coefBits []int8, around *[25]int) {
	withoutAC := [smoothedCoefs - 1]int8(coefBits[1:]) == [smoothedCoefs - 1]int8(noCoefBits[1:])
	weights := weightsWithAC[:]
	if withoutAC {
		weights = weightsWithoutAC[:]
	}
	for k := range weights {
		known := coefBits[k] == 0 || block[zigzagIndex[k]] != 0
		if k > 0 && known || k == 0 && !withoutAC {
			continue
		}
		sum := 0
		for j, w := range weights[k] {
			sum += w * around[j]
		}
		sum *= int(uint16(dequant[0]))
		q := int(uint16(dequant[zigzagIndex[k]]))
		v := (q<<7 + max(sum, -sum)) / (q << 8)
		if k > 0 && coefBits[k] > 0 {
			v = min(v, 1<<coefBits[k]-1)
		}
		if sum < 0 {
			v = -v
		}
		block[zigzagIndex[k]] = int16(v)
	}
}
