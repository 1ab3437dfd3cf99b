package imageop

import (
	"fmt"
	"hash"
	"math/rand/v2"
	"testing"

	"mixfolder/core/exact/exacttest"
)

func TestKnownPixels(t *testing.T) {
	exacttest.Known(t, "92ac017c", func(h hash.Hash) {
		random := rand.New(rand.NewPCG(1, 0))
		var e Engine
		for i := range 60 {
			u := random.Float64()
			for _, o := range []Op{
				strength(Brightness, 2*u),
				strength(Contrast, 2*u),
				strength(Saturation, 2*u),
				strength(Hue, u-0.5),
				strength(Sharpness, 2*u),
				strength(GaussianBlur, 0.1+float64(3*u)),
				{Kind: AutoContrast},
				{Kind: ChannelShift, Args: args(40*u, -20*u, 9*u)},
				strength(Solarize, 255*u),
			} {
				p := paint([]string{"noise", "slopes"}[i%2], 37, 29, []int{1, 3, 4}[i%3])
				mustApply(t, &e, p, o)
				h.Write(p.Pix)
			}
			e.blur.build(0.1+float64(5*u), 1+i)
			fmt.Fprintln(h, e.blur.exact, e.blur.weights)
		}
	})
}
