package jpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// processSegments reads the segments at and after offset at, up to and including a scan
// header, or to the end of the image. The marker returned is SOS or EOI.
func (h *header) processSegments(data []byte, at int) (marker byte, err error) {
	for {
		marker, after, ok := nextMarker(data, at)
		if !ok {
			return 0, fmt.Errorf("%w within its headers", ErrTruncated)
		}
		at = after
		switch {
		case marker == markerEOI:
			return marker, nil
		case marker == markerSOI:
			return 0, fmt.Errorf("%w: a second start of image", ErrCorrupt)
		case marker == markerTEM, isRestart(marker):
			continue // no length follows
		}
		if len(data)-at < 2 {
			return 0, fmt.Errorf("%w within its headers", ErrTruncated)
		}
		size := int(binary.BigEndian.Uint16(data[at:]))
		if size < 2 {
			return 0, fmt.Errorf("%w: segment %#x has length %d", ErrCorrupt, marker, size)
		}
		if size > len(data)-at {
			return 0, fmt.Errorf("%w within its headers", ErrTruncated)
		}
		segment := data[at+2 : at+size]
		at += size
		if err := h.processSegment(marker, segment); err != nil {
			return 0, err
		}
		if marker == markerSOS {
			h.entropyStart = at
			return marker, nil
		}
	}
}

func (h *header) processSegment(marker byte, b []byte) error {
	switch marker {
	case markerSOF0, markerSOF1, markerSOF2, markerSOF9, markerSOF10:
		h.progressive = marker == markerSOF2 || marker == markerSOF10
		h.arithmetic = marker >= markerSOF9
		return h.processSOF(b)
	case markerDHT:
		return h.processDHT(b)
	case markerDAC:
		return h.processDAC(b)
	case markerSOS:
		return h.processSOS(b)
	case markerDQT:
		return h.processDQT(b)
	case markerDRI:
		if len(b) != 2 {
			return malformed(marker)
		}
		h.restartInterval = int(binary.BigEndian.Uint16(b))
		return nil
	case markerDNL, markerCOM:
		return nil
	}
	switch {
	case markerSOF0 <= marker && marker <= markerSOF15:
		return fmt.Errorf("%w: frame header %#x (lossless or hierarchical)", ErrUnsupported, marker)
	case markerAPP0 <= marker && marker <= markerAPP15:
		h.processAPP(marker, b)
		return nil
	}
	// libjpeg and Pillow stop there, too.
	return fmt.Errorf("%w: unknown marker %#x", ErrCorrupt, marker)
}

func malformed(marker byte) error {
	return fmt.Errorf("%w: segment %#x has wrong contents", ErrCorrupt, marker)
}

// processAPP reads the application segments that matter: JFIF, Exif, XMP and Adobe.
func (h *header) processAPP(marker byte, b []byte) {
	switch marker {
	case markerAPP0:
		h.jfif = h.jfif || len(b) >= 14 && bytes.HasPrefix(b, []byte("JFIF\x00"))
	case markerAPP1:
		if content, ok := bytes.CutPrefix(b, []byte("Exif\x00\x00")); ok && h.exif == nil {
			h.exif = content
		} else if content, ok := bytes.CutPrefix(b,
			[]byte("http://ns.adobe.com/xap/1.0/\x00")); ok && h.xmp == nil {
			h.xmp = content
		}
	case markerAPP14:
		if len(b) >= 12 && bytes.HasPrefix(b, []byte("Adobe")) {
			h.adobe = int(b[11])
		}
	}
}

// processSOF reads a frame header, SOF0, SOF1, SOF2, SOF9 or SOF10: T.81 B.2.2.
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
	case h.width == 0:
		return fmt.Errorf("%w: the size %d x %d has no pixels", ErrCorrupt, h.width, h.height)
	case h.height == 0: // a DNL marker may specify it
		return fmt.Errorf("%w: the size %d x %d has no pixels", ErrUnsupported, h.width, h.height)
	}
	for i := range n {
		spec := b[6+3*i:]
		c := component{id: spec[0], h: int(spec[1] >> 4), v: int(spec[1] & 15), quantTable: spec[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quantTable > 3 {
			return malformed(markerSOF0)
		}
		h.comps[i] = c
	}
	h.nComps = n
	return nil
}

// processDQT reads quantization tables: T.81 B.2.4.1.
func (h *header) processDQT(b []byte) error {
	for len(b) > 0 {
		precision, index := b[0]>>4, b[0]&15
		size := 64
		if precision != 0 {
			size = 128
		}
		if b = b[1:]; index > 3 || precision > 1 || len(b) < size {
			return malformed(markerDQT)
		}
		for i := range 64 {
			if precision == 0 {
				h.quant[index][i] = uint16(b[i])
			} else {
				h.quant[index][i] = binary.BigEndian.Uint16(b[2*i:])
			}
		}
		h.hasQuant[index] = true
		b = b[size:]
	}
	return nil
}

// processDHT reads Huffman tables: T.81 B.2.4.2.
func (h *header) processDHT(b []byte) error {
	for len(b) > 0 {
		class, index := b[0]>>4, b[0]&15
		if class > 1 || index > 3 || len(b) < 17 {
			return malformed(markerDHT)
		}
		n := 0
		for _, count := range b[1:17] {
			n += int(count)
		}
		if n > 256 || len(b) < 17+n {
			return malformed(markerDHT)
		}
		s := &h.huffman[class][index]
		s.n = n
		copy(s.counts[:], b[1:17])
		copy(s.symbols[:], b[17:17+n])
		b = b[17+n:]
	}
	return nil
}

// processDAC reads the conditioning of arithmetic coding: T.81 B.2.4.3.
func (h *header) processDAC(b []byte) error {
	for ; len(b) > 1; b = b[2:] {
		class, index, value := b[0]>>4, b[0]&15, b[1]
		switch {
		case class > 1 || index > 3 || class == 0 && value&15 > value>>4:
			return malformed(markerDAC)
		case class == 0:
			h.dcLower[index], h.dcUpper[index] = value&15, value>>4
		default:
			h.acKx[index] = value
		}
	}
	if len(b) > 0 {
		return malformed(markerDAC)
	}
	return nil
}

// resetConditioning sets the defaults that hold without a DAC segment: T.81 F.1.4.4.1.4
// and F.1.4.4.2.1.
func (h *header) resetConditioning() {
	h.dcLower, h.dcUpper, h.acKx = [4]uint8{}, [4]uint8{1, 1, 1, 1}, [4]uint8{5, 5, 5, 5}
}

// A scanHeader is the content of an SOS segment. For a sequential scan it stands for
// all bits of all coefficients.
type scanHeader struct {
	comps               [4]uint8 // indices of the scan's components, in the frame's order
	n                   int
	firstCoef, lastCoef uint // Ss and Se of T.81: a band of coefficients in zigzag order
	ah, al              uint // bits that earlier scans left out (0: all), that this one leaves out
}

// processSOS reads a scan header: T.81 B.2.3 and G.1.1.1.
func (h *header) processSOS(b []byte) error {
	if h.nComps == 0 {
		return fmt.Errorf("%w: a scan before the frame header", ErrCorrupt)
	}
	if len(b) < 1 || len(b) != 4+2*int(b[0]) {
		return malformed(markerSOS)
	}
	scan := scanHeader{n: int(b[0]), lastCoef: 63}
	if scan.n < 1 || scan.n > h.nComps {
		return malformed(markerSOS)
	}
	blocks := 0
	for i, c := 0, 0; i < scan.n; c++ {
		if c == h.nComps {
			return fmt.Errorf("%w: a scan's components are not those of the frame, in its order",
				ErrCorrupt)
		}
		comp := &h.comps[c]
		if b[1+2*i] != comp.id {
			continue
		}
		comp.dcTable, comp.acTable = b[2+2*i]>>4, b[2+2*i]&15
		if comp.dcTable > 3 || comp.acTable > 3 {
			return malformed(markerSOS)
		}
		scan.comps[i] = uint8(c)
		blocks += comp.h * comp.v
		i++
	}
	if scan.n > 1 && blocks > 10 { // T.81 B.2.3
		return fmt.Errorf("%w: %d blocks in an MCU", ErrCorrupt, blocks)
	}
	// In a sequential scan the last three bytes have no meaning; libjpeg and image/jpeg
	// do not check them, either.
	if h.progressive {
		if err := scan.processBand(b[1+2*scan.n:]); err != nil {
			return err
		}
	}
	h.scan = scan
	return nil
}

// processBand reads Ss, Se, Ah and Al, which follow the components in a scan header.
func (q *scanHeader) processBand(b []byte) error {
	q.firstCoef, q.lastCoef, q.ah, q.al = uint(b[0]), uint(b[1]), uint(b[2]>>4), uint(b[2]&15)
	// The conditions of start_pass_phuff_decoder in libjpeg's jdphuff.c.
	switch {
	case q.firstCoef == 0 && q.lastCoef != 0, q.firstCoef > q.lastCoef, q.lastCoef > 63:
		return fmt.Errorf("%w: a scan of coefficients %d to %d", ErrCorrupt, q.firstCoef,
			q.lastCoef)
	case q.firstCoef > 0 && q.n > 1:
		return fmt.Errorf("%w: a scan of %d components' coefficients %d to %d", ErrCorrupt, q.n,
			q.firstCoef, q.lastCoef)
	case q.ah != 0 && q.al != q.ah-1, q.al > 13:
		return fmt.Errorf("%w: a scan of bits %d to %d", ErrCorrupt, q.ah, q.al)
	}
	return nil
}
