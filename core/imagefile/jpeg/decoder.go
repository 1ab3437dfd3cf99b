// Package jpeg decodes JPEG files to planes of samples that are bit-exact with those of
// libjpeg and its default inverse transform (islow).
//
// It reads sequential and progressive files with Huffman or arithmetic coding in 8
// bits: gray, YCbCr, RGB, CMYK and YCCK with all sampling factors that libjpeg reads.
// Color conversion is left to the caller, and so is the upsampling of chroma if both
// chroma components have the same resolution. All code that reads the file is Go; the
// inverse transform is a C kernel that works on buffers whose sizes Go has checked.
//
// Section, figure and table numbers refer to ITU-T T.81.
//
// Three things make it fast. Byte stuffing is removed ahead of the entropy decoder. One
// table lookup yields up to two coefficients, with their values and the number of bits
// they took. Blocks are decoded in chunks that stay in the cache, and transformed two
// at a time.
package jpeg

import (
	"errors"
	"fmt"
	"image"

	"mixfolder/core/raster"
)

var (
	// ErrUnsupported is wrapped for files that are valid, or may be, but that this
	// decoder does not read: 12 bits, lossless and hierarchical files, two or more than
	// four components, sampling factors that do not divide the largest one, a height
	// that follows the first scan (DNL).
	ErrUnsupported = errors.New("jpeg: not supported")
	// ErrTruncated is wrapped for a file that ends before its image does. Arithmetic
	// coding does not mark its end: if no marker follows, a file counts as complete
	// only if no decision needs another byte. If a marker follows, the missing bytes
	// are zeros.
	ErrTruncated = errors.New("jpeg: the file ends before its image does (truncated)")
	// ErrCorrupt is wrapped for a file whose headers or entropy-coded data are invalid.
	ErrCorrupt = errors.New("jpeg: the file is damaged")
	// ErrExtraneous is wrapped, together with ErrCorrupt, if there are bytes between
	// the last block and the marker after it. The planes returned with it are complete:
	// libjpeg only warns, and such files occur in practice.
	ErrExtraneous = errors.New("extraneous bytes after the last block")
)

// Color says what the components stand for.
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
	Width, Height    int // in luma samples; planes may be larger, with arbitrary content
	H, V             int // luma samples per chroma sample, 1 to 4; 1 unless Color is YCbCr
	Color            Color
	Gray             bool
}

// A Decoder decodes one file at a time: ReadHeader, then Decode or DecodeBands. It owns
// its memory and reuses it: it does not allocate per image in steady state. It accepts
// any size that the format allows, so the caller must check the header against its
// limits and MaxPixelsPerByte before it decodes. The zero value is ready. A Decoder is
// not safe for concurrent use.
type Decoder struct {
	// KeepTruncated decodes files whose entropy-coded data are truncated or damaged as
	// libjpeg does: see decodeLenient. A file that ends before its first scan, or whose
	// headers are invalid, is still an error.
	KeepTruncated bool

	data []byte // of the file whose header was read; nil: none
	hdr  header
	s    *state
}

// state is the memory for decoding, some 250 KB and the planes. Everything that the
// loop over the coefficients accesses is in this one allocation: spread over the
// address space it took 7 to 25 % more time in one process of three, depending on the
// addresses.
type state struct {
	chunkMemory   [maxChunkCoefs]int16 // coefficients of a chunk; first, to be aligned
	hdr           header               // updated by the segments between scans
	in            stream
	dcTables      [4]dcTable
	acTables      [4]acTable
	singleSymbols [1 << acBits]uint32 // scratch of acTable.build
	dequant       [4][pairCoefs]int16 // by component, in the kernels' order
	layout        layout
	comps         [4]componentState
	oneBlock      [1]block // scratch of sequentialBlocks
	planes        []byte

	fileHdr *header     // as ReadHeader left it
	buf     *coefBuffer // nil before the first file that needs it
	lenient lenientState
}

// ReadHeader reads the segments before the first scan. data may be the beginning of a
// file: ErrTruncated then says that the scan header is beyond it. The Decoder refers to
// data until the next call of ReadHeader.
func (d *Decoder) ReadHeader(data []byte) (Header, error) {
	d.data = nil
	if err := d.hdr.parse(data); err != nil {
		return Header{}, err
	}
	d.data = data
	return d.hdr.exported(), nil
}

// Decode decodes a region of the file that ReadHeader read, scaled down to 1/shrink.
// shrink is 1, 2, 4 or 8, and the image has ceil(width/shrink) x ceil(height/shrink)
// luma samples, as libjpeg's with scale_num / scale_denom = 1/shrink: each block is
// transformed to fewer samples, from its low frequencies. If Header.CanScale is false,
// any shrink but 1 is ErrUnsupported.
//
// region, in luma samples of the scaled image, must not be empty and must lie within
// it. Decode fills the samples of the planes that upsampling region needs: those of
// region, and of chroma two more on each side. Other samples are arbitrary. Rows below
// are not decoded, and columns outside are not transformed. So damage is only found up
// to the last block of the region.
func (d *Decoder) Decode(region image.Rectangle, shrink int) (Planes, error) {
	return d.decode(region, shrink, nil)
}

// DecodeBands is Decode without scaling, with memory for one row of MCUs at a time
// instead of the full planes. It does so for files of four components at full
// resolution in one sequential scan; other files are decoded as by Decode. Each row of
// MCUs that overlaps region is passed to each, from top to bottom, as planes of a few
// rows, the first of which is row top of the image. The Planes returned have no samples
// then. An error of each ends the decoding. With KeepTruncated, each may be called
// again from the top.
func (d *Decoder) DecodeBands(region image.Rectangle, each func(band Planes, top int) error) (
	Planes, error) {
	return d.decode(region, 1, each)
}

// decode decodes to planes or, if possible and each is not nil, to bands.
func (d *Decoder) decode(region image.Rectangle, shrink int, each func(Planes, int) error) (
	Planes, error) {
	if err := d.check(region, shrink); err != nil {
		return Planes{}, err
	}
	s := d.reset()
	h := &s.hdr
	banded := each != nil && h.canBand()
	s.layout.setUp(h, shrink, region, banded)
	s.allocatePlanes()
	if !h.buffered {
		if err := s.buildTables(); err != nil {
			return Planes{}, err
		}
		s.layout.coefs = s.chunkMemory[:s.layout.setUpChunk(h)]
	}
	p := Planes{Width: ceil(h.width, shrink), Height: ceil(h.height, shrink), H: 1, V: 1,
		Gray: h.nComps == 1, Color: h.color}
	if h.callerUpsamples() {
		s.setPlanes(&p)
	}
	var band func(my int) error
	if banded {
		band = func(my int) error {
			rows, mcuHeight := p, 8*s.layout.comps[0].v
			top := mcuHeight * my
			rows.Height = min(mcuHeight, p.Height-top)
			if top+rows.Height <= region.Min.Y || top >= region.Max.Y {
				return nil
			}
			return each(rows, top)
		}
	}
	err := s.decodeEntropy(band)
	if d.KeepTruncated && isDamage(err) {
		err = s.decodeLenient(band)
	}
	s.in.data = nil // the caller's
	switch {
	case err != nil && !errors.Is(err, ErrExtraneous):
		return Planes{}, err
	case banded:
		p.Y, p.Cb, p.Cr, p.K = nil, nil, nil, nil
	case !h.callerUpsamples():
		s.upsample(&p, region)
	}
	return p, err
}

// check refuses arguments that do not fit the file.
func (d *Decoder) check(region image.Rectangle, shrink int) error {
	if d.data == nil {
		return errors.New("jpeg: no header was read")
	}
	if shrink != 1 && shrink != 2 && shrink != 4 && shrink != 8 {
		return fmt.Errorf("jpeg: shrink %d is none of 1, 2, 4, 8", shrink)
	}
	if shrink > 1 && !d.hdr.canScale() {
		return fmt.Errorf("%w: shrinking a file that is not sequential in one scan of usual "+
			"samplings", ErrUnsupported)
	}
	width, height := ceil(d.hdr.width, shrink), ceil(d.hdr.height, shrink)
	if region.Empty() || !region.In(image.Rect(0, 0, width, height)) {
		return fmt.Errorf("jpeg: region %v is empty or not in the image of %d x %d", region, width,
			height)
	}
	return nil
}

// isDamage reports whether an error is one that decodeLenient can work around.
func isDamage(err error) bool {
	return errors.Is(err, ErrTruncated) ||
		errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrExtraneous)
}

// reset returns the state, allocated at the first call, ready for the file.
func (d *Decoder) reset() *state {
	if d.s == nil {
		d.s = new(state)
		d.s.in.zigzagIndex = zigzagIndex
	}
	d.s.hdr, d.s.fileHdr, d.s.in.data = d.hdr, &d.hdr, d.data
	return d.s
}

// allocatePlanes sizes the memory for the layout's planes.
func (s *state) allocatePlanes() {
	n := s.layout.planesSize
	if cap(s.planes) > raster.LargeScratch && n < cap(s.planes)/8 {
		s.planes = nil
	}
	raster.Grow(&s.planes, n)
}

// decodeEntropy decodes and transforms the entropy-coded data. If band is not nil, it
// is called after each row of MCUs.
func (s *state) decodeEntropy(band func(my int) error) error {
	if s.hdr.buffered {
		return s.decodeBuffered()
	}
	return s.decodeSequential(band)
}

// setPlanes lets p refer to the planes.
func (s *state) setPlanes(p *Planes) {
	comps := &s.layout.comps
	p.Y, p.YStride = s.plane(0), comps[0].stride
	if s.hdr.nComps >= 3 {
		p.H, p.V = comps[1].subsampling.X, comps[1].subsampling.Y
		p.Cb, p.Cr, p.CStride = s.plane(1), s.plane(2), comps[1].stride
	}
	if s.hdr.nComps == 4 {
		p.K = s.plane(3)
	}
}

// plane returns the samples of component i.
func (s *state) plane(i int) []byte {
	c := &s.layout.comps[i]
	return s.planes[c.offset:c.end:c.end]
}
