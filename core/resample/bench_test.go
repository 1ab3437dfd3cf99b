package resample

import (
	"math/rand/v2"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

// noise is a source of random pixels with its slack.
func noise(seed uint64, width, height, pixelSize int) Source {
	random := rand.New(rand.NewPCG(seed, 0))
	pix := make([]byte, width*height*pixelSize+raster.Slack)
	for i := range pix {
		pix[i] = byte(random.Uint32())
	}
	return Source{Image: raster.Packed(pix[:width*height*pixelSize], width, height, pixelSize)}
}

// BenchmarkResize reports the throughput in source bytes. "new size" builds the
// coefficients anew each time.
func BenchmarkResize(b *testing.B) {
	for _, c := range []struct {
		name                string
		source              [2]int
		pixelSize, channels int
		spec                ResizeOptions
		fresh               bool
	}{
		{"rgb bilinear new size", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Bilinear,
			Antialias: true}, true},
		{"rgb bilinear", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Bilinear, Antialias: true},
			false},
		{"rgb bilinear aliased", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Bilinear}, false},
		{"rgb bicubic aliased", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Bicubic}, false},
		{"rgb bilinear enlarging", [2]int{160, 120}, 4, 3, ResizeOptions{Filter: Bilinear,
			Antialias: true}, false},
		{"rgb bicubic", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Bicubic, Antialias: true},
			false},
		{"rgb lanczos new size", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Lanczos,
			Antialias: true}, true},
		{"rgb lanczos", [2]int{468, 401}, 4, 3, ResizeOptions{Filter: Lanczos, Antialias: true},
			false},
		{"rgb nearest", [2]int{468, 401}, 4, 3, ResizeOptions{}, false},
		{"rgb same size", [2]int{224, 224}, 4, 3, ResizeOptions{}, false},
		{"rgba bilinear", [2]int{468, 401}, 4, 4, ResizeOptions{Filter: Bilinear, Antialias: true},
			false},
		{"gray bilinear", [2]int{468, 401}, 1, 1, ResizeOptions{Filter: Bilinear, Antialias: true},
			false},
		{"rgb bilinear 12 megapixels", [2]int{4000, 3000}, 4, 3, ResizeOptions{Filter: Bilinear,
			Antialias: true}, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			simdtest.Each(b, func(b *testing.B) {
				src := noise(1, c.source[0], c.source[1], c.pixelSize)
				dst := make([]byte, 224*224*c.channels)
				var r Resampler
				b.SetBytes(int64(len(src.Pix)))
				b.ReportAllocs()
				for b.Loop() {
					if c.fresh {
						r.axes[0].used, r.axes[1].used = 0, 0
					}
					if err := r.Resize(raster.Packed(dst, 224, 224, c.channels), src,
						c.spec); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// BenchmarkKernels reports the throughput in source bytes of each pass alone.
func BenchmarkKernels(b *testing.B) {
	var scratch []float64
	build := func(k axisKey) *axis {
		a := new(axis)
		a.build(k, &scratch)
		return a
	}
	across := axisKey{source: 468, target: 224, to: 468, filter: Bilinear, antialias: true,
		layout: horizontal4}
	across1, precise, down := across, across, across
	across1.layout = horizontal1
	precise.precise = true
	down.layout = vertical
	color, gray, same := noise(1, 468, 401, 4), noise(1, 468, 401, 1), axisKey{source: 468,
		target: 468, to: 468, layout: horizontal4}
	rows := noise(2, 224*3, 468, 1)
	into := plane{make([]byte, 468*(468*4+32)), 468*4 + 32}
	h, h1, hp, v, identity := build(across), build(across1), build(precise), build(down),
		build(same)
	for _, c := range []struct {
		name  string
		bytes int
		run   func()
	}{
		{"horizontal rgb", len(color.Pix), func() {
			filterRows(into, planeOf(&color.Image), 401, 224, 3,
				h)
		}},
		{"horizontal rgba", len(color.Pix), func() {
			filterRows(into, planeOf(&color.Image), 401, 224, 4,
				h)
		}},
		{"horizontal rgb precise", len(color.Pix), func() {
			filterRows(into, planeOf(&color.Image), 401,
				224, 3, hp)
		}},
		{"horizontal gray", len(gray.Pix), func() {
			filterRows(into, planeOf(&gray.Image), 401, 224, 1,
				h1)
		}},
		{"vertical rgb", len(rows.Pix), func() {
			filterColumns(into, planeOf(&rows.Image), 224*3,
				v)
		}},
		{"drop alpha", len(color.Pix), func() {
			copyNearest(into, planeOf(&color.Image), 401, 468, 3, 4,
				identity, nil)
		}},
		{"premultiply", len(color.Pix), func() { premultiply(into.pix, color.Pix, 468*401) }},
		{"unpremultiply", len(color.Pix), func() { unpremultiply(into.pix, 468*401) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			simdtest.Each(b, func(b *testing.B) {
				b.SetBytes(int64(c.bytes))
				for b.Loop() {
					c.run()
				}
			})
		})
	}
}
