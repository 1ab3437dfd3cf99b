package imageop

import (
	"testing"

	"mixfolder/core/simd/simdtest"
)

// benchmarks are operations at their most expensive strength.
var benchmarks = []Op{
	{Kind: Brightness, Args: [6]float64{1.4}},
	{Kind: Contrast, Args: [6]float64{1.4}},
	{Kind: Saturation, Args: [6]float64{1.4}},
	{Kind: Hue, Args: [6]float64{0.1}},
	{Kind: ChannelShift, Args: [6]float64{20, 20, 20}},
	{Kind: Grayscale},
	{Kind: AutoContrast},
	{Kind: Equalize},
	{Kind: Posterize, Args: [6]float64{4}},
	{Kind: Solarize, Args: [6]float64{128}},
	{Kind: Invert},
	{Kind: Sharpness, Args: [6]float64{1.9}},
	{Kind: GaussianBlur, Args: [6]float64{1}},
	{Kind: GaussianBlur, Args: [6]float64{2}},
	{Kind: GaussianBlur, Args: [6]float64{2, 23}},
	{Kind: Erase, Args: [6]float64{30, 40, 100, 100}},
	{Kind: EraseNoise, Args: [6]float64{30, 40, 100, 100}},
	{Kind: Affine, Args: [6]float64{0.9, 0.3, -20, -0.3, 0.9, 40}},
	{Kind: Affine, Args: [6]float64{0.9, 0.3, -20, -0.3, 0.9, 40}, Bilinear: true},
}

// BenchmarkApply uses images of 224x224x3.
func BenchmarkApply(b *testing.B) {
	for _, o := range benchmarks {
		b.Run(o.String(), func(b *testing.B) {
			simdtest.Each(b, func(b *testing.B) {
				var e Engine
				p := paint("noise", 224, 224, 3)
				b.ReportAllocs()
				for b.Loop() {
					mustApply(b, &e, p, o)
				}
			})
		})
	}
}
