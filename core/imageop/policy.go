package imageop

import (
	"fmt"
	"math"

	"mixfolder/core/exact"
)

// Policy is a table of operations that one is drawn from, with strengths from 0 to
// Bins-1. The numbers are those of torchvision's classes of the same names.
type Policy uint8

const (
	// RandAugment (Cubuk et al. 2019): a few operations, all of the same strength,
	// which torchvision sets to 9.
	RandAugment Policy = iota
	// TrivialAugmentWide (Müller and Hutter 2021): one operation of any strength. Its
	// ranges are wider.
	TrivialAugmentWide
)

// Bins is the number of strengths of a Policy.
const Bins = 31

// choice is an entry of the tables.
type choice uint8

const (
	identity choice = iota
	shearX
	shearY
	translateX
	translateY
	rotate
	brightness
	color
	contrast
	sharpness
	posterize
	solarize
	autoContrast
	equalize
	choices
)

var choiceNames = [choices]string{
	"Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness", "Posterize",
	"Solarize", "AutoContrast", "Equalize",
}

// Len is the number of operations.
func (p Policy) Len() int { return int(choices) }

// OpName is the name of operation i in the papers. More than one may be of a Kind:
// ShearX and Rotate are Affine.
func (p Policy) OpName(i int) string { return choiceNames[i] }

// Signed is whether operation i has two directions, to be drawn with the same chance.
func (p Policy) Signed(i int) bool { return choice(i) >= shearX && choice(i) <= sharpness }

// Op is operation i, 0 to Len()-1, of strength `bin` for an image of width x height
// pixels; in the negative direction if that is told and there is one. The shears,
// shifts and rotations among them take the nearest pixel and leave black behind, as
// torchvision does where it isn't told otherwise: set Bilinear and Fill for more. It
// panics where i or bin is outside of its range.
func (p Policy) Op(i, bin int, negative bool, width, height int) Op {
	if bin < 0 || bin >= Bins {
		panic(fmt.Sprintf("imageop: strength %d, must be from 0 to %d", bin, Bins-1))
	}
	m := p.magnitude(choice(i), bin, width, height)
	if negative && p.Signed(i) {
		m = -m
	}
	switch choice(i) {
	case identity:
		return Op{}
	case shearX: // about the upper left corner, as in both papers' code
		return affine(1, m, 0, 0, 1, 0)
	case shearY:
		return affine(1, 0, 0, m, 1, 0)
	case translateX: // by whole pixels
		return affine(1, 0, -math.Trunc(m), 0, 1, 0)
	case translateY:
		return affine(1, 0, 0, 0, 1, -math.Trunc(m))
	case rotate:
		return rotation(m, width, height)
	case brightness:
		return strength(Brightness, 1+m)
	case color:
		return strength(Saturation, 1+m)
	case contrast:
		return strength(Contrast, 1+m)
	case sharpness:
		return strength(Sharpness, 1+m)
	case posterize:
		return strength(Posterize, m)
	case solarize:
		return strength(Solarize, m)
	case autoContrast:
		return Op{Kind: AutoContrast}
	case equalize:
		return Op{Kind: Equalize}
	}
	panic(fmt.Sprintf("imageop: operation %d, must be from 0 to %d", i, choices-1))
}

// magnitude is the entry of torchvision's _augmentation_space, before its sign is drawn.
func (p Policy) magnitude(c choice, bin, width, height int) float64 {
	wide := p == TrivialAugmentWide
	pick := func(narrow, most float64) float64 {
		if wide {
			return linear(0, most, bin)
		}
		return linear(0, narrow, bin)
	}
	switch c {
	case shearX, shearY:
		return pick(0.3, 0.99)
	case translateX: // 150 pixels of the 331 of AutoAugment's images
		return pick(float64(150.0/331.0*float64(width)), 32)
	case translateY:
		return pick(float64(150.0/331.0*float64(height)), 32)
	case rotate: // degrees
		return pick(30, 135)
	case brightness, color, contrast, sharpness:
		return pick(0.9, 0.99)
	case posterize: // bits that are left: 8 to 4, or to 2
		lost := 4.0
		if wide {
			lost = 6
		}
		return 8 - math.Round(float64(bin)*lost/(Bins-1))
	case solarize:
		return linear(255, 0, bin)
	}
	return 0
}

// linear is entry `bin` of torch.linspace(first, last, Bins) in 32-bit floats: from
// both ends to the middle, each rounded once.
func linear(first, last float64, bin int) float64 {
	a, b := float32(first), float32(last)
	step := float64((b - a) / (Bins - 1))
	if bin < Bins/2 {
		return float64(float32(float64(a) + float64(step*float64(bin))))
	}
	return float64(float32(float64(b) - float64(step*float64(Bins-1-bin))))
}

func strength(k Kind, v float64) Op { return Op{Kind: k, Args: [6]float64{v}} }

func affine(a, b, c, d, e, f float64) Op {
	return Op{Kind: Affine, Args: [6]float64{a, b, c, d, e,
		f}}
}

// rotation turns counter-clockwise about the image's middle, as Pillow's Image.rotate,
// which rounds to 15 digits so that the cosine of 90 degrees is 0.
func rotation(degrees float64, width, height int) Op {
	sin, cos := exact.SincosPi(-degrees / 180)
	sin, cos = math.Round(sin*1e15)/1e15, math.Round(cos*1e15)/1e15
	x, y := float64(width)/2, float64(height)/2
	return affine(cos, sin, x-float64(cos*x)-float64(sin*y), -sin, cos,
		y+float64(sin*x)-float64(cos*y))
}
