package imagefile

import "testing"

func TestEXIFOrientation(t *testing.T) {
	const (
		little = "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
		big    = "MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"
	)
	tests := []struct {
		name, exif, xmp string
		want            orientation
	}{
		{"nothing", "", "", upright},
		{"little endian", little, "", rotated90},
		{"big endian", big, "", rotated90},
		{"prefix", "Exif\x00\x00" + big, "", rotated90},
		{"a long",
			"MM\x00*\x00\x00\x00\x08\x00\x01" +
				"\x01\x12\x00\x04\x00\x00\x00\x01\x00\x00\x00\x03",
			"", rotated180},
		{"a rational",
			"MM\x00*\x00\x00\x00\x08\x00\x01" +
				"\x01\x12\x00\x05\x00\x00\x00\x01\x00\x00\x00\x03",
			"", upright},
		{"a rational that is there",
			"MM\x00*\x00\x00\x00\x08\x00\x01" +
				"\x01\x12\x00\x05\x00\x00\x00\x01\x00\x00\x00\x16\x00\x00\x00\x0c\x00\x00\x00\x02",
			"", rotated90},
		{"no value",
			"MM\x00*\x00\x00\x00\x08\x00\x01" +
				"\x01\x12\x00\x03\x00\x00\x00\x00\x00\x06\x00\x00",
			"", upright},
		{"two values",
			"MM\x00*\x00\x00\x00\x08\x00\x01" +
				"\x01\x12\x00\x03\x00\x00\x00\x02\x00\x06\x00\x06",
			"", rotated90},
		{"a byte",
			"MM\x00*\x00\x00\x00\x08\x00\x01" +
				"\x01\x12\x00\x01\x00\x00\x00\x01\x06\x00\x00\x00",
			`<a tiff:Orientation="8"/>`, upright},
		{"magic number in the other order", "MM*\x00" + big[4:], "", rotated90},
		{"prefix twice", "Exif\x00\x00Exif\x00\x00" + big, "", rotated90},
		{"cut entry", big[:20], "", upright},
		{"more entries than bytes", "MM\x00*\x00\x00\x00\x08\xff\xff" + big[10:], "", rotated90},
		{"directory beyond the end", "MM\x00*\xff\xff\xff\xff\x00\x01" + big[10:], "", upright},
		{"header alone", "MM\x00*", "", upright},
		{"no magic number", "MM\x00+" + big[4:], "", upright},
		{"xmp attribute", "", `<a tiff:Orientation="8"/>`, rotated270},
		{"xmp element", "", `<tiff:Orientation>3</tiff:Orientation>`, rotated180},
		{"xmp second", "", `tiff:Orientation tiff:Orientation="x" tiff:Orientation="2"`, mirrored},
		{"xmp cut", "", `<a tiff:Orientation="`, upright},
		{"xmp of no use", "", `<a tiff:Orientation="9"/>`, upright},
		{"exif before xmp", little, `<a tiff:Orientation="8"/>`, rotated90},
	}
	for _, test := range tests {
		if got := exifOrientation([]byte(test.exif), []byte(test.xmp)); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestIFDBlob(t *testing.T) {
	entry := func(count, at byte) ifd {
		return readIFD([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x02\xbc\x00\x01\x00\x00\x00" +
			string(count) + "\x00\x00\x00" + string(at) + "packet"))
	}
	for _, test := range []struct {
		count, at byte
		want      string
	}{{6, 22, "packet"}, {100, 22, "packet"}, {5, 23, "acket"}, {6, 100, ""}, {4, 22, ""}} {
		if got := string(entry(test.count, test.at).blob(tagXMP)); got != test.want {
			t.Errorf("%d bytes at %d: %q, want %q", test.count, test.at, got, test.want)
		}
	}
}
