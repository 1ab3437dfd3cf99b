package resample

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"mixfolder/core/simd"
)

// noise is a source of random pixels with its slack.
func noise(seed uint64, width, height, bytesPerPixel int) Source {
	random := rand.New(rand.NewPCG(seed, 0))
	pix := make([]byte, width*height*bytesPerPixel+Slack)
	for i := range pix {
		pix[i] = byte(random.Uint32())
	}
	return Source{Pix: pix[:width*height*bytesPerPixel], Stride: width * bytesPerPixel, Width: width, Height: height, BytesPerPixel: bytesPerPixel}
}

// bothKernels runs f with AVX2, where there is AVX2, and without.
func bothKernels[T interface{ Run(string, func(T)) bool }](t T, f func(T)) {
	before := simd.AVX2
	defer func() { simd.AVX2 = before }()
	if before {
		t.Run("avx2", f)
	}
	simd.AVX2 = false
	t.Run("default", f)
}

// BenchmarkResize reports the throughput in source bytes. "new size" builds the coefficients anew each time.
func BenchmarkResize(b *testing.B) {
	for _, c := range []struct {
		name                    string
		source                  [2]int
		bytesPerPixel, channels int
		spec                    Spec
		fresh                   bool
	}{
		{"rgb bilinear new size", [2]int{468, 401}, 4, 3, Spec{Filter: Bilinear, Antialias: true}, true},
		{"rgb bilinear", [2]int{468, 401}, 4, 3, Spec{Filter: Bilinear, Antialias: true}, false},
		{"rgb bilinear aliased", [2]int{468, 401}, 4, 3, Spec{Filter: Bilinear}, false},
		{"rgb bilinear enlarging", [2]int{160, 120}, 4, 3, Spec{Filter: Bilinear, Antialias: true}, false},
		{"rgb bicubic", [2]int{468, 401}, 4, 3, Spec{Filter: Bicubic, Antialias: true}, false},
		{"rgb lanczos new size", [2]int{468, 401}, 4, 3, Spec{Filter: Lanczos, Antialias: true}, true},
		{"rgb lanczos", [2]int{468, 401}, 4, 3, Spec{Filter: Lanczos, Antialias: true}, false},
		{"rgb nearest", [2]int{468, 401}, 4, 3, Spec{}, false},
		{"rgb same size", [2]int{224, 224}, 4, 3, Spec{}, false},
		{"rgba bilinear", [2]int{468, 401}, 4, 4, Spec{Filter: Bilinear, Antialias: true}, false},
		{"gray bilinear", [2]int{468, 401}, 1, 1, Spec{Filter: Bilinear, Antialias: true}, false},
		{"rgb bilinear 12 megapixels", [2]int{4000, 3000}, 4, 3, Spec{Filter: Bilinear, Antialias: true}, false},
	} {
		b.Run(fmt.Sprint(c.name), func(b *testing.B) {
			bothKernels(b, func(b *testing.B) {
				src := noise(1, c.source[0], c.source[1], c.bytesPerPixel)
				dst := make([]byte, 224*224*c.channels)
				var r Resampler
				b.SetBytes(int64(len(src.Pix)))
				b.ReportAllocs()
				for b.Loop() {
					if c.fresh {
						r.axes[0].used, r.axes[1].used = 0, 0
					}
					if err := r.Resize(dst, 224*c.channels, 224, 224, c.channels, src, c.spec); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
