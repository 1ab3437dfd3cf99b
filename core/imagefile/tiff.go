package imagefile

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A tiffFrame is the first image of a TIFF file, after ReadHeader. x/image/tiff is not
// used: it lacks planes, 2 and 4 bits, CMYK, JPEG and much else.
type tiffFrame struct {
	ifd
	compression, photometric uint32
	bits                     int  // per sample
	samples                  int  // per pixel, as stored
	planar                   bool // each sample has chunks of its own
	lsbFirst                 bool // the first bit of a byte is the lowest
	differenced              bool // samples are differences to their left neighbors
	alpha                    uint32
	// A chunk is a strip or a tile. All have this size; pixels beyond the image are
	// ignored.
	chunkWidth, chunkHeight  int
	chunksAcross, chunksDown int // chunks of a plane
	offsets, counts          tiffNumbers
	// the file as its chunks are read: the first bit of a byte is the highest
	body []byte
}

// Tags of TIFF 6.0.
const (
	tagBits          = 258
	tagCompression   = 259
	tagPhotometric   = 262
	tagFillOrder     = 266
	tagStripOffsets  = 273
	tagSamples       = 277
	tagRowsPerStrip  = 278
	tagStripCounts   = 279
	tagPlanar        = 284
	tagT4Options     = 292
	tagPredictor     = 317
	tagColorMap      = 320
	tagTileWidth     = 322
	tagTileLength    = 323
	tagTileOffsets   = 324
	tagTileCounts    = 325
	tagExtraSamples  = 338
	tagSampleFormats = 339
	tagJPEGTables    = 347
)

// Kinds of compression.
const (
	tiffRaw        = 1
	tiffFaxRLE     = 2
	tiffFax3       = 3
	tiffFax4       = 4
	tiffLZW        = 5
	tiffJPEG       = 7
	tiffDeflate    = 8
	tiffPackBits   = 32773
	tiffOldDeflate = 32946
)

// tiffRatios bounds the decoded bytes per byte of the file: PackBits stores a run of
// 128 in two bytes; JPEG a block of 64 samples in one bit. Faxes are bounded by their
// rows only.
var tiffRatios = map[uint32]int64{
	tiffRaw: 1, tiffPackBits: 64, tiffLZW: maxLZWRatio, tiffDeflate: maxDeflateRatio,
	tiffOldDeflate: maxDeflateRatio, tiffJPEG: 512,
	tiffFaxRLE: 1, tiffFax3: 1, tiffFax4: 1,
}

// Photometric interpretations.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
	tiffCMYK        = 5
	tiffYCbCr       = 6
)

// Kinds of an extra sample.
const (
	tiffNoAlpha    = 0
	tiffAssociated = 1 // colors are multiplied by alpha
	tiffAlpha      = 2
	tiffCorelAlpha = 999
)

// tiffColors is the number of samples of a photometric interpretation.
var tiffColors = map[uint32]int{tiffWhiteIsZero: 1, tiffBlackIsZero: 1, tiffRGB: 3, tiffPalette: 1,
	tiffCMYK: 4, tiffYCbCr: 3}

func init() {
	register(format{name: "tiff", title: "TIFF", decoder: "mixfolder, golang.org/x/image/tiff/lzw",
		extensions: []string{".tif", ".tiff"},
		match: func(head []byte) bool {
			switch string(head[:min(len(head), 4)]) {
			case "II*\x00", "MM\x00*", "II\x00*", "MM*\x00":
				return true
			}
			return false
		},
		late: true,
		new: func(w *workspace) Codec {
			return &tiffCodec{workspace: w, jpeg: jpegCodec{workspace: w}}
		}})
}

type tiffCodec struct {
	*workspace
	inflater
	header *header
	frame  *tiffFrame
	fax    fax
	jpeg   jpegCodec
}

// ReadHeader reads the first directory.
func (d *tiffCodec) ReadHeader(data []byte, h *header) error {
	f := &tiffFrame{ifd: readIFD(data)}
	width, ok1 := f.number(tagWidth)
	height, ok2 := f.number(tagHeight)
	if !ok1 || !ok2 {
		if f.data == nil {
			return ErrTruncated
		}
		return errors.New("the first directory has no width or no height")
	}
	if width > 1<<31-1 || height > 1<<31-1 {
		return errors.New("its width or height exceeds 2147483647 pixels")
	}
	d.header, d.frame = h, f
	h.width, h.height = int(width), int(height)
	h.orientation = exifOrientation(data, f.blob(tagXMP))
	f.body = data
	if h.width == 0 || h.height == 0 {
		return nil
	}
	f.compression = f.numberOr(tagCompression, tiffRaw)
	f.photometric = f.numberOr(tagPhotometric, tiffWhiteIsZero)
	f.lsbFirst = f.numberOr(tagFillOrder, 1) == 2
	if h.ratio = tiffRatios[f.compression]; h.ratio == 0 {
		return unsupported("compression %s is not supported", numberAndName(f.compression,
			tiffCompressions))
	}
	if err := f.readSamples(); err != nil {
		return err
	}
	if err := f.readChunks(h, d.options.maxPixels()); err != nil {
		return err
	}
	h.mode, h.deep = f.mode(), f.bits == 16
	if h.working = ceil(f.samples*f.bits, 8); f.compression == tiffJPEG {
		h.working *= 3
	}
	if f.lsbFirst { // there will be a copy of the file
		h.working += ceil(len(data), h.width*h.height)
	}
	// A row of any width may take one bit. Two rows of changing elements are in memory.
	if f.isFax() {
		h.packed, h.ratio = int64(h.height)*maxDeflateRatio/8, maxDeflateRatio
		h.working += ceil(8, h.height)
	} else {
		h.packed = int64(f.rowBytes()) * int64(f.planes()*f.chunksAcross) * int64(h.height)
	}
	return nil
}

// readSamples determines the samples of a pixel.
func (f *tiffFrame) readSamples() error {
	f.samples = int(f.numberOr(tagSamples, 1))
	f.planar = f.numberOr(tagPlanar, 1) == 2 && f.samples > 1
	bits, formats := f.numbers(tagBits), f.numbers(tagSampleFormats)
	extras := f.numbers(tagExtraSamples)
	f.bits = int(bits.atOr(0, 1))
	for i := range min(f.samples, bits.n) {
		if int(bits.atOr(i, 0)) != f.bits {
			return unsupported("samples of different sizes are not supported")
		}
	}
	for i := range min(f.samples, formats.n) {
		kind := formats.atOr(i, 1)
		// read as unsigned, as in Pillow
		signed := kind == 2 && f.bits == 8 && f.samples == 1 && f.photometric == tiffBlackIsZero
		if kind != 1 && !signed {
			return unsupported("samples of kind %s of %d bits are not supported", numberAndName(kind,
				tiffSampleKinds), f.bits)
		}
	}
	colors := tiffColors[f.photometric]
	if f.alpha = extras.atOr(0, tiffNoAlpha); f.alpha == tiffCorelAlpha || f.samples == 4 &&
		colors == 3 && extras.n == 0 {
		f.alpha = tiffAlpha
	}
	count := colors + extras.n
	if extras.n == 0 && f.alpha == tiffAlpha {
		count++
	}
	switch {
	case colors == 0, f.photometric == tiffYCbCr && f.compression != tiffJPEG && f.samples > 1:
		return unsupported("photometric interpretation %s is not supported with compression %s",
			numberAndName(f.photometric, tiffPhotometrics), numberAndName(f.compression, tiffCompressions))
	case f.photometric == tiffYCbCr && f.samples == 1: // gray, as in Pillow
		f.photometric = tiffBlackIsZero
	case f.samples != count || f.samples > 8, f.photometric == tiffCMYK && f.alpha != tiffNoAlpha,
		f.alpha > tiffAlpha:
		return unsupported("%d samples per pixel, %d of them extra, are not supported for "+
			"photometric interpretation %d", f.samples, extras.n, f.photometric)
	}
	switch f.bits {
	case 8:
	case 10, 12, 14, 16:
		if f.photometric == tiffPalette {
			return unsupported("palettes of more than 256 colors are not supported")
		}
	case 1, 2, 4:
		if f.samples > 1 {
			return unsupported("%d samples of %d bits are not supported", f.samples, f.bits)
		}
	default:
		return unsupported("samples of %d bits are not supported", f.bits)
	}
	predictor := f.numberOr(tagPredictor, 1)
	f.differenced = predictor == 2 && (f.compression == tiffLZW || f.compression == tiffDeflate ||
		f.compression == tiffOldDeflate)
	switch {
	case predictor > 2 || f.differenced && f.bits != 8 && f.bits != 16:
		return unsupported("predictor %d of %d bits is not supported", predictor, f.bits)
	case f.isFax() && f.bits*f.samples != 1:
		return errors.New("fax compression requires one bit per pixel")
	case f.compression == tiffJPEG && (f.bits != 8 || f.planar ||
		f.samples != colors || colors > 3 || f.photometric == tiffPalette ||
		f.photometric == tiffWhiteIsZero):
		return unsupported("JPEG compression is supported only for 8-bit gray, RGB and YCbCr")
	}
	return nil
}

// readChunks locates the strips or tiles. limit bounds the pixels of an image.
func (f *tiffFrame) readChunks(h *header, limit int) error {
	f.chunkWidth, f.chunkHeight = int(f.numberOr(tagTileWidth, 0)), int(f.numberOr(tagTileLength,
		0))
	if f.offsets, f.counts = f.numbers(tagTileOffsets), f.numbers(tagTileCounts); f.offsets.n == 0 {
		// StripOffsets may also list tiles: as in libtiff, chunks are tiles if a tile
		// size is set.
		f.offsets, f.counts = f.numbers(tagStripOffsets), f.numbers(tagStripCounts)
		if f.chunkWidth == 0 || f.chunkHeight == 0 {
			f.chunkWidth = h.width
			f.chunkHeight = int(min(f.numberOr(tagRowsPerStrip, 1<<31), uint32(h.height)))
		}
	}
	if f.chunkWidth <= 0 || f.chunkHeight <= 0 || f.chunkWidth > 1<<31-1 ||
		f.chunkHeight > 1<<31-1 {
		return errors.New("the strips or tiles are missing or have no size")
	}
	f.chunksAcross, f.chunksDown = ceil(h.width, f.chunkWidth), ceil(h.height, f.chunkHeight)
	// Tiles far larger than the image would waste memory and time (decompression bomb).
	width, height := f.chunksAcross*f.chunkWidth, f.chunksDown*f.chunkHeight
	if width > max(2*h.width*h.height, limit)/height {
		return fmt.Errorf("tiles of %d x %d are %w for %d x %d pixels", f.chunkWidth, f.chunkHeight,
			ErrTooLarge, h.width, h.height)
	}
	if n := f.planes() * f.chunksDown; f.offsets.n/f.chunksAcross < n {
		return fmt.Errorf("%w: %d strips or tiles instead of %d x %d", ErrTruncated, f.offsets.n, n,
			f.chunksAcross)
	}
	return nil
}

// isFax reports whether the file has one of the fax compressions.
func (f *tiffFrame) isFax() bool {
	return f.compression == tiffFaxRLE || f.compression == tiffFax3 || f.compression == tiffFax4
}

// planes returns the number of separately stored planes.
func (f *tiffFrame) planes() int {
	if f.planar {
		return f.samples
	}
	return 1
}

// rowBytes returns the number of bytes in a row of a chunk of a plane.
func (f *tiffFrame) rowBytes() int { return ceil(f.chunkWidth*f.bits*f.samples/f.planes(), 8) }

// mode returns Pillow's mode for the image.
func (f *tiffFrame) mode() string {
	switch f.photometric {
	case tiffRGB, tiffYCbCr:
		if f.alpha != tiffNoAlpha {
			return "RGBA"
		}
		return "RGB"
	case tiffCMYK:
		return "CMYK"
	case tiffPalette:
		if f.alpha != tiffNoAlpha {
			return "PA"
		}
		return "P"
	}
	switch {
	case f.alpha == tiffAssociated:
		return "La"
	case f.alpha != tiffNoAlpha:
		return "LA"
	case f.bits == 1:
		return "1"
	case f.bits == 16 && f.order == binary.BigEndian:
		return "I;16B"
	case f.bits > 8:
		return "I;16"
	}
	return "L"
}
