package imagefile

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strings"
)

// A fax decodes ITU-T T.4 (Group 3, 1-D and 2-D), T.6 (Group 4), and TIFF's variant of
// Group 3 1-D without EOL codes (CCITT RLE). x/image/ccitt is not used because it does
// not skip fill bits, and supports only Group 3 1-D and Group 4. The zero value is
// ready; its memory is reused.
type fax struct {
	data   []byte
	bitPos int // bits that were read
	width  int
	// A row is a list of its changing elements: the pixels where the color changes,
	// first to black, then to white and so on, in ascending order.
	coding, reference []int32
}

// Run-length codes of T.4 tables 2, 3a and 3b: terminating codes for 0 to 63 pixels and
// make-up codes for 64 to 1728 pixels in steps of 64, per color; longCodes are the
// make-up codes for 1792 to 2560 pixels of either color. A run is any number of make-up
// codes followed by one terminating code.
const (
	whiteCodes = "00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 " +
		"000011 110100 " +
		"110101 101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 " +
		"0010011 " +
		"0100100 0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101 " +
		"00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 " +
		"00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 " +
		"01011010 01011011 01001010 01001011 00110010 00110011 00110100 11011 10010 010111 0110111 " +
		"00110110 00110111 01100100 01100101 01101000 01100111 011001100 011001101 011010010 " +
		"011010011 011010100 011010101 011010110 011010111 011011000 011011001 011011010 011011011 " +
		"010011000 010011001 010011010 011000 010011011"
	blackCodes = "0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 " +
		"00000100 " +
		"00000111 000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 " +
		"00000110111 00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 " +
		"000011001101 000001101000 000001101001 000001101010 000001101011 000011010010 " +
		"000011010011 " +
		"000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 " +
		"000011011010 " +
		"000011011011 000001010100 000001010101 000001010110 000001010111 000001100100 " +
		"000001100101 " +
		"000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 " +
		"000000101000 " +
		"000001011000 000001011001 000000101011 000000101100 000001011010 000001100110 " +
		"000001100111 " +
		"0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 " +
		"0000001101100 0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 " +
		"0000001110010 0000001110011 0000001110100 0000001110101 0000001110110 0000001110111 " +
		"0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 " +
		"0000001100100 0000001100101"
	longCodes = "00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 " +
		"000000010101 " +
		"000000010110 000000010111 000000011100 000000011101 000000011110 000000011111"
)

// faxCodes maps the next 13 bits, the length of the longest code, to run<<4 | code
// length, or 0 if the code is invalid.
var faxCodes = [2][1 << 13]uint16{faxTable(whiteCodes), faxTable(blackCodes)}

func faxTable(codes string) (table [1 << 13]uint16) {
	for i, code := range strings.Fields(codes + " " + longCodes) {
		run, first := i, 0
		if i > 63 {
			run = (i - 63) * 64
		}
		for _, bit := range code {
			first = first<<1 | int(bit-'0')
		}
		n := len(code)
		for k := range 1 << (13 - n) {
			table[first<<(13-n)|k] = uint16(run<<4 | n)
		}
	}
	return table
}

// A faxCoding tells how rows are coded and separated.
type faxCoding int

const (
	faxRLE faxCoding = iota // 1-D, each row starts at a byte
	fax1D                   // 1-D, with EOL codes
	// like fax1D, but a bit after each EOL tells whether the next row is coded in 1-D
	faxMixed
	fax2D // 2-D
)

var errFax = errors.New("a fax row is damaged: invalid code or wrong row length")

// read writes rows of width pixels to dst, one bit per pixel, 1 for black, and returns
// the number of bytes in complete rows.
func (f *fax) read(dst, data []byte, kind faxCoding, width int) (int, error) {
	f.data, f.bitPos, f.width, f.coding = data, 0, width, f.coding[:0]
	clear(dst)
	stride := ceil(width, 8)
	for n := 0; n < len(dst); n += stride {
		f.coding, f.reference = f.reference[:0], f.coding
		if err := f.readRow(kind); err != nil {
			return n, err
		}
		for i := 0; i < len(f.coding); i += 2 {
			end := width
			if i+1 < len(f.coding) {
				end = int(f.coding[i+1])
			}
			setBits(dst[n:], int(f.coding[i]), end)
		}
	}
	return len(dst), nil
}

// readRow decodes a row. EOL codes may be missing; two in succession end the image.
func (f *fax) readRow(kind faxCoding) error {
	flat := kind != fax2D
	switch kind {
	case faxRLE:
		f.bitPos = (f.bitPos + 7) &^ 7
	case fax1D, faxMixed:
		if !f.skipEOL() {
			break
		}
		if kind == faxMixed {
			flat = f.peek()>>63 == 1
			f.bitPos++
		}
		if f.skipEOL() {
			return ErrTruncated
		}
	}
	if !flat {
		return f.readRow2D()
	}
	for x, color := 0, 0; x < f.width; color ^= 1 {
		var err error
		if x, err = f.readRun(x, color); err != nil {
			return err
		}
	}
	return nil
}

// peek returns the next bits, at least 57; zeros follow the data.
func (f *fax) peek() uint64 {
	rest := f.data[min(f.bitPos>>3, len(f.data)):]
	if len(rest) >= 8 {
		return binary.BigEndian.Uint64(rest) << (f.bitPos & 7)
	}
	var b [8]byte
	copy(b[:], rest)
	return binary.BigEndian.Uint64(b[:]) << (f.bitPos & 7)
}

// skipEOL skips an EOL code, if there is one: at least 11 zeros, including fill bits,
// and a one.
func (f *fax) skipEOL() bool {
	zeros, at := 0, f.bitPos
	for f.bitPos < 8*len(f.data) {
		n := min(bits.LeadingZeros64(f.peek()), 57)
		f.bitPos += n
		if zeros += n; n < 57 {
			break
		}
	}
	if zeros < 11 || f.bitPos >= 8*len(f.data) {
		f.bitPos = at
		return false
	}
	f.bitPos++
	return true
}

// readRun reads a run that starts at pixel x and returns the pixel after it, where the
// color changes.
func (f *fax) readRun(x, color int) (int, error) {
	for {
		code := int(faxCodes[color][f.peek()>>51])
		n := code >> 4
		f.bitPos, x = f.bitPos+code&15, x+n
		switch {
		case f.bitPos > 8*len(f.data), code == 0 && 8*len(f.data)-f.bitPos < 13:
			return x, ErrTruncated
		case code == 0, x > f.width:
			return x, errFax
		case n < 64:
			return x, f.addChange(x)
		}
	}
}

// addChange records a changing element at pixel x. A row has at most one per pixel,
// plus one at its start.
func (f *fax) addChange(x int) error {
	if x > f.width || len(f.coding) > f.width {
		return errFax
	}
	f.coding = append(f.coding, int32(x))
	return nil
}

// verticalOffsets maps the number of zeros before the first one bit of a vertical mode
// code to the distance from b1 (T.4 table 4).
var verticalOffsets = [...]int{0: 0, 1: 1, 4: 2, 5: 3}

// readRow2D decodes a row relative to the reference line: T.4 section 4.2.
func (f *fax) readRow2D() error {
	// at is a0 of T.4, which is -1 at the start of a row; k is the index of b1 in the
	// reference line. Elements with even indices change to black.
	for at, color, k := -1, 0, 0; at < f.width; {
		for k < len(f.reference) && int(f.reference[k]) <= at {
			k += 2
		}
		next := f.peek()
		zeros := bits.LeadingZeros64(next)
		x := max(at, 0)
		switch zeros {
		case 0, 1, 4, 5: // the color changes
			x, f.bitPos = f.referenceChange(k), f.bitPos+1
			if zeros > 0 {
				side := verticalOffsets[zeros]
				if next<<(zeros+1)>>63 == 0 {
					side = -side
				}
				x, f.bitPos = x+side, f.bitPos+zeros+1
			}
			if x < max(at, 0) {
				return errFax
			}
			if err := f.addChange(x); err != nil {
				return err
			}
			color, k = color^1, max(k-1, 1-k)
		case 2: // two runs follow
			f.bitPos += 3
			for _, c := range [2]int{color, color ^ 1} {
				var err error
				if x, err = f.readRun(x, c); err != nil {
					return err
				}
			}
		case 3: // the color continues below the next two changes
			x = f.referenceChange(k + 1)
			f.bitPos += 4
		default:
			if zeros >= 11 || 8*len(f.data)-f.bitPos < 11 {
				return ErrTruncated
			}
			return errFax
		}
		if at = x; f.bitPos > 8*len(f.data) {
			return ErrTruncated
		}
	}
	return nil
}

// referenceChange returns the pixel of changing element k of the reference line.
func (f *fax) referenceChange(k int) int {
	if k < len(f.reference) {
		return int(f.reference[k])
	}
	return f.width
}

// setBits sets the bits from number a to before b.
func setBits(row []byte, a, b int) {
	for ; a < b && a&7 != 0; a++ {
		row[a>>3] |= 0x80 >> (a & 7)
	}
	for ; a+8 <= b; a += 8 {
		row[a>>3] = 0xff
	}
	for ; a < b; a++ {
		row[a>>3] |= 0x80 >> (a & 7)
	}
}
