package jpeg

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"mixfolder/core/simd/simdtest"
)

func TestCoefIndex(t *testing.T) {
	seen := map[int]bool{}
	for row := range 8 {
		for column := range 8 {
			at := coefIndex(row, column)
			if at < 0 || at >= pairCoefs || at&8 != 0 || seen[at] {
				t.Errorf("coefIndex(%d, %d) = %d", row, column, at)
			}
			seen[at] = true
		}
	}
	if coefIndex(0, 0) != 0 {
		t.Error("the DC coefficient is not the first")
	}
}

// randomBlock returns coefficients and factors: of kinds 0 and 1 as in files, of kind 2
// any 16 bits, of kind 3 the extremes.
func randomBlock(rnd *rand.Rand, kind int) (coefs, quant [64]int) {
	for i := range coefs {
		switch kind {
		case 0:
			quant[i] = 1 + rnd.IntN(255)
			if rnd.IntN(1+i/2) == 0 {
				coefs[i] = (rnd.IntN(2048) - 1024) / quant[i]
			}
		case 1:
			quant[i] = 1 + rnd.IntN(8)
			coefs[i] = (rnd.IntN(2048) - 1024) / quant[i]
		case 2:
			quant[i] = rnd.IntN(1 << 16)
			coefs[i] = rnd.IntN(1<<16) - 1<<15
		case 3:
			quant[i] = 1
			coefs[i] = []int{-1 << 15, 1<<15 - 1}[rnd.IntN(2)]
		}
	}
	return coefs, quant
}

func TestTransform(t *testing.T) {
	const pairs = 5
	const stride = 16*pairs + 3
	rnd := rand.New(rand.NewPCG(3, 4))
	for round := range 400 {
		var factor [4][pairCoefs]int16
		coefs := make([]int16, 2*pairs*pairCoefs)
		want := make([]byte, 5+15*stride+16*pairs)
		var quants [3][64]int
		for i := range quants {
			_, quants[i] = randomBlock(rnd, round%4)
			for at, q := range quants[i] {
				p := coefIndex(at/8, at%8)
				factor[i][p], factor[i][p+8] = int16(q), int16(q)
			}
		}
		// Two runs of one plane, one with less than it could have.
		runs := []run{
			{dst: 5, stride: stride, pair: 0, n: pairs, quant: cInt64(round % 3)},
			{dst: 5 + 8*stride + 16, stride: stride, pair: pairs + 1, n: pairs - 1,
				quant: cInt64((round + 1) % 3)},
		}
		for _, r := range runs {
			for b := range 2 * int(r.n) {
				c, _ := randomBlock(rnd, round%4)
				for at, v := range c {
					coefs[(int(r.pair)+b/2)*pairCoefs+b%2*8+coefIndex(at/8, at%8)] = int16(v)
				}
				referenceIDCT(&c, &quants[r.quant], want[int(r.dst)+8*b:], stride)
			}
		}
		before := slices.Clone(coefs)
		simdtest.Each(t, func(t *testing.T) {
			for _, wipe := range []bool{false, true} {
				got := make([]byte, len(want))
				coefs := slices.Clone(before)
				transform(coefs, &factor, got, runs, wipe)
				if !bytes.Equal(got, want) {
					t.Fatalf("round %d, %s: differs", round, t.Name())
				}
				left := slices.Clone(before)
				for _, r := range runs {
					if wipe {
						clear(left[int(r.pair)*pairCoefs : int(r.pair+r.n)*pairCoefs])
					}
				}
				if !slices.Equal(coefs, left) {
					t.Fatalf("the coefficients are changed; wipe %v", wipe)
				}
			}
		})
	}
}

// TestTransformBounds: the kernel is not called for a run outside its buffers.
func TestTransformBounds(t *testing.T) {
	coefs, planes := make([]int16, 2*pairCoefs), make([]byte, 7*40+32)
	good := run{dst: 0, stride: 40, pair: 0, n: 2, quant: 2}
	transform(coefs, new([4][pairCoefs]int16), planes, []run{good}, false)
	for i, change := range []func(*run){
		func(r *run) { r.dst = 1 }, func(r *run) { r.dst = -1 },
		func(r *run) { r.stride = 41 }, func(r *run) { r.stride = -1 },
		func(r *run) { r.pair = 1 }, func(r *run) { r.pair = -1 },
		func(r *run) { r.n = 3 }, func(r *run) { r.n = 0 },
		func(r *run) { r.quant = 4 }, func(r *run) { r.quant = -1 },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("bad run %d is accepted", i)
				}
			}()
			bad := good
			change(&bad)
			transform(coefs, new([4][pairCoefs]int16), planes, []run{bad}, false)
		}()
	}
}
