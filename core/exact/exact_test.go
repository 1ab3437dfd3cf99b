package exact

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const precision = 160 // bits

func float(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func zero() *big.Float { return float(0) }

// bigPi is pi to 60 digits.
var bigPi, _, _ = big.ParseFloat("3.14159265358979323846264338327950288419716939937510582097494",
	10, precision, big.ToNearestEven)

// series is the sum of x^n/n! for n = first, first+step, ..., each with the sign.
func series(x *big.Float, first, step int, sign float64) *big.Float {
	sum, term := zero(), float(1)
	for n := 1; n < 50; n++ {
		if k := n - 1; k >= first && (k-first)%step == 0 {
			sum.Add(sum, zero().Mul(term, float(math.Pow(sign, float64((k-first)/step)))))
		}
		term.Mul(term, x)
		term.Quo(term, float(float64(n)))
	}
	return sum
}

func bigExp(x float64) *big.Float {
	e := series(float(x/1024), 0, 1, 1)
	for range 10 {
		e.Mul(e, e)
	}
	return e
}

// bigLog improves math.Log's value y by one step of Newton's method: y + x/e^y - 1.
// math.Log of numbers below 2^-1022 is no start.
func bigLog(x float64) *big.Float {
	m, k := math.Frexp(x)
	y := math.Log(m) + float64(k)*math.Ln2
	q := zero().Quo(float(x), bigExp(y))
	return q.Add(q.Sub(q, float(1)), float(y))
}

// ulps is the distance of got from want in units of the last place of want.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	unit := math.Nextafter(math.Abs(w), math.Inf(1)) - math.Abs(w)
	d, _ := zero().Sub(float(got), want).Float64()
	return math.Abs(d) / unit
}

func TestFunctionsAreAccurate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	between := func(low, high float64) float64 { return low + (high-low)*random.Float64() }
	note := func(name string, most, x, got float64, want *big.Float) {
		if d := ulps(got, want); !(d <= most) {
			t.Errorf("%s(%v) = %v, %.2f units from the value", name, x, got, d)
		}
	}
	for range 200 {
		for _, x := range []float64{between(-1, 1), between(-700, 700), between(-1e-9, 1e-9)} {
			note("Exp", 1, x, Exp(x), bigExp(x))
		}
		for _, x := range []float64{between(0, 4), between(1-1e-6, 1+1e-6),
			math.Exp(between(-700, 700)), between(0, 1e-310)} {
			if x > 0 && x != 1 {
				note("Log", 1, x, Log(x), bigLog(x))
			}
		}
		x := between(-1, 1)
		if random.IntN(4) == 0 {
			x /= 1e6
		}
		turn := zero().Mul(float(x), bigPi)
		sin, cos := SincosPi(x)
		note("SincosPi", 2, x, sin, series(turn, 1, 2, -1))
		note("SincosPi", 2, x, cos, series(turn, 0, 2, -1))
	}
}

func TestFunctionsAtTheirEnds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Exp(0)", Exp(0), 1}, {"Exp(-inf)", Exp(-inf), 0}, {"Exp(inf)", Exp(inf),
			inf}, {"Exp(-800)", Exp(-800), 0},
		{"Exp(709.9)", Exp(709.9), inf}, {"Exp(-745)", Exp(-745), 0x1p-1074}, {"Log(1)", Log(1), 0},
		{"Log(2)", Log(2), math.Ln2}, {"Log(smallest)", Log(0x1p-1074), -744.4400719213812},
		{"Log(largest)", Log(math.MaxFloat64), 709.782712893384},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	for quarters := -9; quarters <= 9; quarters++ {
		sin, cos := SincosPi(float64(quarters) / 2)
		at := (quarters%4 + 4) % 4
		if sin != []float64{0, 1, 0, -1}[at] || cos != []float64{1, 0, -1, 0}[at] {
			t.Errorf("SincosPi(%d/2) = %v, %v", quarters, sin, cos)
		}
	}
}
