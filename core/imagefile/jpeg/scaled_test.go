package jpeg

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"mixfolder/core/simd/simdtest"
)

// scaledBounds returns the rectangle of a scaled image.
func scaledBounds(t testing.TB, data []byte, shrink int) image.Rectangle {
	r := bounds(t, data)
	return image.Rect(0, 0, ceil(r.Dx(), shrink), ceil(r.Dy(), shrink))
}

// TestScaledPillow: every sample equals what Pillow reads after Image.draft.
func TestScaledPillow(t *testing.T) {
	paths, _ := filepath.Glob("testdata/want/shrunk/*.png")
	if len(paths) == 0 {
		t.Fatal("no testdata")
	}
	files := samples(t, "")
	simdtest.Each(t, func(t *testing.T) {
		var d Decoder
		for _, path := range paths {
			base := filepath.Base(path) // NAME.N.png
			name, n := base[:len(base)-len(".N.png")], int(base[len(base)-len("N.png")]-'0')
			p, err := d.decodeScaled(files[name], n, scaledBounds(t, files[name], n))
			if err != nil {
				t.Errorf("%s: %v", base, err)
				continue
			}
			samePixels(t, base, p, wanted(t, "shrunk/"+base))
		}
	})
}

// referenceScaled is jpeg_idct_4x4, jpeg_idct_2x2 or jpeg_idct_1x1 of jidctred.c for
// blocks of n x n samples, with the 16-bit products, the saturation between the passes
// and the 32 bits that kernels_body.h documents.
func referenceScaled(coefs, quant *[64]int, n int, dst []byte, stride int) {
	var work [64]int
	for i := range work {
		work[i] = int(int16(int16(coefs[i]) * int16(quant[i])))
	}
	if n == 1 {
		v := (work[0] + 4) >> 3 & 1023
		dst[0] = byte(min(max((v^512)-512+128, 0), 255))
		return
	}
	for c := range 8 {
		scaledPass(work[c:], 8, n, 11)
		for r := range n {
			work[8*r+c] = min(max(work[8*r+c], -1<<15), 1<<15-1)
		}
	}
	for r := range n {
		scaledPass(work[8*r:], 1, n, 18)
		for c := range n {
			dst[r*stride+c] = byte(min(max(work[8*r+c], 0), 255))
		}
	}
}

// scaledPass is one pass of jidctred.c over x[0], x[step], ..., with the names used
// there; shift is that for eight samples.
func scaledPass(x []int, step, n, shift int) {
	fix := func(x float64) int { return int(x*8192 + 0.5) }
	at := func(i int) int { return x[i*step] }
	put := func(i, v, shift int) {
		v += 1 << (shift - 1)
		if shift > 15 {
			v += 128 << shift
		}
		x[i*step] = int(int32(v) >> shift)
	}
	z1, z2, z3, z4 := at(7), at(5), at(3), at(1)
	if n == 2 {
		tmp10 := at(0) << 15
		tmp0 := -z1*fix(0.720959822) + z2*fix(0.850430095) - z3*fix(1.272758580) +
			z4*fix(3.624509785)
		put(0, tmp10+tmp0, shift+2)
		put(1, tmp10-tmp0, shift+2)
		return
	}
	tmp0 := -z1*fix(0.211164243) + z2*fix(1.451774981) - z3*fix(2.172734803) + z4*fix(1.061594337)
	tmp2 := -z1*fix(0.509795579) - z2*fix(0.601344887) + z3*fix(0.899976223) + z4*fix(2.562915447)
	even, side := at(0)<<14, at(2)*fix(1.847759065)-at(6)*fix(0.765366865)
	tmp10, tmp12 := even+side, even-side
	put(0, tmp10+tmp2, shift+1)
	put(3, tmp10-tmp2, shift+1)
	put(1, tmp12+tmp0, shift+1)
	put(2, tmp12-tmp0, shift+1)
}

func TestScaledKernel(t *testing.T) {
	const pairs = 5
	const stride = 8*pairs + 3
	rnd := rand.New(rand.NewPCG(5, 6))
	blocks := []image.Point{{X: 4, Y: 4}, {X: 2, Y: 2}, {X: 1, Y: 1}, {X: 2, Y: 1}, {X: 1, Y: 2}}
	for round := range 400 {
		for _, block := range blocks {
			var factor [4][pairCoefs]int16
			var quant [64]int
			coefs := make([]int16, (pairs+1)*pairCoefs)
			want := make([]byte, 5+(block.Y-1)*stride+2*block.X*pairs) // not a byte more
			r := run{dst: 5, stride: stride, pair: 1, n: pairs, quant: cInt64(round % 3)}
			_, quant = randomBlock(rnd, round%4)
			for at, q := range quant {
				p := coefIndex(at/8, at%8)
				factor[r.quant][p], factor[r.quant][p+8] = int16(q), int16(q)
			}
			for b := range 2 * pairs {
				c, _ := randomBlock(rnd, round%4)
				for at, v := range c {
					coefs[(1+b/2)*pairCoefs+b%2*8+coefIndex(at/8, at%8)] = int16(v)
				}
				n := min(block.X, block.Y)
				dst := want[5+b*block.X:]
				referenceScaled(&c, &quant, n, dst, stride)
				if block.X != block.Y { // equal ones
					dst[(block.X-1)+(block.Y-1)*stride] = dst[0]
				}
			}
			simdtest.Each(t, func(t *testing.T) {
				got := make([]byte, len(want))
				transformScaled(coefs, &factor, got, &r, block)
				if !bytes.Equal(got, want) {
					t.Fatalf("round %d, %v, %s: differs", round, block, t.Name())
				}
			})
		}
	}
}

// TestScaledBounds: the kernel is not called for a run outside its buffers.
func TestScaledBounds(t *testing.T) {
	coefs, planes := make([]int16, 2*pairCoefs), make([]byte, 3*40+16)
	factor, four := new([4][pairCoefs]int16), image.Pt(4, 4)
	good := run{dst: 0, stride: 40, pair: 0, n: 2, quant: 2}
	transformScaled(coefs, factor, planes, &good, four)
	for i, change := range []func(r *run, block *image.Point){
		func(r *run, _ *image.Point) { r.dst = 1 }, func(r *run, _ *image.Point) { r.dst = -1 },
		func(r *run, _ *image.Point) { r.stride = 41 }, func(r *run,
			_ *image.Point) {
			r.stride = -1
		},
		func(r *run, _ *image.Point) { r.pair = 1 }, func(r *run, _ *image.Point) { r.pair = -1 },
		func(r *run, _ *image.Point) { r.n = 3 }, func(r *run, _ *image.Point) { r.n = 0 },
		func(r *run, _ *image.Point) { r.quant = 4 }, func(r *run, _ *image.Point) { r.quant = -1 },
		func(_ *run, block *image.Point) { *block = image.Pt(3, 3) }, func(_ *run,
			block *image.Point) {
			*block = image.Pt(4, 2)
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("bad run %d is accepted", i)
				}
			}()
			bad, block := good, four
			change(&bad, &block)
			transformScaled(coefs, factor, planes, &bad, block)
		}()
	}
}

// TestScaledRegions: a region has the samples of the full image, even if the memory is
// dirty.
func TestScaledRegions(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	simdtest.Each(t, func(t *testing.T) {
		var whole, part Decoder
		for name, data := range samples(t, "") {
			if !whole.canScale(data) {
				continue
			}
			for _, shrink := range []int{1, 2, 4, 8} {
				all := scaledBounds(t, data, shrink)
				want, err := whole.decodeScaled(data, shrink, all)
				if err != nil {
					t.Fatal(name, err)
				}
				for range 12 {
					x, y := rnd.IntN(all.Dx()), rnd.IntN(all.Dy())
					r := image.Rect(x, y, x+1+rnd.IntN(all.Dx()-x), y+1+rnd.IntN(all.Dy()-y))
					for i := range part.memory() {
						part.memory()[i] = byte(rnd.Uint32())
					}
					got, err := part.decodeScaled(data, shrink, r)
					if err != nil {
						t.Fatal(name, r, err)
					}
					sameRegion(t, fmt.Sprintf("%s at 1/%d", name, shrink), got, want, r)
				}
			}
		}
	})
}

func TestScaledErrors(t *testing.T) {
	var d Decoder
	files := samples(t, "")
	one := image.Rect(0, 0, 1, 1)
	for _, shrink := range []int{-2, 0, 3, 16} {
		if _, err := d.decodeScaled(files["gray.jpg"], shrink, one); err == nil ||
			!strings.HasPrefix(err.Error(), "jpeg: ") {
			t.Errorf("1/%d: %v", shrink, err)
		}
	}
	if _, err := d.decodeScaled(files["444-9x7.jpg"], 2, image.Rect(0, 0, 6, 4)); err == nil ||
		!strings.Contains(err.Error(), "5 x 4") {
		t.Error(err)
	}
	if _, err := d.decodeScaled(files["progressive-gray.jpg"], 2, one); !errors.Is(err,
		ErrUnsupported) {
		t.Error(err)
	}
	for name, want := range map[string]bool{"gray.jpg": true, "wide-tables.jpg": true,
		"progressive-gray.jpg": false} {
		if d.canScale(files[name]) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	for name, data := range samples(t, "refused") {
		if d.canScale(data) {
			t.Error(name)
		}
	}
}

func TestScaledAllocations(t *testing.T) {
	var d Decoder
	data := samples(t, "")["422-61x45.jpg"]
	at := 0
	step := func() {
		shrink := 1 << (at % 4)
		at++
		if !d.canScale(data) {
			t.Fatal("not")
		}
		if _, err := d.decodeScaled(data, shrink, image.Rect(0, 0, ceil(61, shrink),
			ceil(45, shrink))); err != nil {
			t.Fatal(err)
		}
	}
	step()
	if n := testing.AllocsPerRun(20, step); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
