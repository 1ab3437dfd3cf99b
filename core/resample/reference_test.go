package resample

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

// value is the filter as its definition has it.
func (f Filter) value(x float64) float64 {
	sinc := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return math.Sin(math.Pi*x) / (math.Pi * x)
	}
	a := math.Abs(x)
	switch {
	case f == Box && x > -0.5 && x <= 0.5:
		return 1
	case f == Bilinear && a < 1:
		return 1 - a
	case f == Hamming && a < 1:
		return sinc(x) * (0.54 + 0.46*math.Cos(math.Pi*x))
	case f == Bicubic && a < 1:
		return 1.5*a*a*a - 2.5*a*a + 1
	case f == Bicubic && a < 2:
		return -0.5*a*a*a + 2.5*a*a - 4*a + 2
	case f == Lanczos && a < 3:
		return sinc(x) * sinc(x/3)
	}
	return 0
}

// line filters n values, step apart, those between first and end to target values, in
// floating point; the results aren't rounded.
func line(to, from []float64, step, n, target int, first, end float64, f Filter, antialias bool) {
	scale := (end - first) / float64(target)
	stretch := 1.0
	if antialias {
		stretch = max(1, scale)
	}
	for i := range target {
		sum, total := 0.0, 0.0
		for j := range n {
			w := f.value((float64(j) + 0.5 - first - (float64(i)+0.5)*scale) / stretch)
			sum, total = sum+w*from[j*step], total+w
		}
		to[i*step] = sum / total
	}
}

func round(v float64) float64 { return min(max(math.Floor(v+0.5), 0), 255) }

// reference is Resize in plain floating point, without flips and without alpha.
func reference(width, height, channels int, src Source, s ResizeOptions) []byte {
	n, pixelSize := src.Width*channels, src.PixelSize
	pix := make([]float64, n*src.Height)
	for i := range pix {
		y, x, c := i/n, i%n/channels, i%channels
		pix[i] = float64(src.Pix[y*src.Stride+x*pixelSize+c])
	}
	rows, columns, part := src.Height, src.Width, src.part()
	between := func() {
		for i, v := range pix {
			if s.Antialias {
				pix[i] = round(v)
			}
		}
	}
	vertical := func() {
		if rows == height && part.Bottom-part.Top == float64(rows) {
			return
		}
		out := make([]float64, height*columns*channels)
		for x := range columns * channels {
			line(out[x:], pix[x:], columns*channels, rows, height, part.Top, part.Bottom, s.Filter,
				s.Antialias)
		}
		pix, rows, part.Top, part.Bottom = out, height, 0, float64(height)
		between()
	}
	horizontal := func() {
		if columns == width && part.Right-part.Left == float64(columns) {
			return
		}
		out := make([]float64, rows*width*channels)
		for y := range rows {
			for c := range channels {
				line(out[y*width*channels+c:], pix[y*columns*channels+c:], channels, columns, width,
					part.Left, part.Right, s.Filter, s.Antialias)
			}
		}
		pix, columns, part.Left, part.Right = out, width, 0, float64(width)
		between()
	}
	if s.Antialias && src.Height > height && src.Height-height > 2*(src.Width-width) {
		vertical()
	}
	horizontal()
	vertical()
	out := make([]byte, len(pix))
	for i, v := range pix {
		out[i] = byte(round(v))
	}
	return out
}

// sizes are random sizes, small ones as likely as large ones.
func sizes(r *rand.Rand) (width, height int) {
	one := func() int { return int(math.Exp2(r.Float64() * 7.5)) }
	return one(), one()
}

// onEdge is true where some pixel's center lies exactly on the edge of a box, and
// rounding errors decide whether it belongs to it.
func onEdge(source, target int) bool {
	return source != target && bits.TrailingZeros(uint(source)) != bits.TrailingZeros(uint(target))
}

func TestReference(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		var r Resampler
		for i := range 600 {
			channels := []int{1, 3}[i%2]
			sourceWidth, sourceHeight := sizes(random)
			width, height := sizes(random)
			s := ResizeOptions{Filter: Box + Filter(i%5), Antialias: true}
			if i%7 == 0 {
				s = ResizeOptions{Filter: []Filter{Bilinear, Bicubic}[i%2]}
			}
			if s.Filter == Box && (onEdge(sourceWidth, width) || onEdge(sourceHeight, height)) {
				continue
			}
			src := noise(uint64(i), sourceWidth, sourceHeight, bytesFor(channels))
			if i%3 == 0 {
				src.Part = somePart(random, sourceWidth, sourceHeight)
			}
			name := fmt.Sprintf("%dx%d to %dx%dx%d %v of %v", sourceWidth, sourceHeight, width,
				height, channels, s, src.Part)
			got := make([]byte, width*height*channels)
			if err := r.Resize(raster.Packed(got, width, height, channels), src, s); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for j, want := range reference(width, height, channels, src, s) {
				if difference(got[j], want) > 1 {
					t.Fatalf("%s: byte %d is %d, want %d", name, j, got[j], want)
				}
			}
		}
	})
}

// TestNearest compares with the definitions, where the position doesn't fall on the
// edge of two pixels.
func TestNearest(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var r Resampler
	for i := range 100 {
		sourceWidth, sourceHeight := sizes(random)
		width, height := sizes(random)
		src := noise(uint64(i), sourceWidth, sourceHeight, 4)
		got := make([]byte, width*height*4)
		if err := r.Resize(raster.Packed(got, width, height, 4), src,
			ResizeOptions{Antialias: i%2 == 0}); err != nil {
			t.Fatal(err)
		}
		for p := range width * height {
			x, y := (2*(p%width)+1)*sourceWidth, (2*(p/width)+1)*sourceHeight
			if x%(2*width) == 0 || y%(2*height) == 0 {
				continue
			}
			want := src.Pix[y/(2*height)*src.Stride+x/(2*width)*4:][:4]
			if !bytes.Equal(got[4*p:4*p+4], want) {
				t.Fatalf("%dx%d to %dx%d: pixel %d is %v, want %v", sourceWidth, sourceHeight,
					width, height, p, got[4*p:4*p+4], want)
			}
		}
	}
}

// TestLanczosSeries compares the rotations with sines.
func TestLanczosSeries(t *testing.T) {
	for _, stretch := range []float64{1, 1.7, 400} {
		n := int(6*stretch) + 3
		w := make([]float64, n)
		Lanczos.weigh(w, 10, 10+float64(n)/2-0.25, stretch)
		for i, got := range w {
			want := Lanczos.value((float64(i) - float64(n)/2 + 0.75) / stretch)
			if math.Abs(got-want) > 1e-10 {
				t.Errorf("stretch %v: weight %d is %v, want %v", stretch, i, got, want)
			}
		}
	}
}
