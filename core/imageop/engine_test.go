package imageop

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

func args(v ...float64) (a [6]float64) {
	copy(a[:], v)
	return a
}

func strength(k *Kind, v float64) Op { return Op{Kind: k, Args: args(v)} }

// TestOpsComposeLikeSeparateCalls: operations in one call do what they do in one call
// each, with lookup tables or without.
func TestOpsComposeLikeSeparateCalls(t *testing.T) {
	ops := []Op{
		strength(Brightness, 1.3),
		strength(Posterize, 5),
		strength(Solarize, 200),
		strength(Contrast, 0.7),
		{Kind: Invert},
		{Kind: AutoContrast},
		{Kind: Equalize},
		strength(Saturation, 1.5),
		strength(Brightness, 0.9),
		{Kind: ChannelShift, Args: args(10, -20, 3)},
		{Kind: Erase, Args: args(3, 4, 9, 9), Fill: [4]byte{1, 2, 3}},
		{Kind: Invert},
		{},
	}
	for _, channels := range []int{1, 3, 4} {
		var e Engine
		together, apart := paint("slopes", 37, 29, channels), paint("slopes", 37, 29, channels)
		mustApply(t, &e, together, ops...)
		for _, o := range ops {
			mustApply(t, new(Engine), apart, o)
		}
		if !slices.Equal(together.Pix, apart.Pix) {
			t.Errorf("%d channels: other pixels in one call than in many", channels)
		}
	}
}

// TestLargeImages checks operations that take several calls of a kernel against plain
// Go.
func TestLargeImages(t *testing.T) {
	for _, channels := range []int{1, 3, 4} {
		p := paint("noise", 701, 503, channels)
		for i := range p.Pix { // the extremes are far from the start
			p.Pix[i] = byte(100 + int(p.Pix[i])/4 - i/(len(p.Pix)/60))
		}
		p.Pix[len(p.Pix)-channels] = 3
		simdtest.Each(t, func(t *testing.T) {
			var h, wantCounts histogram
			count(&p, &h)
			low, high := extremes(&p)
			wantLow, wantHigh := [3]byte{255, 255, 255}, [3]byte{}
			sum := uint64(0)
			for i := 0; i < len(p.Pix); i += channels {
				var rgb [3]byte
				for c := range rgb {
					rgb[c] = p.Pix[i+min(c, channels-1)]
					wantLow[c], wantHigh[c] = min(wantLow[c], rgb[c]), max(wantHigh[c], rgb[c])
					if c < channels {
						wantCounts[c][rgb[c]]++
					}
				}
				sum += (19595*uint64(rgb[0]) + 38470*uint64(rgb[1]) + 7471*uint64(rgb[2]) +
					1<<15) >> 16
			}
			if h != wantCounts || low != wantLow || high != wantHigh {
				t.Errorf("%d channels: histogram equal %v, extremes %v to %v, want %v to %v",
					channels, h == wantCounts, low, high, wantLow, wantHigh)
			}
			if got := lumaSum(&p); got != sum {
				t.Errorf("%d channels: luma adds up to %d, want %d", channels, got, sum)
			}
			neighbors(t, p)
		})
	}
}

// neighbors checks sharpness and blur of p, which it does not change.
func neighbors(t *testing.T, p raster.Image) {
	at := func(x, y, c int) float64 {
		return float64(p.Pix[(mirrored(y, p.Height)*p.Width+mirrored(x, p.Width))*p.Channels+c])
	}
	smooth, blurred := p, p
	smooth.Pix, blurred.Pix = slices.Clone(p.Pix), slices.Clone(p.Pix)
	var e Engine
	mustApply(t, &e, smooth, Op{Kind: Sharpness})
	mustApply(t, &e, blurred, Op{Kind: GaussianBlur, Args: args(1, 3)})
	side := math.Exp(-0.5)
	weight := [2]float64{1 / (1 + 2*side), side / (1 + 2*side)}
	for y := range p.Height {
		for x := range p.Width {
			for c := range p.Channels {
				sum, blur := 4*at(x, y, c), 0.0
				for v := -1; v <= 1; v++ {
					for u := -1; u <= 1; u++ {
						sum += at(x+u, y+v, c)
						blur += at(x+u, y+v, c) * weight[u*u] * weight[v*v]
					}
				}
				i := (y*p.Width+x)*p.Channels + c
				want := math.Round(sum / 13)
				if x == 0 || y == 0 || x == p.Width-1 || y == p.Height-1 {
					want = at(x, y, c)
				}
				if c == 3 {
					want, blur = at(x, y, c), at(x, y, c)
				}
				if float64(smooth.Pix[i]) != want || math.Abs(float64(blurred.Pix[i])-blur) > 0.52 {
					t.Fatalf("(%d, %d) of channel %d is %d smooth, %d blurred, want %v, %v", x, y,
						c, smooth.Pix[i], blurred.Pix[i], want, blur)
				}
			}
		}
	}
}

func TestApplyDoesNotAllocate(t *testing.T) {
	var e Engine
	p := paint("noise", 224, 224, 3)
	ops := append(slices.Clone(benchmarks), Op{Kind: GaussianBlur, Args: args(0.5)})
	if n := testing.AllocsPerRun(3, func() { mustApply(t, &e, p, ops...) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestErase(t *testing.T) {
	for _, channels := range []int{1, 3, 4} {
		for _, r := range [][4]int{{2, 3, 4, 5}, {-2, -1, 5, 4}, {30, 20, 100, 100},
			{-5, -5, 1 << 20, 1 << 20}, {3, 3, 0, 5}, {-9, 0, 9, 9}} {
			rectangle := args(float64(r[0]), float64(r[1]), float64(r[2]), float64(r[3]))
			flat, noisy, before := paint("slopes", 37, 29, channels), paint("slopes", 37, 29,
				channels), paint("slopes", 37, 29, channels)
			var e Engine
			mustApply(t, &e, flat, Op{Kind: Erase, Args: rectangle, Fill: [4]byte{9, 8, 7, 6}})
			mustApply(t, &e, noisy, Op{Kind: EraseNoise, Args: rectangle, Seed: 5})
			for i, v := range before.Pix {
				c, x, y := i%channels, i/channels%37-r[0], i/channels/37-r[1]
				wantFlat, wantNoisy := v, v
				if c < 3 && x >= 0 && y >= 0 && x < r[2] && y < r[3] {
					wantFlat = byte(9 - c)
					wantNoisy = byte(noise(5, uint64(y*r[2]+x)) >> (8 * c))
				}
				if flat.Pix[i] != wantFlat || noisy.Pix[i] != wantNoisy {
					t.Fatalf("%v, byte %d: %d and %d, want %d and %d", r, i, flat.Pix[i],
						noisy.Pix[i], wantFlat, wantNoisy)
				}
			}
		}
	}
}

// The first numbers of SplitMix64 seeded with 1234567, as published for
// java.util.SplittableRandom's algorithm.
func TestNoise(t *testing.T) {
	for n, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423,
		4593380528125082431, 16408922859458223821} {
		if got := noise(1234567, uint64(n)); got != want {
			t.Errorf("number %d is %d, want %d", n, got, want)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	good := func() raster.Image { return raster.Packed(make([]byte, 12), 2, 2, 3) }
	for name, c := range map[string]struct {
		p  raster.Image
		op Op
	}{
		"channels":       {raster.Packed(make([]byte, 8), 2, 2, 2), Op{}},
		"too few bytes":  {raster.Packed(make([]byte, 11), 2, 2, 3), Op{}},
		"too many bytes": {raster.Packed(make([]byte, 13), 2, 2, 3), Op{}},
		"no rows":        {raster.Packed(nil, 2, 0, 3), Op{}},
		"not a number":   {good(), Op{Kind: Brightness, Args: args(math.NaN())}},
		"infinite":       {good(), Op{Kind: ChannelShift, Args: args(0, 0, math.Inf(1))}},
		"hue":            {good(), Op{Kind: Hue, Args: args(0.51)}},
		"bits":           {good(), Op{Kind: Posterize, Args: args(0)}},
		"half a bit":     {good(), Op{Kind: Posterize, Args: args(3.5)}},
		"sigma":          {good(), Op{Kind: GaussianBlur}},
		"large sigma":    {good(), Op{Kind: GaussianBlur, Args: args(43)}},
		"even kernel":    {good(), Op{Kind: GaussianBlur, Args: args(1, 4)}},
		"large kernel":   {good(), Op{Kind: GaussianBlur, Args: args(1, 257)}},
		"kernel below 0": {good(), Op{Kind: GaussianBlur, Args: args(1, -3)}},
		"half a pixel":   {good(), Op{Kind: Erase, Args: args(0.5, 0, 1, 1)}},
		"width below 0":  {good(), Op{Kind: EraseNoise, Args: args(0, 0, -1, 1)}},
	} {
		if err := new(Engine).Apply(c.p, c.op); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestExtremes applies all operations with extreme arguments that Check accepts to
// small images.
func TestExtremes(t *testing.T) {
	var e Engine
	for _, k := range kinds {
		for _, v := range []float64{-maxArg, maxArg, 0, 0.5, 1, 8, 42, 255} {
			for _, w := range []float64{0, 1, 3, 255} {
				o := Op{Kind: k, Args: args(v, w, w, w, w, w), Bilinear: true}
				if o.Check() != nil {
					continue
				}
				for _, size := range [][2]int{{1, 1}, {1, 5}, {4, 1}, {3, 3}, {70, 5}} {
					for _, channels := range []int{1, 3, 4} {
						mustApply(t, &e, paint("noise", size[0], size[1], channels), o)
					}
				}
			}
		}
	}
}

func TestOpsAsText(t *testing.T) {
	fill := [4]byte{1, 2, 3, 4}
	for text, o := range map[string]Op{
		`{"op":"identity"}`:                {},
		`{"factor":1.5,"op":"brightness"}`: {Kind: Brightness, Args: args(1.5, 9)},
		`{"fill":[1,2,3],"height":4,"op":"erase","width":3,"x":1,"y":2}`: {
			Kind: Erase, Args: args(1, 2, 3, 4), Fill: fill},
		`{"height":4,"op":"erase_noise","seed":7,"width":3,"x":1,"y":2}`: {
			Kind: EraseNoise, Args: args(1, 2, 3, 4), Seed: 7},
		`{"a":1,"b":0,"bilinear":true,"c":2,"d":0,"e":1,"f":3,"fill":[0,0,0,0],"op":"affine"}`: {
			Kind: Affine, Args: args(1, 0, 2, 0, 1, 3), Bilinear: true},
	} {
		got, err := json.Marshal(o)
		if err != nil || string(got) != text {
			t.Errorf("%s, %v; want %s", got, err, text)
		}
	}
	got, want := strength(GaussianBlur, 1.5).String(), "gaussian_blur(sigma=1.5, kernel_size=0)"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
