package imagefile

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/simd/simdtest"
)

// randomPlanes returns planes of noise, including the padding.
func randomPlanes(random *rand.Rand, width, height, h, v int) planes {
	cWidth, cHeight := (width+h-1)/h, (height+v-1)/v
	p := planes{width: width, height: height, h: h, v: v, yStride: width + random.IntN(9),
		cStride: cWidth + random.IntN(9)}
	noise := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			// extremes, where clamping matters
			if b[i] = byte(random.Uint32()); random.IntN(4) == 0 {
				b[i] = byte(int8(b[i]) >> 7)
			}
		}
		return b
	}
	p.y = noise((height-1)*p.yStride + width)
	p.cb = noise((cHeight-1)*p.cStride + cWidth)
	p.cr = noise((cHeight-1)*p.cStride + cWidth)
	return p
}

// at returns a sample, clamped to the edges.
func (p planes) at(plane []byte, x, y int) int {
	x = min(max(x, 0), (p.width+p.h-1)/p.h-1)
	y = min(max(y, 0), (p.height+p.v-1)/p.v-1)
	return int(plane[y*p.cStride+x])
}

// toward returns the chroma sample nearest to luma sample i at ratio 2, and the second
// nearest.
func toward(i int) (near, far int) { return i / 2, i/2 - 1 + i%2*2 }

// jpegSample is libjpeg's upsampling of one sample, from jdsample.c.
func (p planes) jpegSample(plane []byte, x, y int) int {
	nx, fx := toward(x)
	ny, fy := toward(y)
	narrow := (p.width+p.h-1)/p.h <= 2
	switch {
	case p.h == 1 && p.v == 2:
		return (3*p.at(plane, x, ny) + p.at(plane, x, fy) + 1 + y%2) >> 2
	case p.h == 2 && p.v == 1 && !narrow:
		return (3*p.at(plane, nx, y) + p.at(plane, fx, y) + 1 + x%2) >> 2
	case p.h == 2 && p.v == 2 && !narrow:
		own := 3*p.at(plane, nx, ny) + p.at(plane, nx, fy)
		beside := 3*p.at(plane, fx, ny) + p.at(plane, fx, fy)
		return (3*own + beside + 8 - x%2) >> 4
	}
	return p.at(plane, x/p.h, y/p.v)
}

// vp8Sample is libwebp's upsampling of one sample, from UPSAMPLE_FUNC of upsampling.c.
func (p planes) vp8Sample(plane []byte, x, y int) int {
	nx, fx := toward(x)
	ny, fy := toward(y)
	own, beside, above, across := p.at(plane, nx, ny), p.at(plane, fx, ny), p.at(plane, nx,
		fy), p.at(plane, fx, fy)
	mean := own + beside + above + across + 8
	return ((mean+2*(beside+above))>>3 + own) >> 1
}

func to8(v int) byte { return byte(min(max(v, 0), 255)) }

func jpegRGB(y, cb, cr int) (r, g, b byte) {
	cb, cr = cb-128, cr-128
	r = to8(y + (91881*cr+1<<15)>>16)
	g = to8(y + (-22554*cb-46802*cr+1<<15)>>16)
	b = to8(y + (116130*cb+1<<15)>>16)
	return r, g, b
}

func vp8RGB(y, u, v int) (r, g, b byte) {
	r = to8((y*19077>>8 + v*26149>>8 - 14234) >> 6)
	g = to8((y*19077>>8 - u*6419>>8 - v*13320>>8 + 8708) >> 6)
	b = to8((y*19077>>8 + u*33050>>8 - 17685) >> 6)
	return r, g, b
}

// reference converts region sample by sample.
func (p planes) reference(region image.Rectangle, mode Mode, sample func([]byte, int, int) int,
	rgb func(y, cb, cr int) (r, g, b byte)) []byte {
	var out []byte
	for y := region.Min.Y; y < region.Max.Y; y++ {
		for x := region.Min.X; x < region.Max.X; x++ {
			r, g, b := rgb(int(p.y[y*p.yStride+x]), sample(p.cb, x, y), sample(p.cr, x, y))
			if mode == Gray {
				out = append(out, luma601(r, g, b))
			} else {
				out = append(out, r, g, b, 0xff)
			}
		}
	}
	return out
}

func newImage(width, height int, mode Mode) raster.Image {
	return blank(new([]byte), width, height, mode)
}

func TestPlanes(t *testing.T) {
	sizes := [][2]int{{1, 1}, {2, 2}, {3, 5}, {4, 3}, {5, 4}, {6, 1}, {1, 9}, {17, 16}, {33, 7},
		{64, 5}, {131, 9}}
	ratios := [][2]int{{1, 1}, {2, 1}, {2, 2}, {1, 2}, {4, 1}, {4, 2}}
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(3, 4))
		var scratch []byte
		for _, size := range sizes {
			for _, ratio := range ratios {
				p := randomPlanes(random, size[0], size[1], ratio[0], ratio[1])
				for i := range 20 {
					region := image.Rect(0, 0, p.width, p.height)
					if i > 0 {
						x, y := random.IntN(p.width), random.IntN(p.height)
						region = image.Rect(x, y, x+1+random.IntN(p.width-x),
							y+1+random.IntN(p.height-y))
					}
					for _, mode := range []Mode{Gray, RGB} {
						name := fmt.Sprintf("%v of %d x %d, ratio %v, mode %d", region, p.width,
							p.height, ratio, mode)
						dst := newImage(region.Dx(), region.Dy(), mode)
						guard(t, name, dst, func() error {
							return p.jpegPixels(dst, region,
								&scratch)
						})
						if !bytes.Equal(bytesOf(dst), p.reference(region, mode, p.jpegSample,
							jpegRGB)) {
							t.Errorf("JPEG %s: not the reference", name)
						}
						if ratio != [2]int{2, 2} {
							continue
						}
						guard(t, name, dst, func() error {
							return p.vp8Pixels(dst, region,
								&scratch)
						})
						if !bytes.Equal(bytesOf(dst), p.reference(region, mode, p.vp8Sample,
							vp8RGB)) {
							t.Errorf("VP8 %s: not the reference", name)
						}
					}
				}
			}
		}
	})
}

// guard runs a kernel and checks that it wrote nothing after the pixels.
func guard(t *testing.T, name string, dst raster.Image, kernel func() error) {
	t.Helper()
	behind := dst.Pix[dst.Stride*dst.Height:]
	fill(behind, 0xa5)
	if err := kernel(); err != nil {
		t.Fatal(name, err)
	}
	for _, b := range behind {
		if b != 0xa5 {
			t.Fatalf("%s: wrote behind the pixels", name)
		}
	}
}

// TestColors tests all pairs of chroma values, at lumas where clamping begins and ends.
func TestColors(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		const n = 256
		p := planes{width: n, height: n, h: 1, v: 1, yStride: 0, cStride: n, y: make([]byte, n*n),
			cb: make([]byte, n*n), cr: make([]byte, n*n)}
		p.yStride = n
		for i := range p.cb {
			p.cb[i], p.cr[i] = byte(i), byte(i>>8)
		}
		var scratch []byte
		dst := newImage(n, n, RGB)
		for _, luma := range []byte{0, 1, 100, 179, 254, 255} {
			fill(p.y, luma)
			if err := p.jpegPixels(dst, image.Rect(0, 0, n, n), &scratch); err != nil {
				t.Fatal(err)
			}
			for i := range n * n {
				r, g, b := jpegRGB(int(luma), i&0xff, i>>8)
				if got := dst.Pix[4*i : 4*i+4]; !bytes.Equal(got, []byte{r, g, b, 0xff}) {
					t.Fatalf("YCbCr %d %d %d: %v, want %d %d %d", luma, i&0xff, i>>8, got, r, g, b)
				}
			}
		}
	})
}

func TestLumaRow(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(5, 6))
		for n := range 70 {
			src, got, want := make([]byte, 4*n), make([]byte, n), make([]byte, n)
			for i := range src {
				src[i] = byte(random.Uint32())
			}
			for i := range want {
				want[i] = luma601(src[4*i], src[4*i+1], src[4*i+2])
			}
			if lumaRow(got, src); !bytes.Equal(got, want) {
				t.Errorf("%d pixels: %v, want %v", n, got, want)
			}
		}
	})
}

func TestPlanesTooSmall(t *testing.T) {
	good := func() planes {
		return planes{y: make([]byte, 100), cb: make([]byte, 25), cr: make([]byte, 25), yStride: 10,
			cStride: 5, width: 10, height: 10, h: 2, v: 2}
	}
	region := image.Rect(0, 0, 10, 10)
	tests := map[string]func(*planes){
		"none":    func(p *planes) {},
		"luma":    func(p *planes) { p.y = p.y[:99] },
		"cb":      func(p *planes) { p.cb = p.cb[:24] },
		"cr":      func(p *planes) { p.cr = nil },
		"stride":  func(p *planes) { p.cStride = 4 },
		"stride0": func(p *planes) { p.yStride = 0 },
		"height":  func(p *planes) { p.height = 11 },
		"width":   func(p *planes) { p.width = 9 },
	}
	for name, spoil := range tests {
		p := good()
		spoil(&p)
		var scratch []byte
		if err := p.jpegPixels(newImage(10, 10, RGB), region,
			&scratch); (err == nil) != (name == "none") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	p := good()
	var scratch []byte
	if p.jpegPixels(newImage(9, 10, RGB), region, &scratch) == nil {
		t.Error("no error for a destination that is too narrow")
	}
}
