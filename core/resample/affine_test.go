package resample

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"

	"mixfolder/core/raster"
)

// TestAffineIsResizeThenWarp of a whole image; what Affine leaves out of the intermediate
// image does not show.
func TestAffineIsResizeThenWarp(t *testing.T) {
	var r Resampler
	for fill := range Fill(len(fills)) {
		for i, degrees := range []float64{0.1, -20, 45, 90, 179} {
			for _, channels := range []int{1, 3, 4} {
				src := noise(uint64(i), 61, 47, bytesFor(channels))
				s := AffineOptions{SampleOptions{Bilinear: i%2 == 0, Fill: fill, Value: [4]byte{1,
					2, 3, 255}}, ResizeOptions{Filter: Bicubic, Antialias: true}}
				const width, height = 24, 20
				m := turned(degrees, 1, width, height, 61, 47)
				small, want, got := make([]byte, width*height*channels,
					width*height*channels+raster.Slack), make([]byte, width*height*channels),
					make([]byte, width*height*channels)
				err := r.Resize(raster.Packed(small, width, height, channels), src, s.Reduce)
				between := Source{Image: raster.Packed(small, width, height, channels)}
				scale := raster.Affine{width / 61., 0, 0, 0, height / 47., 0}
				if err == nil {
					err = r.AffineNoAA(raster.Packed(want, width, height, channels), between,
						scale.After(m), s.SampleOptions)
				}
				if err == nil {
					err = r.Affine(raster.Packed(got, width, height, channels), src, m, s)
				}
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%v, %v degrees, %d channels: not what Resize and AffineNoAA make", s,
						degrees, channels)
				}
				// A part in the middle of the target.
				part := make([]byte, 5*4*channels)
				if err := r.Affine(raster.Packed(part, 5, 4, channels), src,
					m.After(raster.Affine{1, 0, 9, 0, 1,
						8}), s); err != nil {
					t.Fatal(err)
				}
				for y := range 4 {
					for j, v := range part[y*5*channels:][:5*channels] {
						if w := want[((y+8)*width+9)*channels+j]; s.Bilinear && channels < 4 &&
							difference(v, w) > 1 {
							t.Fatalf("%v, %v degrees, %d channels: a part of the target has %d, "+
								"want %d", s, degrees, channels, v, w)
						}
					}
				}
			}
		}
	}
}

// TestAffineIsResize if it does not rotate, with flips.
func TestAffineIsResize(t *testing.T) {
	var r Resampler
	src := noise(3, 61, 47, 4)
	for flips := range 4 {
		s := ResizeOptions{Filter: Bilinear, Antialias: true, FlipHorizontal: flips&1 != 0,
			FlipVertical: flips&2 != 0}
		part := raster.Rect{Left: 3.25, Top: 5, Right: 50.5, Bottom: 46}
		m := raster.Affine{(part.Right - part.Left) / 20, 0, part.Left, 0,
			(part.Bottom - part.Top) / 16,
			part.Top}
		if s.FlipHorizontal {
			m = m.After(raster.Affine{-1, 0, 20, 0, 1, 0})
		}
		if s.FlipVertical {
			m = m.After(raster.Affine{1, 0, 0, 0, -1, 16})
		}
		want, got := make([]byte, 20*16*3), make([]byte, 20*16*3)
		whole := src
		src := src
		src.Part = part
		if err := r.Resize(raster.Packed(want, 20, 16, 3), src, s); err != nil {
			t.Fatal(err)
		}
		if err := r.Affine(raster.Packed(got, 20, 16, 3), whole, m,
			AffineOptions{Reduce: ResizeOptions{Filter: Bilinear,
				Antialias: true}}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("flips %d: not what Resize makes", flips)
		}
	}
}

// TestCells: they cover the part, are not much smaller than pixels, and those that are
// needed are there.
func TestCells(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	for range 20000 {
		part := somePart(random, 1+random.IntN(50), 1)
		step := math.Exp(4 * random.NormFloat64())
		c := newCells(part.Left, part.Right, step)
		if c.size < 0.5 || c.from > part.Left || c.to < part.Right || c.size < step/2 &&
			c.all > 1 && !c.ownPixels() {
			t.Fatalf("part %v, step %v: %+v", part, step, c)
		}
		low := part.Left + 30*random.NormFloat64()
		c.narrow(low, low+10*random.Float64(), Fill(random.IntN(len(fills))))
		if c.first < 0 || c.end > c.all || c.first >= c.end || c.start() < c.from ||
			c.stop() > c.to {
			t.Fatalf("part %v, step %v: %+v", part, step, c)
		}
	}
}

// TestAffineFillsAroundThePart: a rotated part of an image gives the same as a full
// image; its edge is in the middle of a pixel.
func TestAffineFillsAroundThePart(t *testing.T) {
	var r Resampler
	src := noise(3, 40, 40, 1)
	for i := range src.Pix {
		src.Pix[i] = 255
	}
	src.Part = raster.Rect{Left: 8.5, Top: 8.5, Right: 32.5, Bottom: 32.5}
	dst := make([]byte, 24*24)
	m := turned(90, 2, 24, 24, 24, 24)
	m[2], m[5] = m[2]+8.5, m[5]+8.5
	if err := r.Affine(raster.Packed(dst, 24, 24, 1), src, m,
		AffineOptions{SampleOptions{Bilinear: true}, ResizeOptions{Filter: Box,
			Antialias: true}}); err != nil {
		t.Fatal(err)
	}
	for p, v := range dst {
		x, y := p%24, p/24
		if inside := 6 <= x && x < 18 && 6 <= y && y < 18; v != map[bool]byte{true: 255,
			false: 0}[inside] {
			t.Fatalf("pixel %d, %d is %d", x, y, v)
		}
	}
}

// BenchmarkAffine rotates an image of 468x401 into 224x224, with new coefficients each
// time.
func BenchmarkAffine(b *testing.B) {
	src, dst := noise(1, 468, 401, 4), make([]byte, 224*224*3)
	s := AffineOptions{SampleOptions{Bilinear: true, Fill: FillNearest},
		ResizeOptions{Filter: Bilinear, Antialias: true}}
	var r Resampler
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := r.Affine(raster.Packed(dst, 224, 224, 3), src, turned(float64(i%40)-20,
			0.8+float64(i%37)/100, 224, 224, 468, 401), s); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAffineOfNearestShrinksNothing: it takes pixels of the full source, which keeps the
// edges of a mask where they are.
func TestAffineOfNearestShrinksNothing(t *testing.T) {
	var r Resampler
	src := noise(5, 61, 47, 1)
	for fill := range Fill(len(fills)) {
		for _, degrees := range []float64{0.1, -20, 45, 179} {
			s := SampleOptions{Fill: fill, Value: [4]byte{9}}
			m := turned(degrees, 1, 24, 20, 61, 47)
			want, got := make([]byte, 24*20), make([]byte, 24*20)
			if err := r.AffineNoAA(raster.Packed(want, 24, 20, 1), src, m, s); err != nil {
				t.Fatal(err)
			}
			if err := r.Affine(raster.Packed(got, 24, 20, 1), src, m,
				AffineOptions{SampleOptions: s}); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%v, %v degrees: not the nearest pixels", fill, degrees)
			}
		}
	}
}
