package imagefile

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"strings"
	"testing"

	"mixfolder/core/raster"
)

// Each format has its own fuzz target, so that mutations stay within the format for
// longer.

func FuzzJPEG(f *testing.F) { fuzzFormat(f, "jpeg-") }
func FuzzPNG(f *testing.F)  { fuzzFormat(f, "png-") }
func FuzzGIF(f *testing.F)  { fuzzFormat(f, "gif") }
func FuzzBMP(f *testing.F)  { fuzzFormat(f, "bmp") }
func FuzzTIFF(f *testing.F) { fuzzFormat(f, "tiff-") }
func FuzzWebP(f *testing.F) { fuzzFormat(f, "webp-") }

// optionsOf returns the options encoded by the bits of choice: two of the mode, then
// one each.
func optionsOf(choice uint8) (o Options, whole bool, shrink int) {
	o = Options{Mode: modes[min(choice&3, 2)], IgnoreEXIF: choice&4 != 0,
		KeepTruncated: choice&8 != 0}
	if choice&16 != 0 {
		o.Background = &[3]uint8{200, 30, 77}
	}
	return o, choice&32 == 0, 1 << (choice >> 6)
}

// fuzzFormat checks that no input makes Decode panic, that the result has the size
// reported by Inspect, that a region equals the crop of the full image, and that a
// complete file decodes the same with KeepTruncated.
func fuzzFormat(f *testing.F, prefix string) {
	for name := range samples(f) {
		if strings.HasPrefix(name, prefix) {
			for _, choice := range []uint8{1, 2, 16, 32 + 8, 64 + 1} {
				f.Add(read(f, name), choice)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, choice uint8) {
		data = repaired(data)
		o, whole, shrink := optionsOf(choice)
		info, err := Inspect(data, o)
		width, height := info.Width, info.Height
		if err == nil && width*height > 1<<18 {
			t.Skip("large: slow, not wrong")
		}
		all, errAll := NewDecoder(o).decode(data, nil)
		if errAll != nil && !strings.HasPrefix(errAll.Error(), "imagefile: ") {
			t.Fatal(errAll)
		}
		if errAll == nil && (err != nil || info.Mode == "" || all.Width != width ||
			all.Height != height || all.Channels != int(o.Mode)) {
			t.Fatalf("%d x %d, mode %d; Inspect says %+v, %v", all.Width, all.Height, all.Channels,
				info, err)
		}
		if errAll == nil && len(all.Pix) < all.Stride*all.Height+raster.Slack {
			t.Fatalf("%d bytes for %d rows of %d", len(all.Pix), all.Height, all.Stride)
		}
		if !whole && err == nil {
			want := image.Rect(width/3, height/3, (2*width+2)/3, (2*height+2)/3)
			got, errGot := NewDecoder(o).decode(data, func(int, int) (image.Rectangle, int,
				error) {
				return want, shrink, nil
			})
			if errAll == nil && (errGot != nil || shrink == 1 && !bytes.Equal(bytesOf(got.Image),
				bytesOf(all.Crop(want)))) {
				t.Fatalf("the part %v is not the whole image's: %v", want, errGot)
			}
			checkWhole(t, data, o, want, shrink, errAll)
		}
		if kept := o; errAll == nil && !o.KeepTruncated {
			kept.KeepTruncated = true
			got, errGot := NewDecoder(kept).decode(data, nil)
			if errGot != nil || !bytes.Equal(bytesOf(got.Image), bytesOf(all.Image)) {
				t.Fatalf("KeepTruncated makes a difference: %v", errGot)
			}
		}
	})
}

// repaired returns data with correct chunk checksums if it is a PNG file; otherwise few
// mutations would get past them.
func repaired(data []byte) []byte {
	if Sniff(data[:min(len(data), 16)]) != "png" {
		return data
	}
	data = bytes.Clone(data)
	for rest := data[pngSignature:]; len(rest) >= 12; {
		n := uint64(binary.BigEndian.Uint32(rest))
		if n+12 > uint64(len(rest)) {
			break
		}
		binary.BigEndian.PutUint32(rest[8+n:], crc32.ChecksumIEEE(rest[4:8+n]))
		rest = rest[12+n:]
	}
	return data
}

// FuzzEXIF checks that any EXIF block and XMP packet yield one of the eight
// orientations.
func FuzzEXIF(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"),
		[]byte(`<a tiff:Orientation="8"/>`))
	f.Add([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01"+
		"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"),
		[]byte(`<tiff:Orientation>3</tiff:Orientation>`))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01"+
		"\x02\xbc\x00\x01\x00\x00\x00\x06\x00\x00\x00\x16packet"),
		[]byte(nil))
	f.Fuzz(func(t *testing.T, exif, xmp []byte) {
		if n := exifOrientation(exif, xmp); n < upright || n > rotated270 {
			t.Fatalf("orientation %d", n)
		}
		d := readIFD(exif)
		for _, tag := range []uint16{tagOrientation, tagXMP, tagStripOffsets} {
			d.blob(tag)
			for i, t := 0, d.numbers(tag); i < min(t.n, 100); i++ {
				t.atOr(i, 0)
			}
		}
	})
}
