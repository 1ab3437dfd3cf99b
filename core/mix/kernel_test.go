package mix

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

func TestOuter(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(4, 0))
		for _, size := range [][2]int{{1, 1}, {7, 31}, {33, 9}, {2, maxValues}} {
			rows, columns := make([]float32, size[0]), make([]float32, size[1])
			for _, factors := range [][]float32{rows, columns} {
				for i := range factors {
					factors[i] = random.Float32()
				}
			}
			weights := make([]float32, len(rows)*len(columns))
			outer(weights, columns, rows)
			for i, got := range weights {
				if want := 1 - float32(rows[i/len(columns)]*columns[i%len(columns)]); got != want {
					t.Fatalf("%v: weight %d is %v, want %v", size, i, got, want)
				}
			}
		}
	})
}

func TestWaves(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(5, 0))
		var w waves
		for _, size := range [][2]int{{1, 1}, {2, 2}, {7, 4}, {48, 25}, {95, 3}, {144, 73}} {
			n, count := size[0], size[1]
			w = newWaves(w, n, count)
			const rows = 3
			re, im := make([]float32, rows*count), make([]float32, rows*count)
			for i := range re {
				re[i], im[i] = float32(random.NormFloat64()), float32(random.NormFloat64())
			}
			for _, step := range [][2]int{{count, 1}, {1, rows}} { // by rows and by columns
				got := slices.Repeat([]float32{-1}, rows*n)
				w.sum(got, re, im, step[0], step[1])
				for i := range got {
					r, x, sign := i/n, i%n, float32(1)
					if x > n/2 {
						x, sign = n-x, -1
					}
					even, odd := float32(0), float32(0)
					exactly := 0.0
					for k := range count {
						a, b := re[r*step[0]+k*step[1]], im[r*step[0]+k*step[1]]
						even += float32(a * w.cosine[k*w.stride+x])
						odd += float32(b * w.sine[k*w.stride+x])
						sin, cos := math.Sincos(2 * math.Pi * float64(k) * float64(i%n) / float64(n))
						exactly += float64(a)*cos - float64(b)*sin
					}
					if want := even - sign*odd; got[i] != want || math.Abs(exactly-float64(want)) > 1e-4 {
						t.Fatalf("%v: value %d is %v, want %v, exactly %v", size, i, got[i], want,
							exactly)
					}
				}
			}
		}
	})
}

func TestWithinAndAbove(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(6, 0))
		for _, n := range []int{1, 7, 8, 100, maxValues + 9} {
			values := make([]float32, n)
			for i := range values {
				values[i] = float32(random.IntN(20))
			}
			for _, limits := range [][2]float32{{3, 7}, {5, 5}, {-1, 30}, {25, 30}} {
				var want []int32
				larger := 0
				for i, v := range values {
					if v >= limits[0] && v <= limits[1] {
						want = append(want, int32(i))
					}
					if v > limits[1] {
						larger++
					}
				}
				got, over := within(make([]int32, 0, n), values, limits[0], limits[1])
				if !slices.Equal(got, want) || over != larger {
					t.Fatalf("%d values in %v: %d, want %d; %d above, want %d", n, limits, len(got),
						len(want), over, larger)
				}
			}
			ones := slices.Clone(values)
			above(ones, 7)
			for i, v := range ones {
				if (v == 1) != (values[i] > 7) || v != 0 && v != 1 {
					t.Fatalf("%v becomes %v", values[i], v)
				}
			}
		}
	})
}

func TestAddAlpha(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		for _, size := range [][2]int{{1, 1}, {9, 3}, {10, 2}, {31, 4}} {
			// A part of a larger image, whose last row ends with the memory.
			whole := raster.Packed(noise(7, (size[0]+5)*size[1]*3), size[0]+5, size[1], 3)
			src := whole
			src.Width, src.Pix = size[0], whole.Pix[15:]
			dst := raster.Packed(make([]byte, size[0]*size[1]*4), size[0], size[1], 4)
			dst.Channels = 3
			addAlpha(dst, src)
			for y := range size[1] {
				for x := range size[0] {
					want := append(slices.Clone(src.Row(y)[3*x:3*x+3]), 255)
					if got := dst.Row(y)[4*x : 4*x+4]; !bytes.Equal(got, want) {
						t.Fatalf("%v: pixel (%d, %d) is %v, want %v", size, x, y, got, want)
					}
				}
			}
		}
	})
}
