package resample

import (
	"fmt"
	"math"
	"strings"

	"mixfolder/core/exact"
)

// Filter is the shape of the window by which source pixels are weighted. The zero value
// is Nearest.
type Filter int

// The filters of Pillow, under its names.
const (
	Nearest  Filter = iota // the source pixel under the center of the target pixel
	Box                    // equal weights over one target pixel
	Bilinear               // triangle, support 1
	// Hamming-windowed sinc, support 1: as sharp as bicubic, as cheap as bilinear
	Hamming
	Bicubic // Keys' cubic with a = -0.5, support 2
	Lanczos // sinc windowed by sinc, support 3
)

var filters = [...]struct {
	name string
	// half of the window's width, in target pixels when shrinking, in source pixels
	// when enlarging
	support float64
}{
	Nearest:  {"nearest", 0},
	Box:      {"box", 0.5},
	Bilinear: {"bilinear", 1},
	Hamming:  {"hamming", 1},
	Bicubic:  {"bicubic", 2},
	Lanczos:  {"lanczos", 3},
}

// ParseFilter returns a filter by its name. Keras' names "area" (box) and "lanczos3"
// (lanczos) are accepted, too.
func ParseFilter(name string) (Filter, error) {
	switch name {
	case "area":
		return Box, nil
	case "lanczos3":
		return Lanczos, nil
	}
	names := make([]string, len(filters))
	for f, entry := range filters {
		if entry.name == name {
			return Filter(f), nil
		}
		names[f] = entry.name
	}
	return 0, fmt.Errorf("resample: unknown filter %q, valid are %s, area (= box), lanczos3 (= "+
		"lanczos)", name, strings.Join(names, ", "))
}

// String returns the name that ParseFilter accepts.
func (f Filter) String() string {
	if !f.valid() {
		return fmt.Sprintf("Filter(%d)", int(f))
	}
	return filters[f].name
}

func (f Filter) valid() bool { return f >= 0 && int(f) < len(filters) }

// weigh fills w with the filter's values at the source pixels first, first+1, ... for a
// window around center (the center of source pixel i is i+0.5) that is stretched by a
// factor. The values aren't normalized.
func (f Filter) weigh(w []float64, first int, center, stretch float64) {
	inverse := 1 / stretch
	for i := range w {
		// In this order of operations, so that pixels on the edge of a window fall to
		// the same side as in Pillow.
		w[i] = float64((float64(first+i) - center + 0.5) * inverse)
	}
	switch f {
	case Box:
		for i, x := range w {
			w[i] = 0
			if x > -0.5 && x <= 0.5 {
				w[i] = 1
			}
		}
	case Bilinear:
		for i, x := range w {
			w[i] = max(1-math.Abs(x), 0)
		}
	case Hamming:
		for i, x := range w {
			w[i] = hamming(math.Abs(x))
		}
	case Bicubic:
		for i, x := range w {
			w[i] = cubic(math.Abs(x))
		}
	case Lanczos:
		lanczos(w, inverse)
	}
}

// hamming is sinc(x) (0.54 + 0.46 cos(pi x)) for 0 <= x < 1.
func hamming(x float64) float64 {
	switch {
	case x == 0:
		return 1
	case x >= 1:
		return 0
	}
	sin, cos := exact.SincosPi(x)
	return float64(sin / (math.Pi * x) * (0.54 + float64(0.46*cos)))
}

// cubic is Keys' kernel with a = -0.5 for x >= 0 ("Cubic convolution interpolation for
// digital image processing", 1981).
func cubic(x float64) float64 {
	const a = -0.5
	switch {
	case x < 1:
		return float64((float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return float64((float64((float64((x-5)*x)+8)*x) - 4) * a)
	}
	return 0
}

// lanczos replaces each x of w, of which neighbors are a step apart, by sinc(x)
// sinc(x/3) = 3 sin(pi x) sin(pi x/3) / (pi x)^2 where |x| < 3. Sines of an arithmetic
// progression come from one another by a rotation: far cheaper than computing each
// sine, and the error (about 1e-16 per step) is negligible compared with the rounding
// to 16 bits.
func lanczos(w []float64, step float64) {
	if len(w) == 0 {
		return
	}
	sin1, cos1 := exact.SincosPi(w[0])
	sin3, cos3 := exact.SincosPi(w[0] / 3)
	turnSin1, turnCos1 := exact.SincosPi(step)
	turnSin3, turnCos3 := exact.SincosPi(step / 3)
	for i, x := range w {
		switch {
		case x < -3 || x >= 3:
			w[i] = 0
		case math.Abs(x) < 1e-6: // the quotient is 1 to 12 digits here, and 0/0 at 0
			w[i] = 1
		default:
			w[i] = float64(3/(math.Pi*math.Pi)*sin1*sin3) / float64(x*x)
		}
		sin1, cos1 = exact.Dot(sin1, turnCos1, cos1, turnSin1), exact.Dot(cos1, turnCos1, -sin1,
			turnSin1)
		sin3, cos3 = exact.Dot(sin3, turnCos3, cos3, turnSin3), exact.Dot(cos3, turnCos3, -sin3,
			turnSin3)
	}
}
