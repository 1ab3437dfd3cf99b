package mix

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

func TestPreprocess(t *testing.T) {
	mean, deviation := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
	blueFirst := [3]float64{103.939, 116.779, 123.68}
	for mode, want := range map[string]func(rgb [3]float64, c int) float64{
		"tf": func(rgb [3]float64, c int) float64 { return rgb[c]/127.5 - 1 },
		"torch": func(rgb [3]float64, c int) float64 {
			return (rgb[c]/255 - mean[c]) / deviation[c]
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
				got := float64(math.Float32frombits(binary.NativeEndian.Uint32(dst[4*c:])))
				if math.Abs(got-want(rgb, c)) > 1e-5 {
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
