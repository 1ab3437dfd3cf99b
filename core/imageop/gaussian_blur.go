package imageop

import (
	"fmt"
	"math"

	"mixfolder/core/exact"
	"mixfolder/core/raster"
)

// GaussianBlur (sigma, kernel_size) is torchvision's gaussian_blur: a true Gaussian of
// kernel_size (odd) pixels, cut off there, the image mirrored about its outermost
// pixels. Images smaller than the kernel are mirrored repeatedly, as by SciPy's mode
// "mirror", where torchvision fails. kernel_size 0 is OpenCV's choice for 8-bit images:
// round(6*sigma+1), made odd. Results differ by at most 1 from the exact ones, rounded.
var GaussianBlur = register(Kind{
	name:   "gaussian_blur",
	params: []string{"sigma", "kernel_size"},
	check:  checkBlur,
	apply: func(e *Engine, p *raster.Image, o *Op) error {
		e.gaussian(p, o.Args[0], int(o.Args[1]))
		return nil
	},
})

// maxKernel bounds the kernel_size of a blur: each 16-bit weight is off by up to half a
// unit of its last bit, and so many add up to at most half a step of a value.
const maxKernel = 255

// blur is a Gaussian in fixed point, with scratch memory for one width.
type blur struct {
	sigma     float64
	radius    int
	precision int     // the weights add up to 1 << precision
	weights   []int16 // of the pixel, and of each of the two pixels k away
	exact     []float64
	mirror    []int32 // the column that is shown in column k-radius
	line      []int16
}

// kernelSize returns the number of pixels that a blur reads along an axis.
func kernelSize(sigma, size float64) int {
	if size > 0 {
		return int(size)
	}
	return int(math.RoundToEven(float64(6*sigma)+1)) | 1 // OpenCV's rule for 8-bit images
}

func checkBlur(o *Op) error {
	sigma, size := o.Args[0], o.Args[1]
	if sigma <= 0 {
		return fmt.Errorf("imageop: sigma of gaussian_blur is %v, must be above 0", sigma)
	}
	if size != 0 && (size != math.Trunc(size) || math.Mod(size, 2) != 1 || size > maxKernel) {
		return fmt.Errorf("imageop: kernel_size of gaussian_blur is %v, must be odd, from 1 to "+
			"%d, or 0 for what sigma needs", size, maxKernel)
	}
	if kernelSize(sigma, size) > maxKernel {
		return fmt.Errorf("imageop: sigma of gaussian_blur is %v, which needs a kernel_size "+
			"above %d; give a smaller one", sigma, maxKernel)
	}
	return nil
}

// gaussian blurs p.
func (e *Engine) gaussian(p *raster.Image, sigma float64, size int) {
	b := &e.blur
	b.build(sigma, kernelSize(sigma, float64(size))/2)
	if b.radius == 0 {
		return
	}
	stride := p.Stride
	raster.Grow(&b.mirror, p.Width+2*b.radius)
	for k := range b.mirror {
		b.mirror[k] = int32(mirrored(k-b.radius, p.Width))
	}
	raster.Grow(&b.line, len(b.mirror)*p.Channels)
	raster.Grow(&e.before, (p.Height+2*b.radius)*stride)
	for k := range p.Height + 2*b.radius {
		copy(e.before[k*stride:][:stride], p.Pix[mirrored(k-b.radius, p.Height)*stride:])
	}
	blurRows(p, e.before, b)
}

// mirrored maps i into 0..n-1 by mirroring about the centers of the outermost pixels: 3
// 2 1 | 0 1 2 3 | 2 1 0.
func mirrored(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}

// build computes the weights with as many bits as possible: sums of 15-bit values with
// weights of 16 fractional bits just fit 32 bits, and every weight must fit 16, even
// the middle one, which makes up for the rounding of the others.
func (b *blur) build(sigma float64, radius int) {
	if b.sigma == sigma && b.radius == radius {
		return
	}
	b.sigma, b.radius = sigma, radius
	raster.Grow(&b.exact, radius+1)
	raster.Grow(&b.weights, radius+1)
	total := 0.0
	for k := range b.exact {
		x := float64(k) / sigma
		b.exact[k] = exact.Exp(float64(-0.5 * x * x))
		total += float64(b.exact[k] * min(float64(k+1), 2)) // the center once, the others twice
	}
	for b.precision = 16; ; b.precision-- {
		scale := float64(int(1) << b.precision)
		if b.exact[0]/total*scale <= float64(math.MaxInt16-radius) {
			break
		}
	}
	rest := 1 << b.precision
	for k := radius; k > 0; k-- {
		b.weights[k] = int16(math.Round(b.exact[k] / total * float64(int(1)<<b.precision)))
		rest -= 2 * int(b.weights[k])
	}
	b.weights[0] = int16(rest)
}
