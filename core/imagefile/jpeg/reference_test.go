package jpeg

import "fmt"

// A reference decoder, after T.81 and jidctint.c, bit by bit. It shares only the header
// parser with the decoder under test.

// naivePlane has a component's samples, in full blocks.
type naivePlane struct {
	pix           []byte
	stride        int
	width, height int // samples of the image
}

type naive struct {
	h      header
	data   []byte
	at     int
	bits   int // of the current byte that are left
	cur    byte
	absurd bool // a coefficient or sample far beyond what an encoder writes
}

func naiveDecode(data []byte) (planes []naivePlane, absurd bool, err error) {
	n := &naive{data: data}
	if err := n.h.parse(data); err != nil {
		return nil, false, err
	}
	n.at = n.h.entropyStart
	defer func() {
		if r := recover(); r != nil {
			planes, err = nil, r.(error)
		}
	}()
	if n.h.buffered || n.h.nComps == 4 {
		return n.buffered(), n.absurd, nil
	}
	planes = n.image()
	return planes, n.absurd, nil
}

func (n *naive) fail(err error) { panic(fmt.Errorf("%w", err)) }

// bit returns the next bit: F.2.2.5.
func (n *naive) bit() int {
	if n.bits == 0 {
		if n.at >= len(n.data) {
			n.fail(ErrTruncated)
		}
		n.cur = n.data[n.at]
		if n.cur == 0xff {
			i := n.at + 1
			for i < len(n.data) && n.data[i] == 0xff {
				i++
			}
			if i == len(n.data) || n.data[i] != 0 {
				n.fail(ErrTruncated)
			}
			n.at = i
		}
		n.at++
		n.bits = 8
	}
	n.bits--
	return int(n.cur>>n.bits) & 1
}

// symbol decodes a Huffman code: F.2.2.3.
func (n *naive) symbol(s *huffSpec) byte {
	code, first, k := 0, 0, 0
	for _, count := range s.counts {
		code = code<<1 | n.bit()
		if code < first+int(count) {
			return s.symbols[k+code-first]
		}
		k += int(count)
		first = (first + int(count)) << 1
	}
	n.fail(ErrCorrupt)
	return 0
}

func (n *naive) value(size byte) int {
	v := 0
	for range size {
		v = v<<1 | n.bit()
	}
	if size > 0 && v < 1<<(size-1) {
		v += 1 - 1<<size
	}
	return v
}

func checkSpec(s *huffSpec, dc bool) error {
	code, k := 0, 0
	for i, count := range s.counts {
		if code += int(count); code > 2<<i {
			return ErrCorrupt
		}
		code <<= 1
		k += int(count)
	}
	for _, symbol := range s.symbols[:k] {
		if dc && symbol > 15 {
			return ErrCorrupt
		}
	}
	return nil
}

func (n *naive) image() []naivePlane {
	h := &n.h
	var planes []naivePlane
	luma := h.comps[0]
	across, down := ceil(h.width, 8*luma.h), ceil(h.height, 8*luma.v)
	n.needTables()
	for i, c := range h.comps[:h.nComps] {
		p := naivePlane{stride: across * 8 * c.h, width: h.width, height: h.height}
		p.pix = make([]byte, p.stride*down*8*c.v)
		if i > 0 {
			p.width, p.height = ceil(h.width, luma.h), ceil(h.height, luma.v)
		}
		planes = append(planes, p)
	}
	var dc [3]int
	for mcu := range across * down {
		if h.restartInterval > 0 && mcu > 0 && mcu%h.restartInterval == 0 {
			n.restart(mcu/h.restartInterval - 1)
			dc = [3]int{}
		}
		for i, c := range h.comps[:h.nComps] {
			for b := range c.h * c.v {
				x, y := mcu%across*c.h+b%c.h, mcu/across*c.v+b/c.h
				n.block(c, &dc[i], planes[i].pix[y*8*planes[i].stride+x*8:], planes[i].stride)
			}
		}
	}
	if n.endOfScan() {
		n.fail(ErrExtraneous)
	}
	return planes
}

// endOfScan reports whether there are extraneous bytes.
func (n *naive) endOfScan() (extraneous bool) {
	for {
		if n.at < len(n.data) && (n.data[n.at] != 0xff || n.stuffed()) {
			return true
		}
		marker, after, ok := nextMarker(n.data, n.at)
		if ok && marker == markerSOS && !n.h.progressive && n.h.scan.n == n.h.nComps {
			n.fail(ErrCorrupt)
		}
		if !ok || marker < markerRST0 || marker > markerRST7 {
			return false
		}
		n.at = after // a restart marker
	}
}

// stuffed reports whether the FF byte at n.at is data.
func (n *naive) stuffed() bool {
	i := n.at
	for i < len(n.data) && n.data[i] == 0xff {
		i++
	}
	return i < len(n.data) && n.data[i] == 0
}

func (n *naive) restart(number int) {
	marker, after, ok := nextMarker(n.data, n.at)
	switch {
	case n.at < len(n.data) && (n.data[n.at] != 0xff || n.stuffed()):
		n.fail(ErrCorrupt)
	case !ok || marker == markerEOI:
		n.fail(ErrTruncated)
	case marker != markerRST0+byte(number&7):
		n.fail(ErrCorrupt)
	}
	n.at, n.bits = after, 0
}

// needTables checks the tables of a sequential scan.
func (n *naive) needTables() {
	h := &n.h
	for _, i := range h.scan.comps[:h.scan.n] {
		dc, ac := &h.huffman[0][h.comps[i].dcTable], &h.huffman[1][h.comps[i].acTable]
		if !h.hasQuant[h.comps[i].quantTable] || dc.n == 0 || ac.n == 0 ||
			checkSpec(dc, true) != nil || checkSpec(ac, false) != nil {
			n.fail(ErrCorrupt)
		}
	}
}

// coefs reads a block of a sequential scan, in zigzag order.
func (n *naive) coefs(c component, dc *int) (coefs [64]int) {
	size := n.symbol(&n.h.huffman[0][c.dcTable])
	*dc += n.value(size)
	coefs[0] = *dc
	for k := 1; k < 64; k++ {
		symbol := n.symbol(&n.h.huffman[1][c.acTable])
		run, size := int(symbol>>4), symbol&15
		if size == 0 && run != 15 {
			break
		}
		if k += run; k > 63 {
			n.fail(ErrCorrupt)
		}
		coefs[k] = n.value(size)
	}
	return coefs
}

func (n *naive) block(c component, dc *int, dst []byte, stride int) {
	var coefs, table [64]int
	for k, v := range n.coefs(c, dc) {
		coefs[naturalOrder[k]] = v
	}
	for k, q := range n.h.quant[c.quantTable] {
		table[naturalOrder[k]] = int(q)
	}
	if referenceIDCT(&coefs, &table, dst, stride) {
		n.absurd = true
	}
}

// referenceIDCT is jpeg_idct_islow of jidctint.c, with the overflows of libjpeg-turbo's
// SIMD that kernels_body.h documents. absurd reports whether no encoder would write
// such coefficients.
func referenceIDCT(coefs, quant *[64]int, dst []byte, stride int) (absurd bool) {
	var work [64]int
	flat := true
	for i := range work {
		product := coefs[i] * quant[i]
		absurd = absurd || product < -3000 || product > 3000
		work[i] = int(int16(product))
		flat = flat && (i < 8 || int16(coefs[i]) == 0)
	}
	for c := range 8 {
		if flat {
			shifted := int(int16(work[c] * 4))
			for r := range 8 {
				work[8*r+c] = shifted
			}
			continue
		}
		islow(work[c:], 8, 11)
	}
	for r := range 8 {
		islow(work[8*r:], 1, 18)
		for c := range 8 {
			dst[r*stride+c] = byte(min(max(work[8*r+c]+128, 0), 255))
		}
	}
	return absurd
}

// islow is one pass of jidctint.c over x[0], x[step], ..., with the names used there.
// narrow marks what SIMD keeps in 16 bits.
func islow(x []int, step, shift int) {
	fix := func(x float64) int { return int(x*8192 + 0.5) }
	narrow := func(x int) int { return int(int16(x)) }
	at := func(i int) int { return x[i*step] }
	z2, z3 := at(2), at(6)
	z1 := (z2 + z3) * fix(0.541196100)
	tmp2, tmp3 := z1-z3*fix(1.847759065), z1+z2*fix(0.765366865)
	tmp0, tmp1 := narrow(at(0)+at(4))<<13, narrow(at(0)-at(4))<<13
	tmp10, tmp13, tmp11, tmp12 := tmp0+tmp3, tmp0-tmp3, tmp1+tmp2, tmp1-tmp2

	tmp0, tmp1, tmp2, tmp3 = at(7), at(5), at(3), at(1)
	z1, z2, z3 = tmp0+tmp3, tmp1+tmp2, narrow(tmp0+tmp2)
	z4 := narrow(tmp1 + tmp3)
	z5 := (z3 + z4) * fix(1.175875602)
	tmp0 *= fix(0.298631336)
	tmp1 *= fix(2.053119869)
	tmp2 *= fix(3.072711026)
	tmp3 *= fix(1.501321110)
	z1 *= -fix(0.899976223)
	z2 *= -fix(2.562915447)
	z3 = z3*-fix(1.961570560) + z5
	z4 = z4*-fix(0.390180644) + z5
	tmp0 += z1 + z3
	tmp1 += z2 + z4
	tmp2 += z2 + z3
	tmp3 += z1 + z4

	round := 1 << (shift - 1)
	for i, v := range [8]int{tmp10 + tmp3, tmp11 + tmp2, tmp12 + tmp1, tmp13 + tmp0, tmp13 - tmp0,
		tmp12 - tmp1, tmp11 - tmp2, tmp10 - tmp3} {
		x[i*step] = min(max((v+round)>>shift, -1<<15), 1<<15-1)
	}
}

// upsampled returns the sample of a chroma plane at luma position x, y, by the fancy
// upsampling of jdsample.c.
func upsampled(p Planes, plane []byte, x, y int) byte {
	width, height := ceil(p.Width, p.H), ceil(p.Height, p.V)
	at := func(x, y int) int {
		return int(plane[min(max(y, 0), height-1)*p.CStride+min(max(x, 0), width-1)])
	}
	cx, cy := x/p.H, y/p.V
	sx, sy := 2*(x&1)-1, 2*(y&1)-1 // to the next nearest
	column := func(x int) int { return 3*at(x, cy) + at(x, cy+sy) }
	switch {
	case p.H == 1 && p.V == 1:
		return byte(at(cx, cy))
	case p.H == 1:
		return byte((column(cx) + 1 + y&1) >> 2)
	case width <= 2:
		return byte(at(cx, cy))
	case p.V == 1:
		return byte((3*at(cx, cy) + at(cx+sx, cy) + 1 + x&1) >> 2)
	}
	return byte((3*column(cx) + column(cx+sx) + 8 - x&1) >> 4)
}
