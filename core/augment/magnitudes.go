package augment

import (
	"image"
	"math"

	"mixfolder/core/exact"
	"mixfolder/core/imageop"
)

// bins is the number of strengths of RandAugment and TrivialAugmentWide.
const bins = 31

// choice is one of the operations that RandAugment and TrivialAugmentWide draw from, by
// its name in the papers.
type choice struct {
	name      string
	signed    bool // has two directions, to be drawn with equal probability
	magnitude magnitude
	op        func(magnitude float64, size image.Point) imageop.Op
}

// magnitude is an entry of torchvision's _augmentation_space before its sign is drawn:
// that of RandAugment or, if wide, of TrivialAugmentWide.
type magnitude func(wide bool, bin int, size image.Point) float64

// choices are in torchvision's order. Shears, shifts and rotations use the nearest
// pixel and fill with black, as torchvision does by default.
var choices = [...]choice{
	{"Identity", false, noMagnitude, func(float64, image.Point) imageop.Op {
		return imageop.Op{Kind: imageop.Identity}
	}},
	{"ShearX", true, upTo(0.3, 0.99), shearX},
	{"ShearY", true, upTo(0.3, 0.99), shearY},
	{"TranslateX", true, shiftUpTo(func(size image.Point) int { return size.X }), translateX},
	{"TranslateY", true, shiftUpTo(func(size image.Point) int { return size.Y }), translateY},
	{"Rotate", true, upTo(30, 135), rotate},
	{"Brightness", true, upTo(0.9, 0.99), enhance(imageop.Brightness)},
	{"Color", true, upTo(0.9, 0.99), enhance(imageop.Saturation)},
	{"Contrast", true, upTo(0.9, 0.99), enhance(imageop.Contrast)},
	{"Sharpness", true, upTo(0.9, 0.99), enhance(imageop.Sharpness)},
	{"Posterize", false, bitsLeft, func(m float64, _ image.Point) imageop.Op {
		return op(imageop.Posterize, m)
	}},
	{"Solarize", false, threshold, func(m float64, _ image.Point) imageop.Op {
		return op(imageop.Solarize, m)
	}},
	{"AutoContrast", false, noMagnitude, func(float64, image.Point) imageop.Op {
		return imageop.Op{Kind: imageop.AutoContrast}
	}},
	{"Equalize", false, noMagnitude, func(float64, image.Point) imageop.Op {
		return imageop.Op{Kind: imageop.Equalize}
	}},
}

// at returns the operation of a strength, 0 to bins-1, for an image of this size.
func (c *choice) at(wide bool, bin int, negative bool, size image.Point) imageop.Op {
	m := c.magnitude(wide, bin, size)
	if negative && c.signed {
		m = -m
	}
	return c.op(m, size)
}

func noMagnitude(bool, int, image.Point) float64 { return 0 }

// upTo grows from 0.
func upTo(narrow, wide float64) magnitude {
	return func(isWide bool, bin int, _ image.Point) float64 {
		if isWide {
			return linear(0, wide, bin)
		}
		return linear(0, narrow, bin)
	}
}

// shiftUpTo grows to 150 pixels for 331, the size of AutoAugment's images; wide to 32.
func shiftUpTo(extent func(size image.Point) int) magnitude {
	return func(wide bool, bin int, size image.Point) float64 {
		if wide {
			return linear(0, 32, bin)
		}
		return linear(0, float64(150.0/331.0*float64(extent(size))), bin)
	}
}

// bitsLeft falls from 8 to 4, wide to 2.
func bitsLeft(wide bool, bin int, _ image.Point) float64 {
	lost := 4.0
	if wide {
		lost = 6
	}
	return 8 - math.Round(float64(bin)*lost/(bins-1))
}

func threshold(_ bool, bin int, _ image.Point) float64 { return linear(255, 0, bin) }

// linear is entry bin of torch.linspace(first, last, bins) in 32-bit floats: from both
// ends to the middle, each rounded once.
func linear(first, last float64, bin int) float64 {
	a, b := float32(first), float32(last)
	step := float64((b - a) / (bins - 1))
	if bin < bins/2 {
		return float64(float32(float64(a) + float64(step*float64(bin))))
	}
	return float64(float32(float64(b) - float64(step*float64(bins-1-bin))))
}

func affine(matrix ...float64) imageop.Op {
	o := imageop.Op{Kind: imageop.Affine}
	copy(o.Args[:], matrix)
	return o
}

// Shears are about the upper left corner, as in the code of both papers.
func shearX(m float64, _ image.Point) imageop.Op { return affine(1, m, 0, 0, 1, 0) }
func shearY(m float64, _ image.Point) imageop.Op { return affine(1, 0, 0, m, 1, 0) }

// Shifts are by whole pixels.
func translateX(m float64, _ image.Point) imageop.Op {
	return affine(1, 0, -math.Trunc(m), 0, 1, 0)
}

func translateY(m float64, _ image.Point) imageop.Op {
	return affine(1, 0, 0, 0, 1, -math.Trunc(m))
}

// rotate rotates counter-clockwise about the image's center, as Pillow's Image.rotate,
// which rounds to 15 digits so that the cosine of 90 degrees is 0.
func rotate(degrees float64, size image.Point) imageop.Op {
	sin, cos := exact.SincosPi(-degrees / 180)
	sin, cos = math.Round(sin*1e15)/1e15, math.Round(cos*1e15)/1e15
	x, y := float64(size.X)/2, float64(size.Y)/2
	return affine(cos, sin, x-float64(cos*x)-float64(sin*y), -sin, cos,
		y+float64(sin*x)-float64(cos*y))
}

// enhance is an operation whose factor of 1 changes nothing.
func enhance(k *imageop.Kind) func(float64, image.Point) imageop.Op {
	return func(m float64, _ image.Point) imageop.Op { return op(k, 1+m) }
}
