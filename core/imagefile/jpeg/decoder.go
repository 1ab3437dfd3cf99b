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
	memory [maxCoefs]int16 // first, and so aligned: the coefficients of a chunk
	header
	stream
	dc     [4]dcTable
	ac     [4]acTable
	single [1 << acBits]uint32
	factor [4][pairCoefs]int16 // quantization by component, as the kernel wants it
	layout
	coders [4]componentState
	one    [1]block // for wholeBlocks
	planes []byte
	keep   bool // KeepTruncated

	progress *progress // nil before the first file that is collected
	lenient  lenient
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
	s.keep = d.KeepTruncated
	return s.image(data, 1, region, nil)
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
	s.keep = d.KeepTruncated
	return s.image(data, 1, region, each)
}

// state is the Decoder's memory, made at the first call.
func (d *Decoder) state() *state {
	if d.s == nil {
		d.s = new(state)
		d.s.zigzag = zigzag
	}
	return d.s
}

// image decodes to planes or, where it can and each is not nil, to bands.
func (s *state) image(data []byte, shrink int, region image.Rectangle, each func(Planes,
	int) error) (Planes, error) {
	if err := s.parse(data); err != nil {
		return Planes{}, err
	}
	// A block of 64 samples takes at least a bit. So much emptiness is an attack on the
	// memory. In arithmetic coding, no data at all are enough for any number of blocks:
	// the caller's limit alone holds.
	if !s.arithmetic && int64(s.width)*int64(s.height) > 1024*int64(len(data)) {
		return Planes{}, fmt.Errorf("%w: %d bytes for %d x %d pixels", ErrTruncated, len(data),
			s.width, s.height)
	}
	if shrink > 1 && !s.shrinks() {
		return Planes{}, fmt.Errorf("%w: shrinking a file that is not sequential in one scan of "+
			"usual samplings", ErrUnsupported)
	}
	width, height := ceil(s.width, shrink), ceil(s.height, shrink)
	if region.Empty() || !region.In(image.Rect(0, 0, width, height)) {
		return Planes{}, fmt.Errorf("jpeg: region %v is empty or not in the image of %d x %d",
			region, width, height)
	}
	s.arrange(&s.header, shrink, region, each != nil && !s.buffered && s.n == 4 && s.plain())
	if n := s.size; cap(s.planes) < n || cap(s.planes) > maxKept && n < cap(s.planes)/8 {
		// room: the largest of many random crops comes in small steps
		s.planes = make([]byte, n, n+min(n/2, maxKept))
	}
	s.planes = s.planes[:s.size]
	if !s.buffered {
		if err := s.tables(); err != nil {
			return Planes{}, err
		}
		s.coefs = s.memory[:s.arrangeChunk(&s.header)]
	}
	p := Planes{Width: width, Height: height, H: 1, V: 1, Gray: s.n == 1, Color: s.color}
	if s.plain() {
		s.view(&p)
	}
	var band func(my int) error
	if s.banded {
		band = func(my int) error {
			rows := p
			high := 8 * s.parts[0].v
			top := high * my
			if rows.Height = min(high, height-top); top+rows.Height <= region.Min.Y ||
				top >= region.Max.Y {
				return nil
			}
			return each(rows, top)
		}
	}
	err := s.decoded(data, band)
	if s.keep && (errors.Is(err, ErrTruncated) || errors.Is(err, ErrCorrupt) && !errors.Is(err,
		ErrExtraneous)) {
		err = s.mended(data, band)
	}
	s.data = nil // the caller's
	switch {
	case err != nil && !errors.Is(err, ErrExtraneous):
		return Planes{}, err
	case s.banded:
		p.Y, p.Cb, p.Cr, p.K = nil, nil, nil, nil
	case !s.plain():
		s.upsample(&p, region)
	}
	return p, err
}

// decoded decodes the file whose header was read. band is for scan.
func (s *state) decoded(data []byte, band func(my int) error) error {
	if s.buffered {
		return s.decodeBuffered(data)
	}
	return s.scan(data, band)
}

// view gives p the planes.
func (s *state) view(p *Planes) {
	p.Y, p.YStride = s.plane(0), s.parts[0].stride
	if s.n >= 3 {
		p.H, p.V = s.parts[1].coarse.X, s.parts[1].coarse.Y
		p.Cb, p.Cr, p.CStride = s.plane(1), s.plane(2), s.parts[1].stride
	}
	if s.n == 4 {
		p.K = s.plane(3)
	}
}

func (s *state) plane(i int) []byte {
	return s.planes[s.parts[i].start:s.parts[i].end:s.parts[i].end]
}

// tables builds the tables that a sequential scan names. A table that equals the one
// before is kept.
func (s *state) tables() error {
	for _, i := range s.scanSpec.comps[:s.scanSpec.n] {
		c := &s.comps[i]
		if !s.hasQuant[c.quant] {
			return fmt.Errorf("%w: quantization table %d is missing", ErrCorrupt, c.quant)
		}
		if s.huff[0][c.dc].n == 0 || s.huff[1][c.ac].n == 0 {
			return fmt.Errorf("%w: a Huffman table is missing", ErrCorrupt)
		}
		if err := s.dc[c.dc].build(&s.huff[0][c.dc]); err != nil {
			return err
		}
		if err := s.ac[c.ac].build(&s.huff[1][c.ac], &s.single); err != nil {
			return err
		}
		s.coders[i] = componentState{dc: &s.dc[c.dc], ac: &s.ac[c.ac]}
		s.quantize(int(i))
	}
	return nil
}

// quantize makes the factors of component i.
func (s *state) quantize(i int) {
	for k, q := range s.quant[s.comps[i].quant] {
		s.factor[i][zigzag[k]], s.factor[i][zigzag[k]+8] = int16(q), int16(q)
	}
}

// unpredict begins an interval: T.81 F.2.1.3.1.
func (s *state) resetDC() {
	for i := range s.coders {
		s.coders[i].predicted = 0
	}
	if s.arithmetic {
		s.progress.arithmetic.reset(&s.stream)
	}
}

// scan decodes the entropy-coded data as far as the region needs. band, which may be
// nil, is called after each row of MCUs.
func (s *state) scan(data []byte, band func(my int) error) error {
	s.stream.start(data, s.entropyStart)
	s.resetDC()
	perMCU := s.perMCU
	restarts, left := 0, s.interval // MCUs before the next restart
	wiped := false                  // s.coefs are zero, but for what is overwritten or not read
	for my := 0; my <= s.last.Y; my++ {
		end := s.across
		if my == s.last.Y {
			end = s.last.X + 1
		}
		for mx, n := 0, 0; mx < end; mx += n {
			n = min(s.chunk, end-mx)
			runs := s.runsOf(mx, my, n)
			if len(runs) > 0 && !wiped {
				clear(s.coefs)
			}
			for from, to := 0, 0; from < n; from = to {
				to = n
				if s.interval > 0 {
					if left == 0 {
						if err := s.restart(restarts); err != nil {
							return err
						}
						restarts, left = restarts+1, s.interval
					}
					to = min(n, from+left)
				}
				s.need(uint((to-from)*perMCU) * maxBlockBytes)
				left -= to - from
				if !s.decode(s.blocks[from*perMCU:to*perMCU], &s.coders, s.coefs) || s.end &&
					s.left() < 0 {
					return s.damage()
				}
			}
			wiped = s.transformRuns(runs, n)
		}
		if band != nil {
			if err := band(my); err != nil {
				return err
			}
		}
	}
	if s.last.X == s.across-1 && s.last.Y == s.down-1 {
		return s.finish()
	}
	return nil
}

// leftOver tells whether bytes are left over in an interval. Zeros don't count behind
// an arithmetic code, which need not leave them out.
func (s *state) leftOver() bool {
	if !s.arithmetic {
		s.need(1)
		return !s.end || s.left() >= 8
	}
	for !s.end {
		if s.octet() != 0 {
			return true
		}
	}
	return false
}

// restart goes on behind restart marker number n, counted from 0: T.81 F.2.1.3.1.
func (s *state) restart(n int) error {
	if s.leftOver() {
		return fmt.Errorf("%w: bytes are left over before a restart marker", ErrCorrupt)
	}
	mark, after, ok := next(s.data, s.at)
	if !ok || mark == markEOI {
		return ErrTruncated
	}
	if mark != markRST0+byte(n&7) {
		return fmt.Errorf("%w: marker %#x for restart %d", ErrCorrupt, mark, n)
	}
	s.stream.start(s.data, after)
	s.resetDC()
	return nil
}

// damage says why blocks could not be decoded.
func (s *state) damage() error {
	if s.end && s.left() < 32 { // a code of 31 bits at most was cut
		mark, _, ok := next(s.data, s.at)
		if !ok || mark == markEOI {
			return ErrTruncated
		}
		return fmt.Errorf("%w: marker %#x comes too early", ErrCorrupt, mark)
	}
	return fmt.Errorf("%w: no such code, or a block of too many coefficients", ErrCorrupt)
}

// finish looks at what follows the last block. The end-of-image marker may be missing;
// T.81 allows other segments before it. Cameras and scanners put a restart marker
// there, too, which means nothing.
func (s *state) finish() error {
	for {
		if s.leftOver() {
			return fmt.Errorf("%w: %w", ErrCorrupt, ErrExtraneous)
		}
		mark, after, ok := next(s.data, s.at)
		switch {
		case ok && markRST0 <= mark && mark <= markRST7:
			s.stream.start(s.data, after)
			continue
		case ok && mark == markSOS && !s.progressive && s.scanSpec.n == s.n:
			return fmt.Errorf("%w: marker %#x after the last block", ErrCorrupt, mark)
		}
		return nil
	}
}
