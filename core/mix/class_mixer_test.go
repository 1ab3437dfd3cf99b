package mix

import (
	"encoding/binary"
	"image"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

const testClasses = 5

// classMaps makes maps of random classes, some pixels without one.
func classMaps() [][]byte {
	random := rand.New(rand.NewPCG(21, 22))
	maps := make([][]byte, MaxImages)
	for k := range maps {
		maps[k] = make([]byte, testHeight*testWidth)
		for i := range maps[k] {
			if maps[k][i] = byte(random.IntN(testClasses + 1)); maps[k][i] == testClasses {
				maps[k][i] = noClass
			}
		}
	}
	return maps
}

func classMixer(t *testing.T, classes int, channelsFirst bool) *ClassMixer {
	t.Helper()
	m, err := NewClassMixer(Format{Height: testHeight, Width: testWidth,
		ChannelsFirst: channelsFirst}, classes)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestClassVectors: the weight of a class is the pixel of the mixed images that are 1
// where they have the class, and 0 elsewhere.
func TestClassVectors(t *testing.T) {
	plain := newMixer(t, Format{Height: testHeight, Width: testWidth, Channels: 1, Scale: one})
	maps := classMaps()
	last, first := classMixer(t, testClasses, false), classMixer(t, testClasses, true)
	if s := last.Shape(); !slices.Equal(s, []int{testHeight, testWidth, testClasses}) ||
		!slices.Equal(first.Shape(), []int{testClasses, testHeight, testWidth}) {
		t.Errorf("shapes %v and %v", s, first.Shape())
	}
	var s Scratch
	for n, b := range blends() {
		rows := [2][]byte{make([]byte, last.Bytes()), make([]byte, first.Bytes())}
		for i, m := range []*ClassMixer{last, first} {
			for k := range rows[i] {
				rows[i][k] = 0xff
			}
			if err := m.Write(rows[i], maps, &b, &s); err != nil {
				t.Fatal(err)
			}
		}
		byLast, byFirst := values(Float32, rows[0]), values(Float32, rows[1])
		for class := range testClasses {
			images := make([][]byte, MaxImages)
			for k := range images {
				images[k] = make([]byte, len(maps[k]))
				for i, c := range maps[k] {
					if int(c) == class {
						images[k][i] = 1
					}
				}
			}
			for i, w := range values(Float32, expected(plain, images, b)) {
				got := byLast[i*testClasses+class]
				if math.Abs(got-w) > 1e-6 || got != byFirst[class*testHeight*testWidth+i] {
					t.Fatalf("blend %d, pixel %d, class %d: %v, want %v", n, i, class, got, w)
				}
			}
		}
	}
}

// TestClassNumbers: a row of numbers is that of bytes that are composed like images.
func TestClassNumbers(t *testing.T) {
	bytes := newMixer(t, Format{DType: Uint8, Height: testHeight, Width: testWidth, Channels: 1,
		Scale: one})
	m, maps := classMixer(t, 0, true), classMaps()
	if s := m.Shape(); !slices.Equal(s, []int{testHeight, testWidth}) || m.DType() != "int32" {
		t.Errorf("shape %v, %s", s, m.DType())
	}
	var s Scratch
	row, hard := make([]byte, m.Bytes()), 0
	for n, b := range blends() {
		err := m.Write(row, maps, &b, &s)
		if b.Weight != 1 || b.Mask.Kind != nil && !b.Mask.Kind.Binary {
			if err == nil || !strings.Contains(err.Error(), "softly") {
				t.Errorf("blend %d: error %v", n, err)
			}
			continue
		}
		hard++
		for i, w := range expected(bytes, maps, b) {
			if got := binary.NativeEndian.Uint32(row[4*i:]); err != nil || got != uint32(w) {
				t.Fatalf("blend %d, pixel %d: %d, want %d (%v)", n, i, got, w, err)
			}
		}
	}
	if hard < 4 {
		t.Errorf("only %d blends were compared", hard)
	}
}

// Maps that are made smaller, as by ResizeMix, have classes of the maps, not between.
func TestClassesAreResizedToTheNearest(t *testing.T) {
	maps := classMaps()
	m := classMixer(t, 0, false)
	var s Scratch
	row := make([]byte, m.Bytes())
	size := image.Pt(testWidth, testHeight)
	draws(t, `{"resizemix": {"scale": [0.3, 0.6]}}`, size, 100, func(b Blend) {
		if err := m.Write(row, maps, &b, &s); err != nil {
			t.Fatal(err)
		}
		box := b.Boxes[0].To
		for i := range testHeight * testWidth {
			want := maps[0][i]
			if x, y := i%testWidth-box.Min.X, i/testWidth-box.Min.Y; x >= 0 && y >= 0 &&
				x < box.Dx() && y < box.Dy() {
				// the pixel under the center, as with Pillow
				want = maps[1][(2*y+1)*testHeight/(2*box.Dy())*testWidth+
					(2*x+1)*testWidth/(2*box.Dx())]
			}
			if got := binary.NativeEndian.Uint32(row[4*i:]); got != uint32(want) {
				t.Fatalf("box %v, pixel %d: %d, want %d", box, i, got, want)
			}
		}
	})
}

func TestClassMixerAllocatesNothing(t *testing.T) {
	maps, m := classMaps(), classMixer(t, testClasses, false)
	var s Scratch
	row := make([]byte, m.Bytes())
	for n, b := range blends() {
		if allocs := testing.AllocsPerRun(10, func() {
			if err := m.Write(row, maps, &b, &s); err != nil {
				t.Fatal(err)
			}
		}); allocs > 0 {
			t.Errorf("blend %d: %v allocations", n, allocs)
		}
	}
}
