package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
)

// Markers: ITU-T T.81 table B.1.
const (
	markerTEM   = 0x01
	markerSOF0  = 0xc0
	markerSOF1  = 0xc1
	markerSOF2  = 0xc2
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerSOF9  = 0xc9
	markerSOF10 = 0xca
	markerDAC   = 0xcc
	markerSOF15 = 0xcf
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDNL   = 0xdc
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// A component is one plane as the headers describe it.
type component struct {
	id               byte
	h, v             int  // sampling factors: blocks of an MCU
	quantTable       byte // number of its quantization table
	dcTable, acTable byte // numbers of its Huffman tables, or of the statistics in arithmetic coding
}

// A header is all that stands before the entropy-coded data.
type header struct {
	width, height   int
	comps           [4]component
	nComps          int         // components: 1, 3 or 4; 0 before a frame header
	maxSampling     image.Point // the largest sampling factors of all components
	color           Color
	restartInterval int           // MCUs between restart markers, 0 for none
	quant           [4][64]uint16 // in zigzag order
	hasQuant        [4]bool
	huffman         [2][4]huffSpec // DC and AC
	dcLower         [4]uint8       // conditioning of arithmetic coding, by table: L and U of T.81,
	dcUpper         [4]uint8
	acKx            [4]uint8 // and Kx
	jfif            bool
	adobe           int // the transform of an Adobe marker, -1 without one
	entropyStart    int // where the entropy-coded data start
	progressive     bool
	arithmetic      bool       // the entropy coding is, and not Huffman's
	scan            scanHeader // the last scan that was read
	buffered        bool       // the file is not for scan: all coefficients are collected first
}

// next finds the next marker at or after at and gives its code and the offset behind
// it. Whatever stands before it is skipped, as libjpeg does (next_marker of
// jdmarker.c). ok is false where there is none.
func nextMarker(data []byte, at int) (mark byte, after int, ok bool) {
	for {
		i := bytes.IndexByte(data[min(at, len(data)):], 0xff)
		if i < 0 {
			return 0, len(data), false
		}
		for at += i; at < len(data) && data[at] == 0xff; at++ { // fill bytes
		}
		if at == len(data) {
			return 0, at, false
		}
		mark = data[at]
		at++
		if mark != 0 {
			return mark, at, true
		}
	}
}

// marked tells whether a marker is at or after at, but for restart markers.
func hasMarker(data []byte, at int) bool {
	for {
		mark, after, ok := nextMarker(data, at)
		if !ok || mark < markerRST0 || mark > markerRST7 {
			return ok
		}
		at = after
	}
}

// parse reads the segments up to the first scan's header, that included.
func (h *header) parse(data []byte) error {
	if len(data) < 2 {
		return fmt.Errorf("%w in its first bytes", ErrTruncated)
	}
	if data[0] != 0xff || data[1] != markerSOI {
		return fmt.Errorf("%w: it does not start as a JPEG file does", ErrCorrupt)
	}
	h.nComps, h.restartInterval, h.jfif, h.adobe, h.progressive = 0, 0, false, -1, false
	h.hasQuant = [4]bool{}
	h.resetConditioning()
	for class := range h.huffman {
		for i := range h.huffman[class] {
			h.huffman[class][i].n = 0
		}
	}
	switch mark, err := h.processSegments(data, 2); {
	case err != nil:
		return err
	case mark == markerEOI:
		return fmt.Errorf("%w: there is no image in it", ErrTruncated)
	}
	return h.finish()
}

// segments reads those at and after at, up to a scan's header, that included, or the
// end of the image: mark is SOS or EOI.
func (h *header) processSegments(data []byte, at int) (mark byte, err error) {
	for {
		mark, after, ok := nextMarker(data, at)
		if !ok {
			return 0, fmt.Errorf("%w within its headers", ErrTruncated)
		}
		at = after
		switch {
		case mark == markerEOI:
			return mark, nil
		case mark == markerSOI:
			return 0, fmt.Errorf("%w: a second start of image", ErrCorrupt)
		case mark == markerTEM, markerRST0 <= mark && mark <= markerRST7:
			continue // no length follows
		}
		if len(data)-at < 2 {
			return 0, fmt.Errorf("%w within its headers", ErrTruncated)
		}
		size := int(binary.BigEndian.Uint16(data[at:]))
		if size < 2 {
			return 0, fmt.Errorf("%w: segment %#x has length %d", ErrCorrupt, mark, size)
		}
		if size > len(data)-at {
			return 0, fmt.Errorf("%w within its headers", ErrTruncated)
		}
		segment := data[at+2 : at+size]
		at += size
		if err := h.processSegment(mark, segment); err != nil {
			return 0, err
		}
		if mark == markerSOS {
			h.entropyStart = at
			return mark, nil
		}
	}
}

func (h *header) processSegment(mark byte, b []byte) error {
	switch {
	case mark == markerSOF0, mark == markerSOF1, mark == markerSOF2, mark == markerSOF9, mark == markerSOF10:
		h.progressive, h.arithmetic = mark == markerSOF2 || mark == markerSOF10, mark >= markerSOF9
		return h.processSOF(b)
	case mark == markerDHT:
		return h.processDHT(b)
	case mark == markerDAC:
		return h.processDAC(b)
	case markerSOF0 <= mark && mark <= markerSOF15:
		return fmt.Errorf("%w: frame header %#x (lossless or hierarchical)", ErrUnsupported, mark)
	case mark == markerSOS:
		return h.processSOS(b)
	case mark == markerDQT:
		return h.processDQT(b)
	case mark == markerDRI:
		if len(b) != 2 {
			return malformed(mark)
		}
		h.restartInterval = int(binary.BigEndian.Uint16(b))
	case mark == markerAPP0 && len(b) >= 14 && bytes.HasPrefix(b, []byte("JFIF\x00")):
		h.jfif = true
	case mark == markerAPP14 && len(b) >= 12 && bytes.HasPrefix(b, []byte("Adobe")):
		h.adobe = int(b[11])
	case mark < markerDNL, mark > markerDNL && mark < markerAPP0, mark > markerAPP15 &&
		mark != markerCOM: // libjpeg and Pillow stop there, too
		return fmt.Errorf("%w: marker %#x means nothing", ErrCorrupt, mark)
	}
	return nil
}

func malformed(mark byte) error {
	return fmt.Errorf("%w: segment %#x has wrong contents", ErrCorrupt, mark)
}

// frame reads SOF0, SOF1, SOF2, SOF9 and SOF10: T.81 B.2.2.
func (h *header) processSOF(b []byte) error {
	if h.nComps != 0 {
		return fmt.Errorf("%w: two frame headers", ErrCorrupt)
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return malformed(markerSOF0)
	}
	h.height, h.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	n := int(b[5])
	switch {
	case b[0] != 8:
		return fmt.Errorf("%w: samples of %d bits", ErrUnsupported, b[0])
	case n != 1 && n != 3 && n != 4:
		return fmt.Errorf("%w: %d components", ErrUnsupported, n)
	case h.height == 0: // a DNL marker may give it
		return fmt.Errorf("%w: height 0", ErrUnsupported)
	case h.width == 0:
		return malformed(markerSOF0)
	}
	for i := range n {
		c := b[6+3*i:]
		h.comps[i] = component{id: c[0], h: int(c[1] >> 4), v: int(c[1] & 15), quantTable: c[2]}
		if h.comps[i].h-1 > 3 || h.comps[i].h < 1 || h.comps[i].v-1 > 3 || h.comps[i].v < 1 ||
			c[2] > 3 {
			return malformed(markerSOF0)
		}
	}
	h.nComps = n
	return nil
}

// quantization reads DQT: T.81 B.2.4.1.
func (h *header) processDQT(b []byte) error {
	for len(b) > 0 {
		wide, number := b[0]>>4, b[0]&15
		size := 64
		if wide != 0 {
			size = 128
		}
		if b = b[1:]; number > 3 || wide > 1 || len(b) < size {
			return malformed(markerDQT)
		}
		for i := range 64 {
			if wide == 0 {
				h.quant[number][i] = uint16(b[i])
			} else {
				h.quant[number][i] = binary.BigEndian.Uint16(b[2*i:])
			}
		}
		h.hasQuant[number] = true
		b = b[size:]
	}
	return nil
}

// huffman reads DHT: T.81 B.2.4.2.
func (h *header) processDHT(b []byte) error {
	for len(b) > 0 {
		class, number := b[0]>>4, b[0]&15
		if class > 1 || number > 3 || len(b) < 17 {
			return malformed(markerDHT)
		}
		n := 0
		for _, count := range b[1:17] {
			n += int(count)
		}
		if n > 256 || len(b) < 17+n {
			return malformed(markerDHT)
		}
		s := &h.huffman[class][number]
		s.n = n
		copy(s.counts[:], b[1:17])
		copy(s.symbols[:], b[17:17+n])
		b = b[17+n:]
	}
	return nil
}

// scanHeader reads SOS: T.81 B.2.3 and G.1.1.1.
func (h *header) processSOS(b []byte) error {
	if h.nComps == 0 {
		return fmt.Errorf("%w: a scan before the frame header", ErrCorrupt)
	}
	if len(b) < 1 || len(b) != 4+2*int(b[0]) {
		return malformed(markerSOS)
	}
	p := scanHeader{n: int(b[0]), lastCoef: 63}
	if p.n < 1 || p.n > h.nComps {
		return malformed(markerSOS)
	}
	blocks := 0
	for i, c := 0, 0; i < p.n; c++ {
		if c == h.nComps {
			return fmt.Errorf("%w: a scan's components are not those of the frame, in its order",
				ErrCorrupt)
		}
		comp := &h.comps[c]
		if b[1+2*i] != comp.id {
			continue
		}
		if comp.dcTable, comp.acTable = b[2+2*i]>>4, b[2+2*i]&15; comp.dcTable > 3 || comp.acTable > 3 {
			return malformed(markerSOS)
		}
		p.comps[i] = uint8(c)
		blocks += comp.h * comp.v
		i++
	}
	if p.n > 1 && blocks > 10 { // T.81 B.2.3
		return fmt.Errorf("%w: %d blocks in a unit", ErrCorrupt, blocks)
	}
	// else these bytes mean nothing; libjpeg and image/jpeg don't mind them, either
	if h.progressive {
		if err := p.processBand(b[1+2*p.n:]); err != nil {
			return err
		}
	}
	h.scan = p
	return nil
}

// conditions checks what only all segments before the first scan together say.
func (h *header) finish() error {
	if h.nComps == 1 {
		// a scan of one component is never interleaved: T.81 A.2.2
		h.comps[0].h, h.comps[0].v = 1, 1
	}
	h.maxSampling = image.Point{}
	for _, c := range h.comps[:h.nComps] {
		h.maxSampling = image.Pt(max(h.maxSampling.X, c.h), max(h.maxSampling.Y, c.v))
	}
	for _, c := range h.comps[:h.nComps] {
		if h.maxSampling.X%c.h != 0 || h.maxSampling.Y%c.v != 0 { // nor does libjpeg
			return fmt.Errorf("%w: a component of %dx%d among %dx%d samples", ErrUnsupported, c.h,
				c.v, h.maxSampling.X, h.maxSampling.Y)
		}
	}
	h.color = h.colorSpace()
	cb, cr := h.comps[1], h.comps[2]
	quick := h.nComps == 1 || max(h.maxSampling.X, h.maxSampling.Y) <= 2 && cb.h*cb.v*cr.h*cr.v == 1 &&
		(h.nComps == 4 || h.callerUpsamples())
	h.buffered = h.progressive || h.arithmetic || h.scan.n < h.nComps || !quick
	if h.progressive || h.arithmetic {
		return nil // tables may come with the scans, or are not needed
	}
	for i := range 2 {
		for class := range h.huffman {
			if s := &h.huffman[class][i]; s.n == 0 { // as in frames of Motion JPEG
				*s = standardTables[class][i]
			}
		}
	}
	return nil
}

// colors is default_decompress_parms of libjpeg's jdapimin.c: JFIF counts more than
// Adobe, and that more than names.
func (h *header) colorSpace() Color {
	named := h.comps[0].id == 'R' && h.comps[1].id == 'G' && h.comps[2].id == 'B'
	switch {
	case h.nComps == 4 && h.adobe <= 0:
		return CMYK
	case h.nComps == 4:
		return YCCK
	case h.nComps == 3 && !h.jfif && (h.adobe == 0 || h.adobe < 0 && named):
		return RGB
	}
	return YCbCr
}

// plain tells whether the caller does the upsampling: luma has every sample, and both
// chromas as many as each other.
func (h *header) callerUpsamples() bool {
	y, cb, cr := h.comps[0], h.comps[1], h.comps[2]
	full := image.Pt(y.h, y.v) == h.maxSampling
	switch {
	case h.nComps == 1:
		return true
	case h.nComps == 4 || h.color == RGB:
		for _, c := range h.comps[1:h.nComps] {
			full = full && image.Pt(c.h, c.v) == h.maxSampling
		}
		return full
	}
	return full && cb.h == cr.h && cb.v == cr.v
}
