// Package jpeg decodes baseline and progressive JPEG files to their planes of samples,
// equal to the bit to those of libjpeg with its default transform (islow).
//
// It reads Huffman and arithmetic coding, sequential or progressive, in 8 bits: gray,
// YCbCr, RGB, CMYK and YCCK in all samplings that libjpeg reads. Everything that reads
// the file is safe Go; the inverse cosine transform is a C kernel that computes on
// buffers whose sizes Go has checked. Color is left to the caller, and so is the
// upsampling of chroma where both chromas have the same.
//
// What makes it fast: the stuffing is taken out first; one lookup gives up to two
// coefficients with their values and the bits that they took; blocks are decoded in
// chunks that stay in the cache, and transformed two at a time.
package jpeg

import (
	"errors"
	"fmt"
	"image"
)

var (
	// ErrUnsupported is wrapped for what is valid, or may be, but not for this decoder:
	// 12 bits, lossless and hierarchical files, two or more than four components,
	// samplings that are no whole fractions, a height that comes last (DNL).
	ErrUnsupported = errors.New("jpeg: not supported")
	// ErrTruncated is wrapped for a file that ends before its image does. An arithmetic
	// code does not tell where it ends: without a marker behind it, a file is whole
	// only if no decision needs a byte more. With one, zeros follow.
	ErrTruncated = errors.New("jpeg: the file ends before its image does (truncated)")
	// ErrCorrupt is wrapped for a file that breaks the rules of its headers or of the
	// entropy coding.
	ErrCorrupt = errors.New("jpeg: the file is damaged")
	// ErrExtraneous is wrapped, beside ErrCorrupt, where bytes are left over between
	// the last block and the marker after it. The planes that come with it are whole:
	// libjpeg only warns of it, and files of this kind are found in the wild.
	ErrExtraneous = errors.New("extraneous bytes after the last block")
)

// Color is what the components are.
type Color uint8

const (
	YCbCr Color = iota // or luma alone
	RGB
	CMYK // all values as stored
	YCCK
)

// Planes are the samples of an image: views of a Decoder's memory, valid until its next
// call. Y, Cb, Cr and K are the components in the file's order, whatever their color. K
// is nil unless there are four.
type Planes struct {
	Y, Cb, Cr, K     []byte
	YStride, CStride int // CStride is K's, too
	Width, Height    int // in luma samples; planes may have more, of no meaning
	H, V             int // luma samples per sample of Cb and Cr, 1 to 4; 1 unless Color is YCbCr
	Color            Color
	Gray             bool
}

// A Decoder decodes one file at a time. It owns all memory and reuses it: no allocation
// an image in steady state. It has no limit of size but the format's: its caller bounds
// the pixels before the call. The zero value is ready. Not safe for concurrent use: one
// a worker.
type Decoder struct {
	// KeepTruncated gives of a file whose entropy-coded data end early or are damaged
	// what libjpeg gives: see mended. A file that ends before its first scan, or whose
	// headers are damaged, is an error as ever.
	KeepTruncated bool

	s *state
}

// state is a Decoder's memory, some 250 KB and the planes. What the loop over the
// coefficients reads and writes is in this one piece: when it was spread over the
// address space, it took 7 to 25 % more time in one process of three, by the luck of
// the addresses.
type state struct {
	chunkMemory   [maxChunkCoefs]int16 // first, and so aligned: the coefficients of a chunk
	hdr           header
	in            stream
	dcTables      [4]dcTable
	acTables      [4]acTable
	singleSymbols [1 << acBits]uint32
	dequant       [4][pairCoefs]int16 // quantization by component, as the kernel wants it
	layout        layout
	comps         [4]componentState
	oneBlock      [1]block // for wholeBlocks
	planes        []byte
	keepTruncated bool // KeepTruncated

	buf     *coefBuffer // nil before the first file that is collected
	lenient lenientState
}

// maxKept is the bytes of planes above which a much smaller need frees them.
const maxKept = 1 << 26

// Decode fills the samples that region, in luma samples, needs of the planes: those
// under it, and of chroma two more on each side. Samples elsewhere are arbitrary. Rows
// below are never decoded; columns outside are not transformed. Damage is found where
// it was read: behind the last block of a region that ends early, nothing is checked.
// region must not be empty and lie in the image.
func (d *Decoder) Decode(data []byte, region image.Rectangle) (Planes, error) {
	s := d.state()
	s.keepTruncated = d.KeepTruncated
	return s.decodeImage(data, 1, region, nil)
}

// DecodeBands is Decode with memory for no more of the planes than a row of MCUs, where
// that is possible: of files of four components in one sequential scan that have all
// samples. These it gives to each, from the top of the region down, as planes of a few
// rows, the first of which is row top of the image. The result has no samples then. An
// error of each ends the decoding. With KeepTruncated, each may be called again from
// the top on.
func (d *Decoder) DecodeBands(data []byte, region image.Rectangle, each func(band Planes,
	top int) error) (Planes, error) {
	s := d.state()
	s.keepTruncated = d.KeepTruncated
	return s.decodeImage(data, 1, region, each)
}

// state is the Decoder's memory, made at the first call.
func (d *Decoder) state() *state {
	if d.s == nil {
		d.s = new(state)
		d.s.in.zigzagIndex = zigzagIndex
	}
	return d.s
}

// image decodes to planes or, where it can and each is not nil, to bands.
func (s *state) decodeImage(data []byte, shrink int, region image.Rectangle, each func(Planes,
	int) error) (Planes, error) {
	if err := s.hdr.parse(data); err != nil {
		return Planes{}, err
	}
	// A block of 64 samples takes at least a bit. So much emptiness is an attack on the
	// memory. In arithmetic coding, no data at all are enough for any number of blocks:
	// the caller's limit alone holds.
	if !s.hdr.arithmetic && int64(s.hdr.width)*int64(s.hdr.height) > 1024*int64(len(data)) {
		return Planes{}, fmt.Errorf("%w: %d bytes for %d x %d pixels", ErrTruncated, len(data),
			s.hdr.width, s.hdr.height)
	}
	if shrink > 1 && !s.canScale() {
		return Planes{}, fmt.Errorf("%w: shrinking a file that is not sequential in one scan of "+
			"usual samplings", ErrUnsupported)
	}
	width, height := ceil(s.hdr.width, shrink), ceil(s.hdr.height, shrink)
	if region.Empty() || !region.In(image.Rect(0, 0, width, height)) {
		return Planes{}, fmt.Errorf("jpeg: region %v is empty or not in the image of %d x %d",
			region, width, height)
	}
	s.layout.setUp(&s.hdr, shrink, region, each != nil && !s.hdr.buffered && s.hdr.nComps == 4 && s.hdr.callerUpsamples())
	if n := s.layout.planesSize; cap(s.planes) < n || cap(s.planes) > maxKept && n < cap(s.planes)/8 {
		// room: the largest of many random crops comes in small steps
		s.planes = make([]byte, n, n+min(n/2, maxKept))
	}
	s.planes = s.planes[:s.layout.planesSize]
	if !s.hdr.buffered {
		if err := s.buildTables(); err != nil {
			return Planes{}, err
		}
		s.layout.coefs = s.chunkMemory[:s.layout.setUpChunk(&s.hdr)]
	}
	p := Planes{Width: width, Height: height, H: 1, V: 1, Gray: s.hdr.nComps == 1, Color: s.hdr.color}
	if s.hdr.callerUpsamples() {
		s.setPlanes(&p)
	}
	var band func(my int) error
	if s.layout.banded {
		band = func(my int) error {
			rows := p
			high := 8 * s.layout.comps[0].v
			top := high * my
			if rows.Height = min(high, height-top); top+rows.Height <= region.Min.Y ||
				top >= region.Max.Y {
				return nil
			}
			return each(rows, top)
		}
	}
	err := s.decodeEntropy(data, band)
	if s.keepTruncated && (errors.Is(err, ErrTruncated) || errors.Is(err, ErrCorrupt) && !errors.Is(err,
		ErrExtraneous)) {
		err = s.decodeLenient(data, band)
	}
	s.in.data = nil // the caller's
	switch {
	case err != nil && !errors.Is(err, ErrExtraneous):
		return Planes{}, err
	case s.layout.banded:
		p.Y, p.Cb, p.Cr, p.K = nil, nil, nil, nil
	case !s.hdr.callerUpsamples():
		s.upsample(&p, region)
	}
	return p, err
}

// decoded decodes the file whose header was read. band is for scan.
func (s *state) decodeEntropy(data []byte, band func(my int) error) error {
	if s.hdr.buffered {
		return s.decodeBuffered(data)
	}
	return s.decodeSequential(data, band)
}

// view gives p the planes.
func (s *state) setPlanes(p *Planes) {
	p.Y, p.YStride = s.plane(0), s.layout.comps[0].stride
	if s.hdr.nComps >= 3 {
		p.H, p.V = s.layout.comps[1].subsampling.X, s.layout.comps[1].subsampling.Y
		p.Cb, p.Cr, p.CStride = s.plane(1), s.plane(2), s.layout.comps[1].stride
	}
	if s.hdr.nComps == 4 {
		p.K = s.plane(3)
	}
}

func (s *state) plane(i int) []byte {
	return s.planes[s.layout.comps[i].offset:s.layout.comps[i].end:s.layout.comps[i].end]
}

// tables builds the tables that a sequential scan names. A table that equals the one
// before is kept.
func (s *state) buildTables() error {
	for _, i := range s.hdr.scan.comps[:s.hdr.scan.n] {
		c := &s.hdr.comps[i]
		if !s.hdr.hasQuant[c.quantTable] {
			return fmt.Errorf("%w: quantization table %d is missing", ErrCorrupt, c.quantTable)
		}
		if s.hdr.huffman[0][c.dcTable].n == 0 || s.hdr.huffman[1][c.acTable].n == 0 {
			return fmt.Errorf("%w: a Huffman table is missing", ErrCorrupt)
		}
		if err := s.dcTables[c.dcTable].build(&s.hdr.huffman[0][c.dcTable]); err != nil {
			return err
		}
		if err := s.acTables[c.acTable].build(&s.hdr.huffman[1][c.acTable], &s.singleSymbols); err != nil {
			return err
		}
		s.comps[i] = componentState{dc: &s.dcTables[c.dcTable], ac: &s.acTables[c.acTable]}
		s.latchQuantTable(int(i))
	}
	return nil
}

// quantize makes the factors of component i.
func (s *state) latchQuantTable(i int) {
	for k, q := range s.hdr.quant[s.hdr.comps[i].quantTable] {
		s.dequant[i][zigzagIndex[k]], s.dequant[i][zigzagIndex[k]+8] = int16(q), int16(q)
	}
}

// unpredict begins an interval: T.81 F.2.1.3.1.
func (s *state) resetDC() {
	for i := range s.comps {
		s.comps[i].dcPred = 0
	}
	if s.hdr.arithmetic {
		s.buf.arithmetic.reset(&s.in)
	}
}

// scan decodes the entropy-coded data as far as the region needs. band, which may be
// nil, is called after each row of MCUs.
func (s *state) decodeSequential(data []byte, band func(my int) error) error {
	s.in.startInterval(data, s.hdr.entropyStart)
	s.resetDC()
	perMCU := s.layout.blocksPerMCU
	restarts, left := 0, s.hdr.restartInterval // MCUs before the next restart
	wiped := false                             // s.coefs are zero, but for what is overwritten or not read
	for my := 0; my <= s.layout.lastMCU.Y; my++ {
		end := s.layout.mcusX
		if my == s.layout.lastMCU.Y {
			end = s.layout.lastMCU.X + 1
		}
		for mx, n := 0, 0; mx < end; mx += n {
			n = min(s.layout.chunkMCUs, end-mx)
			runs := s.layout.neededRuns(mx, my, n)
			if len(runs) > 0 && !wiped {
				clear(s.layout.coefs)
			}
			for from, to := 0, 0; from < n; from = to {
				to = n
				if s.hdr.restartInterval > 0 {
					if left == 0 {
						if err := s.nextInterval(restarts); err != nil {
							return err
						}
						restarts, left = restarts+1, s.hdr.restartInterval
					}
					to = min(n, from+left)
				}
				s.in.fill(uint((to-from)*perMCU) * maxBlockBytes)
				left -= to - from
				if !s.in.decodeBlocks(s.layout.blocks[from*perMCU:to*perMCU], &s.comps, s.layout.coefs) || s.in.ended &&
					s.in.bitsLeft() < 0 {
					return s.entropyError()
				}
			}
			wiped = s.transformChunk(runs, n)
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

// leftOver tells whether bytes are left over in an interval. Zeros don't count behind
// an arithmetic code, which need not leave them out.
func (s *state) hasLeftovers() bool {
	if !s.hdr.arithmetic {
		s.in.fill(1)
		return !s.in.ended || s.in.bitsLeft() >= 8
	}
	for !s.in.ended {
		if s.in.readByte() != 0 {
			return true
		}
	}
	return false
}

// restart goes on behind restart marker number n, counted from 0: T.81 F.2.1.3.1.
func (s *state) nextInterval(n int) error {
	if s.hasLeftovers() {
		return fmt.Errorf("%w: bytes are left over before a restart marker", ErrCorrupt)
	}
	mark, after, ok := nextMarker(s.in.data, s.in.next)
	if !ok || mark == markerEOI {
		return ErrTruncated
	}
	if mark != markerRST0+byte(n&7) {
		return fmt.Errorf("%w: marker %#x for restart %d", ErrCorrupt, mark, n)
	}
	s.in.startInterval(s.in.data, after)
	s.resetDC()
	return nil
}

// damage says why blocks could not be decoded.
func (s *state) entropyError() error {
	if s.in.ended && s.in.bitsLeft() < 32 { // a code of 31 bits at most was cut
		mark, _, ok := nextMarker(s.in.data, s.in.next)
		if !ok || mark == markerEOI {
			return ErrTruncated
		}
		return fmt.Errorf("%w: marker %#x comes too early", ErrCorrupt, mark)
	}
	return fmt.Errorf("%w: no such code, or a block of too many coefficients", ErrCorrupt)
}

// finish looks at what follows the last block. The end-of-image marker may be missing;
// T.81 allows other segments before it. Cameras and scanners put a restart marker
// there, too, which means nothing.
func (s *state) checkEnd() error {
	for {
		if s.hasLeftovers() {
			return fmt.Errorf("%w: %w", ErrCorrupt, ErrExtraneous)
		}
		mark, after, ok := nextMarker(s.in.data, s.in.next)
		switch {
		case ok && markerRST0 <= mark && mark <= markerRST7:
			s.in.startInterval(s.in.data, after)
			continue
		case ok && mark == markerSOS && !s.hdr.progressive && s.hdr.scan.n == s.hdr.nComps:
			return fmt.Errorf("%w: marker %#x after the last block", ErrCorrupt, mark)
		}
		return nil
	}
}
