package imagefile

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
)

// TestFaxOfNoise checks that random bits never yield rows of the wrong length, and that
// an error keeps the rows before it.
func TestFaxOfNoise(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	f, whole := fax{}, 0
	for range 20000 {
		width, rows := 1+rnd.IntN(40), 1+rnd.IntN(5)
		data := make([]byte, rnd.IntN(30))
		for i := range data {
			data[i] = byte(rnd.Uint32()) & byte(rnd.Uint32()|rnd.Uint32()) // more zeros than ones
		}
		kind := faxCoding(rnd.IntN(4))
		dst := bytes.Repeat([]byte{0x5a}, rows*ceil(width, 8))
		n, err := f.read(dst, data, kind, width)
		if err != nil && !errors.Is(err, ErrTruncated) && !errors.Is(err, errFax) ||
			n%ceil(width, 8) != 0 || n == len(dst) != (err == nil) {
			t.Fatalf("kind %d, % x: %d bytes, %v", kind, data, n, err)
		}
		if whole += n; len(f.coding) > width+1 {
			t.Fatalf("kind %d, % x: %d changes in %d pixels", kind, data, len(f.coding), width)
		}
	}
	if whole == 0 {
		t.Error("no row was read")
	}
}

// TestFaxAllocations checks that a fax reuses its memory.
func TestFaxAllocations(t *testing.T) {
	d := NewDecoder(Options{Mode: Gray})
	for _, name := range []string{"tiff-rle.tif", "tiff-group3.tif", "tiff-group3-mixed.tif",
		"tiff-group4.tif"} {
		data := read(t, name)
		decode := func() {
			if _, err := d.decode(data, nil); err != nil {
				t.Fatal(name, err)
			}
		}
		decode()
		if n := testing.AllocsPerRun(20, decode); n > 1 { // the header's
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
