package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A remediedError contains its own remedy. The loader checks for the method Remedy so
// that it does not add another.
type remediedError struct {
	err    error
	remedy string
}

func (e *remediedError) Error() string  { return e.err.Error() + ": " + e.remedy }
func (e *remediedError) Unwrap() error  { return e.err }
func (e *remediedError) Remedy() string { return e.remedy }

// unsupported returns the error for a valid file of a known format that this package
// does not support.
func unsupported(text string, values ...any) error {
	return &remediedError{fmt.Errorf(text, values...), "convert it to PNG with a program that " +
		"reads it, such as Pillow, ImageMagick or GDAL"}
}

// Remedies that apply to several file types.
const (
	byPillow = "convert it to JPEG or PNG, such as by Pillow's " +
		"Image.open(old).convert(\"RGB\").save(new)"
	byMagick = "convert it to JPEG or PNG, such as by ImageMagick's magick old new.png"
	byHEIF   = "convert it to JPEG or PNG, such as by heif-convert of libheif, or by Pillow with " +
		"pillow-heif"
	byJXL      = "convert it to JPEG or PNG, such as by djxl of libjxl"
	byRaw      = "develop it to JPEG or PNG, such as by darktable-cli or rawpy"
	byFrames   = "take images out of it, such as by ffmpeg -i old new-%d.png"
	unpack     = "unpack it, and remove it"
	redownload = "remove it, or download it again"
)

// knownKinds lists files often found in place of images, by signature. The first match
// is used.
var knownKinds = []struct {
	at                  int
	magic, name, remedy string
}{
	{4, "ftypavif", "an AVIF image", byPillow},
	{4, "ftypavis", "an AVIF image", byPillow},
	{4, "ftyphe", "an HEIC image", byHEIF},
	{4, "ftypmif1", "an HEIF or AVIF image", byHEIF},
	{4, "ftypmsf1", "an HEIF or AVIF image", byHEIF},
	{4, "ftypcrx", "a raw image of a Canon camera", byRaw},
	{4, "ftyp", "a video (MP4 or QuickTime)", byFrames},
	{0, "\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL image", byJXL},
	{0, "\xff\x0a", "a JPEG XL image", byJXL},
	{0, "\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 image", byPillow},
	{0, "\xff\x4f\xff\x51", "a JPEG 2000 image", byPillow},
	{0, "II\xbc\x01", "a JPEG XR image", byMagick},
	{0, "II+\x00", "a BigTIFF image", "convert it to TIFF, such as by libtiff's tiffcp old new"},
	{0, "MM\x00+", "a BigTIFF image", "convert it to TIFF, such as by libtiff's tiffcp old new"},
	{0, "IIU\x00", "a raw image of a Panasonic camera", byRaw},
	{0, "IIRO", "a raw image of an Olympus camera", byRaw},
	{0, "IIRS", "a raw image of an Olympus camera", byRaw},
	{0, "FUJIFILMCCD-RAW", "a raw image of a Fujifilm camera", byRaw},
	{0, "\x00\x00\x01\x00", "an ICO icon", byPillow},
	{0, "\x00\x00\x02\x00", "a CUR cursor", byPillow},
	{0, "icns", "an ICNS icon", byPillow},
	{0, "8BPS", "a Photoshop file (PSD)", byPillow},
	{0, "gimp xcf", "a GIMP file (XCF)", byMagick},
	{0, "P7\n", "a PAM image", byMagick},
	{0, "DDS ", "a DDS texture", byPillow},
	{0, "qoif", "a QOI image", byPillow},
	{0, "v/1\x01", "an OpenEXR image", byMagick},
	{0, "#?RADIANCE", "a Radiance HDR image", byMagick},
	{0, "SIMPLE  =", "a FITS image", byPillow},
	{128, "DICM", "a DICOM file", "convert it to PNG, such as by dcm2img of DCMTK, or by pydicom " +
		"and Pillow"},
	{344, "n+1\x00", "a NIfTI volume", "take slices out of it, such as by nibabel and Pillow"},
	{0, "\x93NUMPY", "a NumPy array", "save it as PNG, such as by Pillow's " +
		"Image.fromarray(array).save(new)"},
	{0, "\x89HDF\r\n\x1a\n", "an HDF5 file", "take images out of it, such as by h5py and Pillow"},
	{0, "\x1f\x8b", "a gzip archive", "unpack it by gunzip"},
	{0, "BZh", "a bzip2 archive", "unpack it by bunzip2"},
	{0, "\xfd7zXZ\x00", "an xz archive", "unpack it by unxz"},
	{0, "\x28\xb5\x2f\xfd", "a Zstandard archive", "unpack it by unzstd"},
	{0, "PK\x03\x04", "a ZIP archive", unpack},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive", unpack},
	{0, "Rar!\x1a\x07", "a RAR archive", unpack},
	{257, "ustar", "a tar archive", unpack},
	{0, "%PDF-", "a PDF document", "convert its pages to PNG, such as by pdftoppm -png"},
	{0, "%!PS", "a PostScript document", byMagick},
	{0, "\x1aE\xdf\xa3", "a video (Matroska or WebM)", byFrames},
	{8, "AVI ", "a video (AVI)", byFrames},
	{0, "\x00\x05\x16\x07", "macOS metadata of another file (AppleDouble)", "remove it: the image " +
		"is the file without \"._\" before its name"},
	{0, "version https://git-lfs.github.com/spec/", "a Git LFS pointer, not the file itself",
		"get the file by git lfs pull"},
}

// textKinds lists text files by a lower-case marker within their first bytes. The first
// match is used.
var textKinds = []struct{ mark, name, remedy string }{
	{"<!doctype html", "a web page (HTML)", redownload},
	{"<html", "a web page (HTML)", redownload},
	{"<svg", "an SVG drawing", "convert it to PNG, such as by rsvg-convert -o new.png old"},
	{"", "a text file", redownload},
}

// headBytes is the number of bytes examined to recognize text.
const headBytes = 1024

// unknown returns the error for a file of an unsupported format. It quotes no content,
// because a link may point to a private file.
func unknown(data []byte) error {
	if len(data) == 0 {
		return fmt.Errorf("imagefile: %w: the file is empty", notImage())
	}
	name, remedy := kindOf(data)
	if name == "" {
		return fmt.Errorf("imagefile: %w: its signature is unknown", notImage())
	}
	return &remediedError{fmt.Errorf("imagefile: %w: it is %s", notImage(), name), remedy}
}

// notImage wraps ErrFormat and lists the supported formats.
func notImage() error {
	return fmt.Errorf("%w (%s)", ErrFormat, strings.Join(Names(), ", "))
}

// kindOf returns the kind of a file, and the remedy; "" if it is not known.
func kindOf(data []byte) (name, remedy string) {
	for _, k := range knownKinds {
		if bytes.HasPrefix(data[min(k.at, len(data)):], []byte(k.magic)) {
			return k.name, k.remedy
		}
	}
	if len(data) > 2 && data[0] == 'P' && '1' <= data[1] && data[1] <= '6' && (data[2] == ' ' ||
		data[2] == '\n' || data[2] == '\r') {
		return "a PNM image (PBM, PGM or PPM)", byPillow
	}
	head := data[:min(len(data), headBytes)]
	switch {
	case isText(head):
		head = bytes.ToLower(head)
		for _, t := range textKinds {
			if bytes.Contains(head, []byte(t.mark)) {
				return t.name, t.remedy
			}
		}
	case len(bytes.Trim(data, "\x00")) == 0:
		return "all zeros, as left by an interrupted copy", "copy it again, or remove it"
	}
	return "", ""
}

// isText reports whether b is UTF-8 text, possibly cut within a character.
func isText(b []byte) bool {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n < 2 {
			return len(b) < utf8.UTFMax && !utf8.FullRune(b)
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return false
		}
		b = b[n:]
	}
	return true
}

// errCgBI is returned for Apple's CgBI variant of PNG, which stores premultiplied
// pixels in BGR order.
var errCgBI = &remediedError{errors.New("it is Apple's CgBI variant, which other programs " +
	"don't read"),
	"convert it to PNG, such as on a Mac by xcrun pngcrush -revert-iphone-optimizations old new"}
