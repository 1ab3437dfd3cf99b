package mix

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"mixfolder/core/simd"
	"mixfolder/core/simd/simdtest"
)

var one = [4]float32{1, 1, 1, 1}

func noise(seed uint64, n int) []byte {
	random := rand.New(rand.NewPCG(seed, 0))
	pix := make([]byte, n)
	for i := range pix {
		pix[i] = byte(random.Uint32())
	}
	return pix
}

func newMixer(t testing.TB, f Format) *Mixer {
	m, err := NewMixer(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// formats are all formats of one size.
func formats(height, width int) []Format {
	var all []Format
	for _, d := range []DType{Float32, Float16, Uint8} {
		for _, channels := range []int{1, 3, 4} {
			for flags := range 4 {
				f := Format{DType: d, Height: height, Width: width, Channels: channels,
					ChannelsFirst: flags&1 != 0, Reverse: flags&2 != 0,
					Scale: one}
				if f.Reverse && channels != 3 {
					continue
				}
				if d != Uint8 {
					f.Scale, f.Bias = [4]float32{1 / 127.5, 0.0171, -1.5, 1e-6}, [4]float32{-1,
						0.25, -2.1179, 0}
				}
				all = append(all, f)
			}
		}
	}
	return all
}

// toHalf is the nearest binary16, found among all of them.
func toHalf(v float32) uint16 {
	size := math.Abs(float64(v))
	h := sort.Search(0x7c00, func(h int) bool { return finite(h) >= size })
	if h > 0 {
		below, above := size-finite(h-1), finite(h)-size
		if below < above || below == above && h%2 == 1 {
			h--
		}
	}
	if math.Signbit(float64(v)) {
		h |= 0x8000
	}
	return uint16(h)
}

// finite is the size of a binary16. That of 0x7c00, infinity, is where the next value
// would be: from halfway on, a number is infinite.
func finite(h int) float64 {
	if h == 0x7c00 {
		return 65536
	}
	return halves[h]
}

func fromHalf(h uint16) float64 {
	sign, exponent, fraction := 1-2*float64(h>>15), int(h>>10&31), float64(h&0x3ff)
	if exponent == 0 {
		return sign * math.Ldexp(fraction, -24)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// reference is the bits of each value of an image by the definition.
func reference(f Format, a, b []byte, lam float32) []byte {
	dst := make([]byte, f.Bytes())
	for i := range f.Height * f.Width * f.Channels {
		pixel, c := i/f.Channels, i%f.Channels
		scale, bias := f.Scale[c], f.Bias[c]
		mixed := float32(b[i]) + float32(lam*(float32(a[i])-float32(b[i])))
		v := float32(mixed*scale) + bias
		if f.Reverse {
			c = f.Channels - 1 - c
		}
		to := pixel*f.Channels + c
		if f.ChannelsFirst {
			to = c*f.Height*f.Width + pixel
		}
		switch f.DType {
		case Float32:
			binary.NativeEndian.PutUint32(dst[4*to:], math.Float32bits(v))
		case Float16:
			binary.NativeEndian.PutUint16(dst[2*to:], toHalf(v))
		default:
			dst[to] = byte(min(max(math.RoundToEven(float64(v)), 0), 255))
		}
	}
	return dst
}

func TestImage(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		for _, size := range [][2]int{{1, 1}, {1, 7}, {3, 8}, {5, 13}} {
			for i, f := range formats(size[0], size[1]) {
				m := newMixer(t, f)
				n := size[0] * size[1] * f.Channels
				a, b := noise(uint64(i), n), noise(uint64(i+1000), n)
				for _, lam := range []float32{0, 0.3, 0.5, 1} {
					want := reference(f, a, b, lam)
					// At odd addresses, with the bytes behind watched.
					dst := bytes.Repeat([]byte{0xa5}, len(want)+20)
					m.Image(dst[1:], a, b, lam)
					if !bytes.Equal(dst[1:1+len(want)], want) {
						t.Fatalf("%+v, lambda %v: not what the definition says", f, lam)
					}
					if dst[0] != 0xa5 || !bytes.Equal(dst[1+len(want):], bytes.Repeat([]byte{0xa5},
						19)) {
						t.Fatalf("%+v, lambda %v: wrote outside of the image", f, lam)
					}
				}
				alone := make([]byte, f.Bytes())
				m.Image(alone, a, nil, 1)
				if !bytes.Equal(alone, reference(f, a, a, 1)) {
					t.Fatalf("%+v: an image alone isn't itself", f)
				}
			}
		}
	})
}

// TestLargeImage goes through more than one call of a kernel, past the caches where the
// address allows it.
func TestLargeImage(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		for _, first := range []bool{false, true} {
			f := Format{Height: 701, Width: 608, Channels: 3, ChannelsFirst: first, Scale: one,
				Bias: [4]float32{1, 2, 3, 4}}
			m := newMixer(t, f)
			n := f.Height * f.Width * 3
			a, b := noise(1, n), noise(2, n)
			want := reference(f, a, b, 0.7)
			memory := make([]byte, f.Bytes()+4)
			for _, offset := range []int{0, 4} { // so large a slice starts at a page
				got := memory[offset:][:f.Bytes()]
				m.Image(got, a, b, 0.7)
				if !bytes.Equal(got, want) {
					t.Errorf("channels first %v, %d bytes off: not what the definition says", first,
						offset)
				}
			}
		}
	})
}

// halves are all numbers of 16 bits.
var halves = func() (all [1 << 16]float64) {
	for h := range all {
		all[h] = fromHalf(uint16(h))
	}
	return all
}()

// values are the numbers that a batch of this type holds.
func values(d DType, batch []byte) []float64 {
	v := make([]float64, len(batch)/d.size())
	for i := range v {
		switch d {
		case Float32:
			v[i] = float64(math.Float32frombits(binary.NativeEndian.Uint32(batch[4*i:])))
		case Float16:
			v[i] = halves[binary.NativeEndian.Uint16(batch[2*i:])]
		default:
			v[i] = float64(batch[i])
		}
	}
	return v
}

// TestNoMixLeavesTheRangeOfItsImages mixes every pair of pixel values; where there are
// more channels, each has a part of the pairs.
func TestNoMixLeavesTheRangeOfItsImages(t *testing.T) {
	shades := [2][4]float32{{1. / 255, -1. / 255, 0.1, 1e-30}, {0, 1, -0.3, 7}}
	var all []Format
	for _, f := range formats(256, 256) {
		f.Width = 256/f.Channels + 1
		all = append(all, f)
		if f.DType != Uint8 {
			f.Scale, f.Bias = shades[0], shades[1]
			all = append(all, f)
		}
	}
	for _, mode := range []string{"tf", "torch", "caffe"} {
		f := Format{Height: 256, Width: 86, Channels: 3}
		f.Scale, f.Bias, f.Reverse, _ = Preprocess(mode)
		all = append(all, f)
	}
	random := rand.New(rand.NewPCG(3, 0))
	simdtest.Each(t, func(t *testing.T) {
		for _, f := range all {
			m := newMixer(t, f)
			a, b := make([]byte, f.values()), make([]byte, f.values())
			for i := range a {
				a[i], b[i] = byte(i>>8), byte(i)
			}
			alone := func(pix []byte) []float64 {
				dst := make([]byte, f.Bytes())
				m.Image(dst, pix, nil, 1)
				return values(f.DType, dst)
			}
			ofA, ofB, dst := alone(a), alone(b), make([]byte, f.Bytes())
			for _, lam := range []float32{0, 1, 0x1p-149, 1 - 0x1p-24, random.Float32(),
				random.Float32()} {
				m.Image(dst, a, b, lam)
				for i, v := range values(f.DType, dst) {
					if low, high := min(ofA[i], ofB[i]), max(ofA[i], ofB[i]); !(low <= v &&
						v <= high) ||
						lam == 0 && v != ofB[i] || lam == 1 && v != ofA[i] {
						t.Fatalf("%+v, lambda %v: %v of %v and %v", f, lam, v, ofA[i], ofB[i])
					}
				}
			}
		}
	})
}

func TestUint8RoundsToEven(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		m := newMixer(t, Format{DType: Uint8, Height: 1, Width: 24, Channels: 1, Scale: one})
		for _, c := range []struct {
			a, b byte
			lam  float32
			want byte
		}{
			{1, 0, 0.5, 0}, {2, 1, 0.5, 2}, {3, 2, 0.5, 2}, {254, 255, 0.5, 254}, {253, 254, 0.5,
				254},
			{10, 0, 0.25, 2}, {6, 0, 0.25, 2}, {10, 4, 0.25, 6}, {7, 0, 0.25, 2}, {255, 255, 0.3,
				255}, {0, 0, 0.3, 0}, {100, 200, 0, 200},
		} {
			dst := make([]byte, 24)
			m.Image(dst, bytes.Repeat([]byte{c.a}, 24), bytes.Repeat([]byte{c.b}, 24), c.lam)
			if !bytes.Equal(dst, bytes.Repeat([]byte{c.want}, 24)) {
				t.Errorf("%v*%d + %v*%d is %d, want %d", c.lam, c.a, 1-c.lam, c.b, dst[0], c.want)
			}
		}
	})
}

func TestFloat16(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		for _, c := range []struct {
			v    float32
			want uint16
		}{
			{0, 0x0000}, {1, 0x3c00}, {-2, 0xc000}, {65504, 0x7bff}, {65519.996, 0x7bff}, {65520,
				0x7c00}, {-1e9, 0xfc00},
			{0x1p-14, 0x0400},                    // the smallest normal
			{0x1.ff8p-15, 0x03ff},                // the largest subnormal
			{0x1.ffcp-15, 0x0400},                // halfway between them: to even
			{0x1p-24, 0x0001}, {0x1p-25, 0x0000}, // the smallest; half of it: to even
			{0x1.8p-24, 0x0002}, {0x1.4p-23, 0x0002}, // halfway up to even, halfway down to even
			{0x1.000002p-25, 0x0001}, {1 + 0x1p-11, 0x3c00}, {1 + 0x3p-11,
				0x3c02}, {1 + 0x1.002p-11, 0x3c01}, {1.0 / 3, 0x3555},
		} {
			f := Format{DType: Float16, Height: 1, Width: 24, Channels: 1, Bias: [4]float32{c.v}}
			dst := make([]byte, f.Bytes())
			newMixer(t, f).Image(dst, make([]byte, 24), nil, 1)
			for i := 0; i < len(dst); i += 2 {
				if got := binary.NativeEndian.Uint16(dst[i:]); got != c.want {
					t.Fatalf("%v is %#04x, want %#04x", c.v, got, c.want)
				}
			}
			if got := toHalf(c.v); got != c.want {
				t.Errorf("the tests' own %v is %#04x, want %#04x", c.v, got, c.want)
			}
		}
	})
}

func TestKernelsAgree(t *testing.T) {
	sets := simd.Sets()
	defer simd.Use(sets[0])
	for i, f := range formats(37, 41) {
		m := newMixer(t, f)
		n := 37 * 41 * f.Channels
		a, b := noise(uint64(i), n), noise(uint64(i+1000), n)
		want, got := make([]byte, f.Bytes()), make([]byte, f.Bytes())
		for _, lam := range []float32{1, 0.9123, 0.33333} {
			simd.Use(simd.Generic)
			m.Image(want, a, b, lam)
			for _, set := range sets {
				simd.Use(set)
				m.Image(got, a, b, lam)
				if !bytes.Equal(got, want) {
					t.Errorf("%+v: %s gives other bytes", f, set)
				}
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, f := range formats(9, 11) {
		m := newMixer(t, f)
		a, b, dst := noise(1, 9*11*f.Channels), noise(2, 9*11*f.Channels), make([]byte, f.Bytes())
		if n := testing.AllocsPerRun(10, func() { m.Image(dst, a, b, 0.25) }); n > 0 {
			t.Errorf("%+v: %v allocations", f, n)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for want, f := range map[string]Format{
		"type of values 3": {DType: 3, Height: 1, Width: 1, Channels: 3, Scale: one},
		"2 channels":       {Height: 1, Width: 1, Channels: 2, Scale: one},
		"0x1 pixels":       {Height: 1, Channels: 3, Scale: one},
		"9x1152921504606":  {Height: 1 << 60, Width: 9, Channels: 3, Scale: one},
		"reversed, not 4":  {Height: 1, Width: 1, Channels: 4, Reverse: true, Scale: one},
		"scale NaN":        {Height: 1, Width: 1, Channels: 1, Scale: [4]float32{nan}},
		"bias +Inf":        {Height: 1, Width: 1, Channels: 1, Bias: [4]float32{inf}},
		"need scale 1": {DType: Uint8, Height: 1, Width: 1, Channels: 1,
			Scale: [4]float32{2}},
		"not 1 and 0.5 (chan": {DType: Uint8, Height: 1, Width: 1, Channels: 3, Scale: one,
			Bias: [4]float32{0, 0, 0.5}},
	} {
		if _, err := NewMixer(f); err == nil || !strings.HasPrefix(err.Error(), "mix: ") ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// BenchmarkImage reports the throughput in bytes of the batch. Images go round a batch
// of 32, as in use.
func BenchmarkImage(b *testing.B) {
	for _, c := range []struct {
		name string
		f    Format
		lam  float32
	}{
		{"float32", Format{}, 0.3},
		{"float32 alone", Format{}, 1},
		{"float32 reverse", Format{Reverse: true}, 0.3},
		{"float32 planes", Format{ChannelsFirst: true}, 0.3},
		{"float16", Format{DType: Float16}, 0.3},
		{"uint8", Format{DType: Uint8}, 0.3},
		{"uint8 planes", Format{DType: Uint8, ChannelsFirst: true}, 0.3},
		{"uint8 alone", Format{DType: Uint8}, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			simdtest.Each(b, func(b *testing.B) {
				f := c.f
				f.Height, f.Width, f.Channels, f.Scale = 224, 224, 3, one
				m := newMixer(b, f)
				p, q := noise(1, 224*224*3), noise(2, 224*224*3)
				batch := make([]byte, 32*f.Bytes())
				b.SetBytes(int64(f.Bytes()))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					m.Image(batch[i%32*f.Bytes():][:f.Bytes()], p, q, c.lam)
				}
			})
		})
	}
}
