package resample

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"mixfolder/core/simd"
)

func TestFlip(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sets := simd.Sets()
	defer simd.Use(sets[0])
	for _, channels := range []int{1, 3, 4} {
		for width := 1; width < 40; width++ {
			height := 1 + width%5
			src := make([]byte, width*height*channels)
			for i := range src {
				src[i] = byte(random.Uint32())
			}
			for flips := range 4 {
				horizontal, vertical := flips&1 > 0, flips&2 > 0
				want := make([]byte, len(src))
				for i := range src {
					c, x, y := i%channels, i/channels%width, i/channels/width
					if horizontal {
						x = width - 1 - x
					}
					if vertical {
						y = height - 1 - y
					}
					want[(y*width+x)*channels+c] = src[i]
				}
				for _, set := range sets {
					simd.Use(set)
					// Bytes around the target must not change.
					room := bytes.Repeat([]byte{77}, len(src)+2)
					Flip(room[1:len(src)+1], src, width, height, channels, horizontal, vertical)
					if !bytes.Equal(room[1:len(src)+1], want) || room[0] != 77 ||
						room[len(src)+1] != 77 {
						t.Fatalf("%d x %d x %d, horizontal %v, vertical %v, %s", height, width,
							channels, horizontal, vertical, set)
					}
				}
			}
		}
	}
}

func BenchmarkFlip(b *testing.B) {
	src, dst := make([]byte, 224*224*3), make([]byte, 224*224*3)
	b.SetBytes(int64(len(src)))
	for range b.N {
		Flip(dst, src, 224, 224, 3, true, false)
	}
}
