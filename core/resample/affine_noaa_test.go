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

// warped is an image that Pillow or SciPy sampled, see testdata/make.py.
type warped struct {
	By, Mode       string
	Order          int
	Channels       int
	Source, Target [2]int
	Map            raster.Affine
	Pixels         []byte // compressed by zlib
}

// spec is the SampleOptions of the same meaning.
func (g *warped) spec(t *testing.T) SampleOptions {
	fill, err := ParseFill(g.Mode)
	if err != nil {
		t.Fatal(err)
	}
	if g.By == "scipy" && fill == FillConstant {
		fill = FillConstantCenters
	}
	return SampleOptions{Bilinear: g.Order == 1, Fill: fill, Value: [4]byte{200, 100, 50, 255}}
}

// packed is a source without A.
func packed(src Source) Source {
	n := src.Width * src.Height * 3
	out := Source{Image: raster.Packed(make([]byte, n, n+raster.Slack), src.Width, src.Height, 3)}
	for p := range src.Width * src.Height {
		copy(out.Pix[3*p:3*p+3], src.Pix[p/src.Width*src.Stride+p%src.Width*4:])
	}
	return out
}

func TestAffineNoAAAsPillowAndSciPy(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var r Resampler
		for _, g := range goldens[warped](t, "testdata/warp.jsonl") {
			src, want := paint(g.Source[0], g.Source[1], g.Channels), unpack(t, g.Pixels)
			if g.Channels == 4 {
				for i := 3; i < len(src.Pix); i += 4 {
					src.Pix[i] |= 128
				}
			}
			sources := []Source{src}
			if g.Channels == 3 {
				sources = append(sources, packed(src))
			}
			for _, src := range sources {
				name := fmt.Sprintf("%s %s order %d %v to %v of %d bytes to %d: %v", g.By, g.Mode,
					g.Order, g.Source, g.Target, src.PixelSize, g.Channels, g.Map)
				got := make([]byte, len(want))
				if err := r.AffineNoAA(raster.Packed(got, g.Target[0], g.Target[1], g.Channels),
					src, g.Map, g.spec(t)); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if g.Channels == 4 {
					closePremultiplied(t, name, got, want)
					continue
				}
				// Pillow rounds down, so between pixels 1 is all that can be asked for
				most := g.Order
				for i := range got {
					if difference(got[i], want[i]) > most {
						t.Fatalf("%s: byte %d is %d, want %d", name, i, got[i], want[i])
					}
				}
			}
		}
	})
}

// bytesFor is the bytes of a source's pixel that makes these channels.
func bytesFor(channels int) int {
	if channels == 1 {
		return 1
	}
	return 4
}

// turned is the map of an image that is rotated and zoomed about its center, from a
// target of another size.
func turned(degrees, zoom float64, width, height, sourceWidth, sourceHeight int) raster.Affine {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	toCenter := raster.Affine{1, 0, -float64(width) / 2, 0, 1, -float64(height) / 2}
	fromCenter := raster.Affine{1, 0, float64(width) / 2, 0, 1, float64(height) / 2}
	stretch := raster.Affine{float64(sourceWidth) / float64(width), 0, 0, 0,
		float64(sourceHeight) / float64(height), 0}
	return stretch.After(fromCenter).After(raster.Affine{cos * zoom, sin * zoom, 0, -sin * zoom,
		cos * zoom, 0}).After(toCenter)
}

// warps calls f with many sources, maps and specs.
func warps(f func(name string, width, height, channels int, src Source, m raster.Affine,
	s AffineOptions)) {
	random := rand.New(rand.NewPCG(11, 12))
	for i := range 400 {
		channels := []int{1, 3, 4}[i%3]
		sourceWidth, sourceHeight := sizes(random)
		width, height := sizes(random)
		m := turned(360*random.Float64(), math.Exp2(4*random.Float64()-2), width, height,
			sourceWidth, sourceHeight)
		m[2] += random.NormFloat64() * float64(sourceWidth) / 4
		m[1] += random.NormFloat64() / 4
		s := AffineOptions{SampleOptions{Bilinear: i%4 > 0, Fill: Fill(i % len(fills)),
			Value: [4]byte{9, 99, 199, 255}}, ResizeOptions{Filter: Bilinear, Antialias: true}}
		name := fmt.Sprintf("%dx%d to %dx%dx%d %v %+v", sourceWidth, sourceHeight, width, height,
			channels, m, s)
		f(name, width, height, channels, noise(uint64(i), sourceWidth, sourceHeight,
			bytesFor(channels)), m, s)
	}
}

// methods are Affine and AffineNoAA with the same arguments.
var methods = map[string]func(*Resampler, raster.Image, Source, raster.Affine, AffineOptions) error{
	"Affine": (*Resampler).Affine,
	"AffineNoAA": func(r *Resampler, dst raster.Image, src Source, m raster.Affine,
		s AffineOptions) error {
		return r.AffineNoAA(dst, src, m, s.SampleOptions)
	},
}

// TestAffineNoAAKernelsAgree, and nothing but the target's pixels is written.
func TestAffineNoAAKernelsAgree(t *testing.T) {
	sets := simd.Sets()
	defer simd.Use(sets[0])
	var r Resampler
	for method, run := range methods {
		warps(func(name string, width, height, channels int, src Source, m raster.Affine,
			s AffineOptions) {
			stride := width*channels + 5
			var want []byte
			for _, set := range sets {
				simd.Use(set)
				dst := bytes.Repeat([]byte{0xa5}, height*stride+16)
				if err := run(&r, strided(dst[:height*stride], stride, width, height, channels),
					src, m,
					s); err != nil {
					t.Fatalf("%s %s: %v", method, name, err)
				}
				for y := range height {
					if !bytes.Equal(dst[y*stride+width*channels:][:5], []byte{0xa5, 0xa5, 0xa5,
						0xa5, 0xa5}) {
						t.Fatalf("%s %s: bytes behind row %d were written", method, name, y)
					}
				}
				if want == nil {
					want = dst
				}
				if !bytes.Equal(dst, want) {
					t.Fatalf("%s %s: %s gives other bytes than %s", method, name, set, sets[0])
				}
			}
		})
	}
}

// TestAffineNoAAInsideIsAsOutside: whether a pixel belongs to the run that is all
// inside does not show.
func TestAffineNoAAInsideIsAsOutside(t *testing.T) {
	var r Resampler
	warps(func(name string, width, height, channels int, src Source, m raster.Affine,
		s AffineOptions) {
		all, one := make([]byte, width*height*channels), make([]byte, channels)
		if err := r.AffineNoAA(raster.Packed(all, width, height, channels), src, m,
			s.SampleOptions); err != nil {
			t.Fatal(err)
		}
		for p := 0; p < width*height; p += 1 + width*height/50 {
			x, y := m.At(float64(p%width)+0.5, float64(p/width)+0.5)
			if !s.Bilinear && (math.Abs(x-math.Round(x)) < 1e-6 ||
				math.Abs(y-math.Round(y)) < 1e-6) {
				continue // on the edge of two pixels
			}
			// Without steps nothing is inside but what the first pixel is.
			if err := r.AffineNoAA(raster.Packed(one, 1, 1, channels), src, raster.Affine{0, 0, x,
				0, 0, y}, s.SampleOptions); err != nil {
				t.Fatal(err)
			}
			if s.Bilinear && channels == 4 {
				continue // dividing by a small alpha blows up a difference of 1
			}
			most := 0
			if s.Bilinear {
				most = 1
			}
			for c, v := range one {
				if difference(v, all[p*channels+c]) > most {
					t.Fatalf("%s: pixel %d is %v, alone %v", name, p, all[p*channels:][:channels],
						one)
				}
			}
		}
	})
}

func TestAffineFlatStaysFlat(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var r Resampler
		level := byte(0)
		warps(func(name string, width, height, channels int, src Source, m raster.Affine,
			s AffineOptions) {
			level += 37
			for i := range src.Pix {
				src.Pix[i] = level
				if channels == 4 && i%4 == 3 {
					src.Pix[i] = 255
				}
			}
			s.Value = [4]byte{level, level, level, 255}
			dst := make([]byte, width*height*channels)
			if err := r.Affine(raster.Packed(dst, width, height, channels), src, m, s); err != nil {
				t.Fatal(err)
			}
			for i, v := range dst {
				if v != level && !(channels == 4 && i%4 == 3 && v == 255) {
					t.Fatalf("%s: byte %d of an image of %d is %d", name, i, level, v)
				}
			}
		})
	})
}

func TestAffineDoesNotAllocate(t *testing.T) {
	var r Resampler
	src := noise(1, 300, 200, 4)
	dst := make([]byte, 100*90*4)
	angle := 0.0
	for _, channels := range []int{3, 4} {
		all := func() {
			angle += 7
			m := turned(math.Mod(angle, 50), 0.9, 100, 90, 300, 200)
			if err := r.Affine(raster.Packed(dst, 100, 90, channels), src, m,
				AffineOptions{SampleOptions{Bilinear: true}, ResizeOptions{Filter: Lanczos,
					Antialias: true}}); err != nil {
				t.Fatal(err)
			}
		}
		for range 400 { // until every axis has had to hold the largest
			all()
		}
		if n := testing.AllocsPerRun(20, all); n > 0 {
			t.Errorf("%d channels: %v allocations", channels, n)
		}
	}
}

func TestAffineNoAAErrors(t *testing.T) {
	good := noise(1, 8, 6, 4)
	dst := make([]byte, 5*4*3)
	for _, c := range []struct {
		want   string
		change func(src *Source, m *raster.Affine, s *AffineOptions)
		both   bool // an error of Affine, too
	}{
		{"", func(*Source, *raster.Affine, *AffineOptions) {}, true},
		{"unknown fill mode Fill(5)", func(_ *Source, _ *raster.Affine,
			s *AffineOptions) {
			s.Fill = 5
		}, true},
		{"leads more than", func(_ *Source, m *raster.Affine, _ *AffineOptions) { m[4] = 1e9 },
			true},
		{"leads more than", func(_ *Source, m *raster.Affine,
			_ *AffineOptions) {
			m[1] = math.NaN()
		}, true},
		{"leads more than", func(_ *Source, m *raster.Affine,
			_ *AffineOptions) {
			m[2] = math.Inf(-1)
		}, true},
		{"2 bytes per pixel", func(src *Source, _ *raster.Affine,
			_ *AffineOptions) {
			src.PixelSize = 2
		}, true},
		{"too short", func(src *Source, _ *raster.Affine, _ *AffineOptions) { src.Height = 7 },
			true},
		{"3 bytes per pixel", func(src *Source, _ *raster.Affine,
			_ *AffineOptions) {
			src.PixelSize = 3
		}, true},
		{"part {0 0 2 2} of the source of AffineNoAA", func(src *Source, _ *raster.Affine,
			_ *AffineOptions) {
			src.Part = raster.Rect{Left: 0, Top: 0, Right: 2, Bottom: 2}
		}, false},
	} {
		for name, run := range methods {
			var r Resampler
			src, m, s := good, raster.Affine{0.5, 0.1, 0, 0, 0.5,
				0}, AffineOptions{Reduce: ResizeOptions{Filter: Bilinear, Antialias: true}}
			c.change(&src, &m, &s)
			err := run(&r, raster.Packed(dst, 5, 4, 3), src, m, s)
			if c.want == "" || name == "Affine" && !c.both || name == "AffineNoAA" &&
				src.PixelSize == 3 {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if err == nil || !strings.HasPrefix(err.Error(), "resample: ") ||
				!strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		}
	}
	if _, err := ParseFill("mirror"); err == nil || !strings.Contains(err.Error(),
		"constant, constant_centers, nearest, reflect, wrap") {
		t.Errorf("error %v", err)
	}
}

// BenchmarkAffineNoAA is of 224x224 target pixels; the map of the tutorial's
// augmentation.
func BenchmarkAffineNoAA(b *testing.B) {
	for _, c := range []struct {
		name                string
		source              int
		pixelSize, channels int
		spec                SampleOptions
		degrees             float64
	}{
		{"rgb bilinear inside", 400, 4, 3, SampleOptions{Bilinear: true}, 20},
		{"rgb bilinear", 224, 4, 3, SampleOptions{Bilinear: true, Fill: FillNearest}, 20},
		{"rgb bilinear reflect", 224, 4, 3, SampleOptions{Bilinear: true, Fill: FillReflect}, 20},
		{"packed rgb bilinear", 224, 3, 3, SampleOptions{Bilinear: true, Fill: FillNearest}, 20},
		{"packed rgb nearest", 224, 3, 3, SampleOptions{Fill: FillConstant}, 20},
		{"rgba bilinear", 224, 4, 4, SampleOptions{Bilinear: true, Fill: FillNearest}, 20},
		{"gray bilinear", 224, 1, 1, SampleOptions{Bilinear: true, Fill: FillNearest}, 20},
	} {
		b.Run(c.name, func(b *testing.B) {
			simdtest.Each(b, func(b *testing.B) {
				src := noise(1, c.source, c.source, c.pixelSize)
				dst := make([]byte, 224*224*c.channels)
				m := turned(c.degrees, 1, 224, 224, 224, 224)
				m[2], m[5] = m[2]+float64(c.source-224)/2, m[5]+float64(c.source-224)/2
				var r Resampler
				b.ReportAllocs()
				for b.Loop() {
					if err := r.AffineNoAA(raster.Packed(dst, 224, 224, c.channels), src, m,
						c.spec); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
