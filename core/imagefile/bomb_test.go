package imagefile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"runtime"
	"strings"
	"testing"
	"time"
)

// pngFile builds a PNG file from the fields of IHDR and further chunks: name, data,
// name, data, ...
func pngFile(width, height uint32, depth, color, interlace byte, chunks ...string) []byte {
	ihdr := binary.BigEndian.AppendUint32(nil, width)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, height), depth, color, 0, 0, interlace)
	out := []byte("\x89PNG\r\n\x1a\n")
	for i, c := 0, append([]string{"IHDR", string(ihdr)}, chunks...); i < len(c); i += 2 {
		out = binary.BigEndian.AppendUint32(out, uint32(len(c[i+1])))
		start := len(out)
		out = append(append(out, c[i]...), c[i+1]...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[start:]))
	}
	return out
}

func deflated(data []byte) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	z.Write(data)
	z.Close()
	return b.String()
}

// tiffFile builds a TIFF file from pairs of tag and LONG value, followed by data, which
// starts at 8+2+12*len(tags)/2+4.
func tiffFile(data []byte, tags ...uint32) []byte {
	out := binary.LittleEndian.AppendUint16([]byte("II*\x00\x08\x00\x00\x00"), uint16(len(tags)/2))
	for i := 0; i < len(tags); i += 2 {
		out = binary.LittleEndian.AppendUint16(out, uint16(tags[i]))
		out = binary.LittleEndian.AppendUint32(append(out, 4, 0), 1)
		out = binary.LittleEndian.AppendUint32(out, tags[i+1])
	}
	return append(append(out, 0, 0, 0, 0), data...)
}

// TestBombAllocations checks that files that claim or expand to huge sizes are rejected
// or decoded with little memory and time.
func TestBombAllocations(t *testing.T) {
	const megabyte = 1 << 20
	zeros := make([]byte, 8*megabyte)
	unfolds := deflated(zeros) // 8 KB
	bmpHead := func(bits, compression byte, width, height uint32) []byte {
		b := make([]byte, 14+40+1024)
		copy(b, "BM")
		b[14], b[28], b[30] = 40, bits, compression
		binary.LittleEndian.PutUint32(b[18:], width)
		binary.LittleEndian.PutUint32(b[22:], height)
		return b
	}
	// Strips or tiles of the given width, height and size, in an image of width and
	// height.
	tile := func(width, height, tileWidth, tileHeight, compression, offset, count uint32) []byte {
		return tiffFile(nil, 256, width, 257, height, 258, 8, 259, compression, 262, 1, 277, 1, 322,
			tileWidth, 323, tileHeight, 324, offset, 325, count)
	}
	strips := func(claimed uint32) []byte {
		b := tiffFile(nil, 256, 100, 257, 100, 258, 8, 259, 1, 262, 1, 273, 8, 277, 1, 278, 1, 279,
			100)
		for _, entry := range []int{5, 8} {
			binary.LittleEndian.PutUint32(b[10+12*entry+4:], claimed)
		}
		return b
	}
	small := read(t, "gif.gif")
	blocks := append(bytes.Clone(small[:13+192]), '!', 0xfe)
	blocks = append(blocks, bytes.Repeat(append([]byte{255}, zeros[:255]...), 40000)...)
	webp := read(t, "webp-lossless.webp")
	at := bytes.Index(webp, []byte("VP8L"))
	wideWebP := append([]byte("RIFF\x00\x00\x00\x00WEBP"), webp[at:]...)
	binary.LittleEndian.PutUint32(wideWebP[12+9:], 0x3fff|0x3fff<<14)

	for _, test := range []struct {
		name string
		data []byte
		want string // part of the error; "": none
	}{
		{"png of 8 bits", pngFile(13000, 13000, 8, 6, 0, "IDAT", deflated(zeros[:100])),
			"truncated"},
		{"png interlaced", pngFile(13000, 13000, 16, 6, 1, "IDAT", deflated(zeros[:100])),
			"truncated"},
		{"png of one bit", pngFile(13376, 13376, 1, 0, 0, "IDAT", deflated(zeros[:100])),
			"truncated"},
		{"png beyond the limit", pngFile(13378, 13378, 1, 0, 0, "IDAT", unfolds), "too large"},
		{"png of the largest sides", pngFile(1<<31-1, 1<<31-1, 16, 6, 1, "IDAT", unfolds),
			"too large"},
		{"png of more pixels than its size", pngFile(1, 1, 8, 0, 0, "IDAT", unfolds), ""},
		{"png with text that unfolds", pngFile(1, 1, 8, 0, 0, "zTXt", "a\x00\x00"+unfolds, "iCCP",
			"a\x00\x00"+unfolds, "IDAT", deflated(zeros[:2])), ""},
		{"png with a profile that unfolds", pngFile(1, 1, 8, 0, 0, "zTXt", "Raw profile type "+
			"exif\x00\x00"+unfolds, "IDAT", deflated(zeros[:2])), ""},
		{"png of many profiles", pngFile(1, 1, 8, 0, 0,
			strings.Split(strings.Repeat("zTXt,Raw profile type exif\x00\x00"+
				deflated(zeros[:1<<18])+",", 3000)+"IDAT,"+deflated(zeros[:2]), ",")...), ""},
		{"png of empty chunks", pngFile(1, 1, 8, 0, 0, strings.Split(strings.Repeat("IDAT,,",
			200000)+"IDAT,x", ",")...), "zlib: invalid header|truncated"},
		{"gif beyond the limit", patched(t, "gif.gif", 6, 0xff, 0xff, 0xff, 0xff), "too large"},
		{"gif frame", patched(t, "gif.gif", bytes.LastIndex(small[:250], []byte(","))+5, 0xff, 0x2b,
			0xff, 0x2b), "truncated"},
		{"gif comment without end", blocks, "truncated"},
		{"gif of extensions", append(bytes.Clone(small[:13+192]), bytes.Repeat([]byte("!\xfe\x00"),
			3000000)...), "truncated"},
		{"bmp", bmpHead(24, 0, 13000, 13000), "truncated"},
		{"bmp of run lengths", bmpHead(8, 1, 13000, 13000), "truncated"},
		{"bmp of one bit", bmpHead(1, 0, 13000, 13000), "truncated"},
		{"bmp beyond the limit", bmpHead(1, 0, 1<<31-1, 1<<31-1), "too large"},
		{"tiff of one tile", tile(13000, 13000, 13008, 13008, 1, 8, 100), "truncated"},
		{"tiff of one tile of Deflate", tile(13000, 13000, 13008, 13008, 8, 8, 100), "truncated"},
		{"tiff of a fax", tiffFile(nil, 256, 13000, 257, 13000, 258, 1, 259, 4, 262, 0, 273, 8, 277,
			1, 279, 9), "truncated"},
		{"tiff of a tile far larger than it", tile(1, 1, 1<<30, 1<<30, 8, 8, 100), "too large"},
		{"tiff of a wide tile", tile(1, 1000, 1<<30, 16, 8, 8, 100), "too large"},
		{"tiff beyond the limit", tile(1<<31-1, 1<<31-1, 1<<31-1, 1<<31-1, 8, 8, 100), "too large"},
		{"tiff of four thousand million strips", strips(1<<32 - 1), "truncated"},
		{"tiff of few strips", strips(1), "truncated"},
		{"webp beyond the limit", patched(t, "webp-animated.webp", 24, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff), "too large"},
		{"webp lossless beyond the limit", wideWebP, "too large"},
		{"jpeg", patched(t, "jpeg-444-58x45.jpg", bytes.Index(read(t, "jpeg-444-58x45.jpg"),
			[]byte{0xff, 0xc0})+5, 0x2b, 0xff, 0x2b, 0xff), "truncated"},
	} {
		for _, keep := range []bool{false, true} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			d := NewDecoder(Options{Mode: RGB, KeepTruncated: keep})
			_, err := d.decode(test.data, nil)
			runtime.ReadMemStats(&after)
			took, memory := time.Since(start), after.TotalAlloc-before.TotalAlloc
			if memory > megabyte || took > 3*time.Second {
				t.Errorf("%s (keep %v): %d bytes of memory, %v; error %v", test.name, keep, memory,
					took, err)
			}
			if keep { // what is there may be an image
				continue
			}
			ok := test.want == "" && err == nil
			for _, want := range strings.Split(test.want, "|") {
				ok = ok || test.want != "" && err != nil && strings.Contains(err.Error(), want)
			}
			if !ok {
				t.Errorf("%s: error %v, want %q", test.name, err, test.want)
			}
		}
	}
}

// TestCanvasAllocations checks that a canvas may be as large as the limit allows,
// however small its frame is, and that the chooser is called before memory for it is
// allocated.
func TestCanvasAllocations(t *testing.T) {
	for name, data := range map[string][]byte{
		"gif":  patched(t, "gif.gif", 6, 0xff, 0x2b, 0xff, 0x2b),
		"webp": patched(t, "webp-animated.webp", 24, 0xff, 0x2b, 0, 0xff, 0x2b, 0),
	} {
		for _, small := range []image.Rectangle{{}, image.Rect(10, 10, 20, 20)} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, said := NewDecoder(Options{Mode: RGB}), int64(0)
			_, err := d.decode(data, func(int, int) (image.Rectangle, int, error) {
				said = d.header.memory()
				if small.Empty() {
					return small, 1, ErrTooLarge
				}
				return small, 1, nil
			})
			runtime.ReadMemStats(&after)
			if memory := after.TotalAlloc - before.TotalAlloc; memory > 1<<20 ||
				said < 4*11000*11000 || small.Empty() != (err != nil) {
				t.Errorf("%s, region %v: %d bytes, the estimate is %d; %v", name, small, memory, said,
					err)
			}
		}
	}
}

// TestMemoryAllocations checks that a decoder allocates no more for a large image than
// its memory estimate allows.
func TestMemoryAllocations(t *testing.T) {
	row := make([]byte, 4*1000)
	pixels := deflated(bytes.Repeat(append([]byte{0}, row...), 500))
	tiffPixels := deflated(bytes.Repeat(row, 500))
	files := map[string][]byte{
		"png": pngFile(1000, 500, 8, 6, 0, "IDAT", pixels),
		"tiff": tiffFile([]byte(tiffPixels), 256, 1000, 257, 500, 258, 8, 259, 8, 262, 2, 273,
			8+2+12*9+4, 277, 4, 279, uint32(len(tiffPixels)), 338, 2),
	}
	for name, data := range files {
		var before, after runtime.MemStats
		d := NewDecoder(Options{Mode: RGBA})
		said := int64(0)
		runtime.ReadMemStats(&before)
		_, err := d.decode(data, func(width, height int) (image.Rectangle, int, error) {
			said = d.header.memory()
			return image.Rect(0, 0, width, height), 1, nil
		})
		runtime.ReadMemStats(&after)
		if memory := int64(after.TotalAlloc - before.TotalAlloc); err != nil ||
			memory > said+said/2+1<<19 {
			t.Errorf("%s: %d bytes, the estimate is %d; %v", name, memory, said, err)
		}
	}
}
