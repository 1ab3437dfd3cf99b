package jpeg

// Where a progressive file leaves out bits of the first AC coefficients, libjpeg
// guesses them from the DC coefficients of the 5 x 5 blocks around, and smooths the DC
// coefficients, too, while it knows no AC at all (decompress_smooth_data of
// libjpeg-turbo's jdcoefct.c).

// guessed is how many coefficients, in zigzag order, are guessed.
const smoothedCoefs = 10

// A guess is 1/256 of the sum of products of these with the DC coefficients around, by
// coefficient, rows first, where no AC is known.
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

// guessKnown are those beside coefficients that are known.
var weightsWithAC = [6][25]int{
	1: {10: -7, 11: 50, 13: -50, 14: 7},
	2: {2: -7, 7: 50, 17: -50, 22: 7},
	3: {2: -1, 7: 13, 12: -24, 17: 13, 22: -1},
	4: {1: -1, 3: 1, 5: -1, 6: 10, 8: -10, 9: 1, 15: 1, 16: -10, 18: 10, 19: -1, 21: 1, 23: -1},
	5: {10: -1, 11: 13, 12: -24, 13: 13, 14: -1},
}

// guesses tells whether smooth is of use: smoothing_ok of jdcoefct.c.
func (s *state) canSmooth() bool {
	p := s.buf
	useful := false
	for i := range s.hdr.nComps {
		if !p.quantLatched[i] || p.coefBits[i][0] == unseen {
			return false
		}
		for k := range smoothedCoefs {
			if s.dequant[i][zigzagIndex[k]] == 0 {
				return false
			}
			useful = useful || k > 0 && p.coefBits[i][k] != 0
		}
	}
	return useful
}

// smooth guesses what the region needs of the coefficients that are missing.
func (s *state) smooth() {
	for i := range s.hdr.nComps {
		s.smoothComponent(i)
	}
}

func (s *state) smoothComponent(i int) {
	p, part := s.buf, &s.layout.comps[i]
	a := &p.comps[i]
	width, all := 2*a.pairsPerRow, p.coefs[a.firstPair*pairCoefs:]
	at := func(x, y int) int { return y*a.pairsPerRow*pairCoefs + blockAt(x) }
	// The DC coefficients as they were: of the rows behind the image, too, which
	// libjpeg reads in one case.
	p.dcValues = zeroed(p.dcValues, width*s.layout.mcusY*part.v, maxKept/128)
	dcs := p.dcValues
	for y := range s.layout.mcusY * part.v {
		for x := range width {
			dcs[y*width+x] = all[at(x, y)]
		}
	}
	for y := part.neededBlocks.Min.Y; y < part.neededBlocks.Max.Y; y++ {
		mcu, in := y/part.v, y%part.v
		known := p.coefBits[i][:smoothedCoefs]
		if mcu > p.lastGoodRow { // what its last scan gave has not come so far
			if known = p.prevCoefBits[i][:]; p.scanCount < 2 {
				known = noCoefBits[:]
			}
		}
		// The rows in the last row of MCUs are counted as if all had as many as it has.
		rows := part.v
		if mcu == s.layout.mcusY-1 && a.blocksY%part.v != 0 {
			rows = a.blocksY % part.v
		}
		row, last := mcu*rows+in, rows*s.layout.mcusY-1
		rowsAround := [5]int{y - min(row, 2), y - min(row, 1), y, y + min(last-row, 1),
			y + min(last-row, 2)}
		for x := part.neededBlocks.Min.X; x < part.neededBlocks.Max.X; x++ {
			var around [25]int
			for j, y := range rowsAround {
				for k := range 5 {
					around[5*j+k] = int(dcs[y*width+min(max(x+k-2, 0), a.blocksX-1)])
				}
			}
			smoothBlock(all[at(x, y):], &s.dequant[i], known, &around)
		}
	}
}

var noCoefBits = [smoothedCoefs]int8{unseen, unseen, unseen, unseen, unseen, unseen, unseen, unseen, unseen, unseen}

// guess sets the coefficients of a block. known tells what bits of them are missing.
func smoothBlock(block []int16, factor *[pairCoefs]int16, known []int8, around *[25]int) {
	blind := [smoothedCoefs - 1]int8(known[1:]) == [smoothedCoefs - 1]int8(noCoefBits[1:])
	weights := weightsWithAC[:]
	if blind {
		weights = weightsWithoutAC[:]
	}
	for k := range weights {
		if known[k] == 0 && k > 0 || k == 0 && !blind || k > 0 && block[zigzagIndex[k]] != 0 {
			continue
		}
		sum := 0
		for j, w := range weights[k] {
			sum += w * around[j]
		}
		sum *= int(uint16(factor[0]))
		q := int(uint16(factor[zigzagIndex[k]]))
		v := (q<<7 + max(sum, -sum)) / (q << 8)
		if k > 0 && known[k] > 0 {
			v = min(v, 1<<known[k]-1)
		}
		if sum < 0 {
			v = -v
		}
		block[zigzagIndex[k]] = int16(v)
	}
}
