package mix

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestOneHot(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	row := make([]float32, 7)
	for range 10000 {
		for i := range row {
			row[i] = -5
		}
		a, b, lam := random.Int32N(7), random.Int32N(7), random.Float32()
		OneHot(row, 7, a, b, lam)
		sum := 0.0
		for i, v := range row {
			sum += float64(v)
			want := float32(0)
			switch {
			case a == b && int32(i) == a:
				want = 1
			case int32(i) == a:
				want = lam
			case int32(i) == b:
				want = 1 - lam
			}
			if v != want {
				t.Fatalf("classes %d and %d, lambda %v: %v", a, b, lam, row)
			}
		}
		if math.Abs(sum-1) > 1e-6 {
			t.Fatalf("classes %d and %d, lambda %v: sum %v", a, b, lam, sum)
		}
	}
	if n := testing.AllocsPerRun(10, func() { OneHot(row, 7, 1, 2, 0.5) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestBinary(t *testing.T) {
	for _, c := range []struct {
		a, b      int32
		lam, want float32
	}{{0, 0, 0.3, 0}, {1, 1, 0.3, 1}, {1, 0, 0.25, 0.25}, {0, 1, 0.25, 0.75}, {1, 0, 1, 1}, {0, 1,
		1, 0}} {
		if got := Binary(c.a, c.b, c.lam); got != c.want {
			t.Errorf("Binary(%d, %d, %v) = %v, want %v", c.a, c.b, c.lam, got, c.want)
		}
	}
}

func TestPreprocess(t *testing.T) {
	mean, deviation := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
	blueFirst := [3]float64{103.939, 116.779, 123.68}
	for mode, want := range map[string]func(rgb [3]float64, c int) float64{
		"tf": func(rgb [3]float64, c int) float64 { return rgb[c]/127.5 - 1 },
		"torch": func(rgb [3]float64, c int) float64 {
			return (rgb[c]/255 -
				mean[c]) / deviation[c]
		},
		"caffe": func(rgb [3]float64, c int) float64 { return rgb[2-c] - blueFirst[c] },
	} {
		f := Format{Height: 1, Width: 1, Channels: 3}
		var err error
		if f.Scale, f.Bias, f.Reverse, err = Preprocess(mode); err != nil {
			t.Fatal(err)
		}
		m := newMixer(t, f)
		for _, rgb := range [][3]float64{{0, 128, 255}, {255, 0, 1}, {17, 99, 203}} {
			dst := make([]byte, 12)
			m.Image(dst, []byte{byte(rgb[0]), byte(rgb[1]), byte(rgb[2])}, nil, 1)
			for c := range 3 {
				if got := float64(math.Float32frombits(binary.NativeEndian.Uint32(dst[4*c:]))); math.Abs(got-want(rgb, c)) > 1e-5 {
					t.Errorf("%s: channel %d of %v is %v, want %v", mode, c, rgb, got, want(rgb, c))
				}
			}
		}
	}
	if _, _, _, err := Preprocess("keras"); err == nil || !strings.Contains(err.Error(),
		"tf, torch, caffe") {
		t.Errorf("error %v", err)
	}
}
