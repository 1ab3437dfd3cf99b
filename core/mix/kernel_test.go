package mix

import (
	"math/rand/v2"
	"testing"

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
