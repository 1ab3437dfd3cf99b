package jpeg

import (
	"fmt"
	"image"
)

// A Header describes an image as the segments before its first scan do.
type Header struct {
	Width, Height int
	Components    int // 1, 3 or 4
	Color         Color
	Progressive   bool
	Arithmetic    bool // arithmetic coding, not Huffman coding
	CanScale      bool // Decode can scale the image down
	// BytesPerPixel is an upper bound of the memory that decoding takes per pixel of
	// the full image. It does not include a fixed amount below 1 MB.
	BytesPerPixel int
	// EXIF is the TIFF structure of the first Exif segment, XMP the document of the
	// first XMP segment: parts of the file's data, nil if there is none.
	EXIF, XMP []byte
}

// MaxPixelsPerByte is how many pixels a byte of a Huffman-coded file can stand for: a
// block of 64 samples takes at least one bit, and with samplings of 4x1, 1x4 and 1x1
// nine blocks are 1024 pixels: 910, rounded up. A file too short for its size is
// truncated or a decompression bomb. In arithmetic coding there is no such bound: the
// data of any number of equal blocks may be empty.
const MaxPixelsPerByte = 1024

// A component is a color plane as the frame and scan headers describe it.
type component struct {
	id         byte
	h, v       int  // sampling factors: blocks per MCU
	quantTable byte // index of its quantization table
	dcTable    byte // indices of its Huffman tables, or of its arithmetic conditioning
	acTable    byte
}

// A header is everything that precedes the entropy-coded data of a scan.
type header struct {
	width, height   int
	comps           [4]component
	nComps          int         // 1, 3 or 4; 0 before a frame header
	maxSampling     image.Point // the largest sampling factors of all components
	color           Color
	restartInterval int           // MCUs between restart markers; 0: no restarts
	quant           [4][64]uint16 // quantization tables in zigzag order
	hasQuant        [4]bool
	huffman         [2][4]huffSpec // by class (DC, AC) and index
	dcLower         [4]uint8       // arithmetic conditioning by table: L and U of T.81 for DC,
	dcUpper         [4]uint8
	acKx            [4]uint8 // and Kx for AC
	jfif            bool
	adobe           int // color transform of the Adobe segment; -1: no such segment
	exif, xmp       []byte
	progressive     bool
	arithmetic      bool
	scan            scanHeader // the latest
	entropyStart    int        // offset of the scan's entropy-coded data
	// All coefficients are stored before the first block is transformed: see
	// decodeBuffered. Otherwise decodeSequential reads the file.
	buffered bool
}

// parse reads the segments from the start of the file to the first scan header.
func (h *header) parse(data []byte) error {
	if len(data) < 2 {
		return fmt.Errorf("%w in its first bytes", ErrTruncated)
	}
	if data[0] != 0xff || data[1] != markerSOI {
		return fmt.Errorf("%w: it does not start as a JPEG file does", ErrCorrupt)
	}
	h.nComps, h.restartInterval, h.jfif, h.adobe, h.progressive = 0, 0, false, -1, false
	h.exif, h.xmp = nil, nil
	h.hasQuant = [4]bool{}
	h.resetConditioning()
	for class := range h.huffman {
		for i := range h.huffman[class] {
			h.huffman[class][i].n = 0
		}
	}
	switch marker, err := h.processSegments(data, 2); {
	case err != nil:
		return err
	case marker == markerEOI:
		return fmt.Errorf("%w: there is no image in it", ErrTruncated)
	}
	return h.finish()
}

// finish checks and derives what depends on several segments before the first scan.
func (h *header) finish() error {
	if h.nComps == 1 {
		// A scan of one component is never interleaved: T.81 A.2.2.
		h.comps[0].h, h.comps[0].v = 1, 1
	}
	h.maxSampling = image.Point{}
	for _, c := range h.comps[:h.nComps] {
		h.maxSampling = image.Pt(max(h.maxSampling.X, c.h), max(h.maxSampling.Y, c.v))
	}
	for _, c := range h.comps[:h.nComps] {
		if h.maxSampling.X%c.h != 0 || h.maxSampling.Y%c.v != 0 { // libjpeg refuses it, too
			return fmt.Errorf("%w: a component of %dx%d among %dx%d samples", ErrUnsupported, c.h,
				c.v, h.maxSampling.X, h.maxSampling.Y)
		}
	}
	h.color = h.colorSpace()
	h.buffered = h.progressive || h.arithmetic || h.scan.n < h.nComps || !h.fastSampling()
	if h.progressive || h.arithmetic {
		return nil // tables may come with later scans, or are not used
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

// fastSampling reports whether decodeSequential can read the sampling factors.
func (h *header) fastSampling() bool {
	cb, cr := h.comps[1], h.comps[2]
	switch {
	case h.nComps == 1:
		return true
	case max(h.maxSampling.X, h.maxSampling.Y) > 2, cb.h*cb.v*cr.h*cr.v != 1:
		return false
	}
	return h.nComps == 4 || h.callerUpsamples()
}

// colorSpace follows default_decompress_parms of libjpeg's jdapimin.c: a JFIF segment
// has precedence over an Adobe segment, and that over the component identifiers.
func (h *header) colorSpace() Color {
	namedRGB := h.comps[0].id == 'R' && h.comps[1].id == 'G' && h.comps[2].id == 'B'
	switch {
	case h.nComps == 4 && h.adobe <= 0:
		return CMYK
	case h.nComps == 4:
		return YCCK
	case h.nComps == 3 && !h.jfif && (h.adobe == 0 || h.adobe < 0 && namedRGB):
		return RGB
	}
	return YCbCr
}

// callerUpsamples reports whether the planes are returned as they are, and the caller
// upsamples chroma: luma has full resolution, and both chroma components have the same.
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

// canScale reports whether blocks can be transformed to fewer samples.
func (h *header) canScale() bool { return !h.buffered && h.nComps < 4 }

// canBand reports whether DecodeBands can decode to bands.
func (h *header) canBand() bool { return !h.buffered && h.nComps == 4 && h.callerUpsamples() }

// bytesPerPixel is Header.BytesPerPixel.
func (h *header) bytesPerPixel() int {
	switch {
	case h.buffered: // coefficients of 16 bits, planes, and perhaps upsampled planes
		return 4 * h.nComps
	case h.canBand():
		return 0
	case h.nComps == 4: // planes and upsampled planes
		return 8
	}
	return h.nComps
}

// exported returns what callers of the package see.
func (h *header) exported() Header {
	return Header{Width: h.width, Height: h.height, Components: h.nComps, Color: h.color,
		Progressive: h.progressive, Arithmetic: h.arithmetic, CanScale: h.canScale(),
		BytesPerPixel: h.bytesPerPixel(), EXIF: h.exif, XMP: h.xmp}
}
