package imagefile

import (
	"bytes"
	"image"
	"path/filepath"
	"testing"
)

// checkWhole checks that a Decoder with Whole set rejects a file exactly if decoding
// the full image does (errAll), whatever the region and shrink factor, and otherwise
// returns the same pixels.
func checkWhole(t *testing.T, data []byte, o Options, r image.Rectangle, shrink int, errAll error) {
	t.Helper()
	region := func(int, int) (image.Rectangle, int, error) { return r, shrink, nil }
	d := NewDecoder(o)
	d.Whole = true
	got, err := d.decode(data, region)
	if (err == nil) != (errAll == nil) {
		t.Fatalf("region %v at 1/%d: all of the file: %v, Whole: %v", r, shrink, errAll, err)
	}
	if err != nil {
		return
	}
	want, err := NewDecoder(o).decode(data, region)
	if err != nil || got.Shown != want.Shown || !bytes.Equal(bytesOf(got.Image),
		bytesOf(want.Image)) {
		t.Fatalf("region %v at 1/%d: Whole has other pixels (%v)", r, shrink, err)
	}
}

// TestWhole truncates files of every format, and decodes their first and last rows.
func TestWhole(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0 // damage that a region alone does not show
	for _, path := range paths {
		data := read(t, filepath.Base(path))
		if Sniff(data[:min(len(data), 16)]) == "" {
			continue
		}
		for _, share := range []int{100, 95, 80, 60} {
			for _, keep := range []bool{false, true} {
				o := Options{Mode: RGB, KeepTruncated: keep}
				cut := data[:len(data)*share/100]
				info, err := Inspect(cut, o)
				if err != nil {
					continue
				}
				_, errAll := NewDecoder(o).decode(cut, nil)
				rows := max(1, info.Height/5)
				head := image.Rect(0, 0, max(1, info.Width/2), rows)
				tail := image.Rect(info.Width/2, info.Height-rows, info.Width, info.Height)
				for _, shrink := range []int{1, 2, 8} {
					checkWhole(t, cut, o, head, shrink, errAll)
					checkWhole(t, cut, o, tail, shrink, errAll)
				}
				_, err = NewDecoder(o).decode(cut, func(int, int) (image.Rectangle, int,
					error) {
					return head, 1, nil
				})
				if errAll != nil && err == nil {
					hidden++
				}
			}
		}
	}
	if hidden == 0 {
		t.Errorf("no damage was hidden from a region, so this test shows nothing")
	}
}
