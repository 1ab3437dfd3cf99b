package exact

import (
	"fmt"
	"hash"
	"math/rand/v2"
	"testing"

	"mixfolder/core/exact/exacttest"
)

func TestKnownFunctions(t *testing.T) {
	exacttest.Known(t, "028b2520", func(h hash.Hash) {
		random := rand.New(rand.NewPCG(1, 0))
		for range 20000 {
			x := random.Float64()
			sin, cos := SincosPi(8*x - 4)
			fmt.Fprintln(h, Exp(float64(1400*x)-700), Exp(x-0.5), Log(x),
				Log(Exp(float64(1400*x)-700)), sin, cos)
		}
	})
}
