// Package exact implements the elementary functions for random draws and coefficients,
// with the same bits from every compiler and on every processor. Those of package math
// are no less accurate, but some processors have them in assembly, some choose a fused
// multiply-add at run time, and the compiler fuses them where the target can. math.Sqrt
// and the functions that round have one right answer and need no replacement.
//
// Go may turn x*y + z into one operation with one rounding, unless the product is
// converted explicitly, even to its own type. Hence the rule for all arithmetic that
// reaches a batch: a product to be added or subtracted is written float64(x*y). A test
// of this package finds those that are not.
package exact

import "math"

// Dot is a*x + b*y.
func Dot(a, x, b, y float64) float64 { return float64(a*x) + float64(b*y) }

// ln2Hi + ln2Lo is the logarithm of 2; products of ln2Hi and a whole number below 2^20
// are exact.
const (
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = math.Ln2 - ln2Hi
	pi2   = math.Pi * math.Pi
)

// The coefficients are those of Taylor series. The compiler works them out as
// fractions, so each is the nearest float64.
var (
	// (e^x - 1 - x) / x^2, in powers of x; the next term is below 2^-56 of e^x for |x|
	// <= ln(2)/2.
	expTerms = []float64{
		1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880,
		1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800,
	}
	// (log((1+s)/(1-s)) - 2s) / s^3, in powers of s^2; the next term is below 2^-60 of
	// the logarithm for |s| <= 3 - 2 sqrt(2).
	logTerms = []float64{2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17,
		2. / 19, 2. / 21}
	// sin(pi x) / x and cos(pi x), in powers of x^2; the next terms are below 2^-58 for
	// |x| <= 1/4.
	sinTerms = []float64{
		math.Pi, -math.Pi * pi2 / 6, math.Pi * pi2 * pi2 / 120, -math.Pi * pi2 * pi2 * pi2 / 5040,
		math.Pi * pi2 * pi2 * pi2 * pi2 / 362880, -math.Pi * pi2 * pi2 * pi2 * pi2 * pi2 / 39916800,
		math.Pi * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 / 6227020800,
		-math.Pi * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 / 1307674368000,
		math.Pi * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 / 355687428096000,
	}
	cosTerms = []float64{
		1, -pi2 / 2, pi2 * pi2 / 24, -pi2 * pi2 * pi2 / 720, pi2 * pi2 * pi2 * pi2 / 40320,
		-pi2 * pi2 * pi2 * pi2 * pi2 / 3628800, pi2 * pi2 * pi2 * pi2 * pi2 * pi2 / 479001600,
		-pi2 * pi2 * pi2 * pi2 * pi2 * pi2 * pi2 / 87178291200, pi2 * pi2 * pi2 * pi2 * pi2 * pi2 *
			pi2 * pi2 / 20922789888000,
	}
)

// polynomial is terms[0] + terms[1] x + terms[2] x^2 and so on.
func polynomial(x float64, terms []float64) float64 {
	sum := 0.0
	for i := len(terms) - 1; i >= 0; i-- {
		sum = float64(sum*x) + terms[i]
	}
	return sum
}

// Exp is e^x, to 1 unit in the last place. x may be infinite.
func Exp(x float64) float64 {
	switch {
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	k := math.Round(x * math.Log2E)
	high, low := x-float64(k*ln2Hi), float64(k*ln2Lo) // the first is exact
	r := high - low
	rest := float64(float64(r*r) * polynomial(r, expTerms))
	return math.Ldexp(1+(high+(rest-low)), int(k))
}

// Log is the natural logarithm of a positive finite number, to 1 unit in the last
// place.
func Log(x float64) float64 {
	m, exponent := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, exponent = m+m, exponent-1
	}
	// log(1+f) = 2s + s rest, of which 2s is f - f^2/2 + s f^2/2: the large part has no
	// rounding error. So does FreeBSD's e_log.c.
	f, k := m-1, float64(exponent)
	s, half := f/(2+f), float64(f*f)/2
	z := float64(s * s)
	rest := float64(z * polynomial(z, logTerms))
	return float64(k*ln2Hi) - ((half - (float64(s*(half+rest)) + float64(k*ln2Lo))) - f)
}

// SincosPi is the sine and the cosine of pi x, to 2 units in the last place, for |x|
// below 2^31. Those of whole and half x are exact.
func SincosPi(x float64) (sin, cos float64) {
	quarters := math.Round(2 * x)
	r := x - quarters/2 // exact
	z := float64(r * r)
	sin, cos = float64(r*polynomial(z, sinTerms)), polynomial(z, cosTerms)
	switch int(quarters) & 3 {
	case 1:
		return cos, -sin
	case 2:
		return -sin, -cos
	case 3:
		return -cos, sin
	}
	return sin, cos
}
