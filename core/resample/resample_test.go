package resample

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd"
	"mixfolder/core/simd/simdtest"
)

// every calls f with many specs, sizes and numbers of channels.
func every(f func(name string, width, height, channels int, src Source, s ResizeOptions)) {
	random := rand.New(rand.NewPCG(5, 6))
	for i := range 300 {
		channels := []int{1, 3, 4}[i%3]
		pixelSize := bytesFor(channels)
		s := ResizeOptions{Filter: Filter(random.IntN(len(filters))), Antialias: random.IntN(3) > 0}
		if s.check() != nil {
			s.Filter = Bilinear
		}
		sourceWidth, sourceHeight := sizes(random)
		width, height := sizes(random)
		switch i % 10 {
		case 0:
			width = sourceWidth
		case 1:
			height = sourceHeight
		case 2:
			width, height = sourceWidth, sourceHeight
		}
		src := noise(uint64(i), sourceWidth, sourceHeight, pixelSize)
		if i%4 == 3 {
			src.Part = somePart(random, sourceWidth, sourceHeight)
		}
		name := fmt.Sprintf("%dx%d to %dx%dx%d %+v of %v", sourceWidth, sourceHeight, width, height,
			channels, s, src.Part)
		f(name, width, height, channels, src, s)
	}
}

// strided is an image whose rows are stride bytes apart.
func strided(pix []byte, stride, width, height, channels int) raster.Image {
	m := raster.Packed(pix, width, height, channels)
	m.Stride = stride
	return m
}

// somePart is a random part of an image, of any width.
func somePart(random *rand.Rand, width, height int) raster.Rect {
	one := func(n int) (float64, float64) {
		a, b := float64(n)*random.Float64(), float64(n)*random.Float64()
		return min(a, b), max(a, b)
	}
	var b raster.Rect
	b.Left, b.Right = one(width)
	b.Top, b.Bottom = one(height)
	return b
}

func TestKernelsAgree(t *testing.T) {
	sets := simd.Sets()
	defer simd.Use(sets[0])
	every(func(name string, width, height, channels int, src Source, s ResizeOptions) {
		var want []byte
		for _, set := range sets {
			var r Resampler
			got := make([]byte, width*height*channels)
			simd.Use(set)
			if err := r.Resize(raster.Packed(got, width, height, channels), src, s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if want == nil {
				want = got
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%s: %s gives other bytes than %s", name, set, sets[0])
			}
		}
	})
}

func TestFlips(t *testing.T) {
	var r Resampler
	every(func(name string, width, height, channels int, src Source, s ResizeOptions) {
		plain, got := make([]byte, width*height*channels), make([]byte, width*height*channels)
		if err := r.Resize(raster.Packed(plain, width, height, channels), src, s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for flips := 1; flips < 4; flips++ {
			s.FlipHorizontal, s.FlipVertical = flips&1 != 0, flips&2 != 0
			if err := r.Resize(raster.Packed(got, width, height, channels), src, s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for p := range width * height {
				x, y := p%width, p/width
				if s.FlipHorizontal {
					x = width - 1 - x
				}
				if s.FlipVertical {
					y = height - 1 - y
				}
				want := plain[(y*width+x)*channels:][:channels]
				if !bytes.Equal(got[p*channels:][:channels], want) {
					t.Fatalf("%s, flips %d: pixel %d is %v, want %v", name, flips, p,
						got[p*channels:][:channels], want)
				}
			}
		}
	})
}

func TestFlatStaysFlat(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var r Resampler
		level := byte(0)
		every(func(name string, width, height, channels int, src Source, s ResizeOptions) {
			level += 37
			for i := range src.Pix {
				src.Pix[i] = level
				if channels == 4 && i%4 == 3 {
					src.Pix[i] = 255
				}
			}
			dst := make([]byte, width*height*channels)
			if err := r.Resize(raster.Packed(dst, width, height, channels), src, s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for i, v := range dst {
				want := level
				if channels == 4 && i%4 == 3 {
					want = 255
				}
				if v != want {
					t.Fatalf("%s: byte %d of an image of %d is %d", name, i, want, v)
				}
			}
		})
	})
}

// TestBounds checks that rows may lie apart, and that nothing between and behind them
// is touched, nor what lies between and behind the source's rows matters.
func TestBounds(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var r Resampler
		every(func(name string, width, height, channels int, src Source, s ResizeOptions) {
			want := make([]byte, width*height*channels)
			if err := r.Resize(raster.Packed(want, width, height, channels), src, s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			row := src.Width * src.PixelSize
			wide := noise(99, src.Stride+13, src.Height, 1)
			for y := range src.Height {
				copy(wide.Pix[y*wide.Stride:], src.Pix[y*src.Stride:][:row])
			}
			src.Pix, src.Stride = wide.Pix, wide.Stride
			stride := width*channels + 5
			dst := bytes.Repeat([]byte{0xa5}, height*stride)
			if err := r.Resize(strided(dst[:height*stride-5], stride, width, height, channels), src,
				s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for y := range height {
				line := dst[y*stride:][:stride]
				if !bytes.Equal(line[:width*channels], want[y*width*channels:][:width*channels]) {
					t.Fatalf("%s: row %d depends on the strides", name, y)
				}
				if !bytes.Equal(line[width*channels:], []byte{0xa5, 0xa5, 0xa5, 0xa5, 0xa5}) {
					t.Fatalf("%s: bytes behind row %d were written", name, y)
				}
			}
		})
	})
}

// TestCoefficients checks every axis' sums, and that no target pixel needs more than
// the slack behind a row.
func TestCoefficients(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	var a axis
	var scratch []float64
	for i := range 2000 {
		source, target := sizes(random)
		source *= 1 + i%20
		k := axisKey{source, target, 0, float64(source), Box + Filter(i%5), true, i%2 == 0,
			i%4 == 0, layout(i % 3)}
		if i%5 == 0 {
			part := somePart(random, source, 1)
			k.from, k.to = part.Left, part.Right
		}
		a.build(k, &scratch)
		if a.nearest {
			continue
		}
		for x := range target {
			sum := 0
			for j, c := range a.coef[x*a.weights():][:a.weights()] {
				sum += int(c) << (j / a.taps * highShift)
			}
			off, most := sum-1<<a.precision, 0
			if a.twoPart && a.precision == maxPrecision {
				most = a.taps / 2 // each weight is rounded for itself
			}
			if max(off, -off) > most {
				t.Fatalf("%+v: coefficients of %d sum to %d, want %d", k, x, sum, 1<<a.precision)
			}
			behind := int(a.start[x]) + a.taps - k.source
			if k.layout == horizontal4 && behind*4+12 > raster.Slack || k.layout == horizontal1 &&
				behind+8 > raster.Slack {
				t.Fatalf("%+v: pixel %d reads %d pixels behind the row", k, x, behind)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, channels := range []int{1, 3, 4} {
		pixelSize := bytesFor(channels)
		src := noise(1, 120, 150, pixelSize)
		dst := make([]byte, 60*50*channels)
		var r Resampler
		// 30 sizes: more than coefficients are kept for, so this builds some each time.
		all := func() {
			for extent := 1; extent <= 150; extent += 5 {
				s := src
				s.Width, s.Height = min(s.Width, extent), 151-extent
				for _, f := range []Filter{Nearest, Bilinear, Lanczos} {
					if err := r.Resize(raster.Packed(dst, 60, 50, channels), s,
						ResizeOptions{Filter: f, Antialias: true}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		for range 50 { // until every axis has had to hold the largest
			all()
		}
		if n := testing.AllocsPerRun(5, all); n > 0 {
			t.Errorf("%d channels: %v allocations", channels, n)
		}
	}
}

func TestErrors(t *testing.T) {
	good := noise(1, 8, 6, 4)
	dst := make([]byte, 5*4*3)
	for _, c := range []struct {
		want            string
		change          func(src *Source, s *ResizeOptions)
		stride, w, h, n int
	}{
		{"", func(*Source, *ResizeOptions) {}, 15, 5, 4, 3},
		{"target buffer is too short", func(*Source, *ResizeOptions) {}, 15, 5, 5, 3},
		{"target buffer is too short", func(*Source, *ResizeOptions) {}, 14, 5, 4, 3},
		{"target of 0x4", func(*Source, *ResizeOptions) {}, 15, 0, 4, 3},
		{"2 channels", func(*Source, *ResizeOptions) {}, 15, 5, 4, 2},
		{"1 channels of 4 bytes", func(*Source, *ResizeOptions) {}, 15, 5, 4, 1},
		{"2 bytes per pixel", func(src *Source, _ *ResizeOptions) { src.PixelSize = 2 }, 15, 5, 4,
			3},
		{"source of 8x-1", func(src *Source, _ *ResizeOptions) { src.Height = -1 }, 15, 5, 4, 3},
		{"too short for 9x6", func(src *Source, _ *ResizeOptions) { src.Width = 9 }, 15, 5, 4, 3},
		{"too short", func(src *Source, _ *ResizeOptions) { src.Stride = 1 << 60 }, 15, 5, 4, 3},
		{"63 bytes behind", func(src *Source,
			_ *ResizeOptions) {
			src.Pix = src.Pix[: 8*6*4 : 8*6*4+63]
		}, 15, 5, 4, 3},
		{"", func(src *Source, _ *ResizeOptions) {
			src.Part = raster.Rect{Left: 7.9, Top: 0, Right: 8,
				Bottom: 6}
		}, 15, 5, 4, 3},
		{"part {0 0 8.1 6} is empty or not within", func(src *Source, _ *ResizeOptions) {
			src.Part = raster.Rect{Left: 0, Top: 0, Right: 8.1, Bottom: 6}
		}, 15, 5, 4, 3},
		{"part {4 0 4 6} is empty", func(src *Source, _ *ResizeOptions) {
			src.Part = raster.Rect{Left: 4,
				Top: 0, Right: 4, Bottom: 6}
		}, 15,
			5, 4, 3},
		{"part {0 NaN 8 6} is empty", func(src *Source, _ *ResizeOptions) {
			src.Part = raster.Rect{Left: 0, Top: math.NaN(), Right: 8, Bottom: 6}
		}, 15, 5, 4, 3},
		{"unknown filter Filter(6)", func(_ *Source, s *ResizeOptions) { s.Filter = 6 }, 15, 5, 4,
			3},
		{"filter lanczos needs antialias", func(_ *Source, s *ResizeOptions) {
			s.Filter,
				s.Antialias = Lanczos, false
		}, 15, 5, 4, 3},
	} {
		var r Resampler
		src, s := good, ResizeOptions{Filter: Bilinear, Antialias: true}
		c.change(&src, &s)
		err := r.Resize(strided(dst, c.stride, c.w, c.h, c.n), src, s)
		switch {
		case c.want == "" && err != nil:
			t.Error(err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "resample: ") ||
			!strings.Contains(err.Error(), c.want)):
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

func TestParseFilter(t *testing.T) {
	for f := range filters {
		if got, err := ParseFilter(Filter(f).String()); got != Filter(f) || err != nil {
			t.Errorf("%v: %v, %v", Filter(f), got, err)
		}
	}
	for name, want := range map[string]Filter{"area": Box, "lanczos3": Lanczos} {
		if got, err := ParseFilter(name); got != want || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := ParseFilter("gaussian"); err == nil || !strings.Contains(err.Error(),
		"nearest, box, bilinear, hamming, bicubic, lanczos") {
		t.Errorf("error %v", err)
	}
}
