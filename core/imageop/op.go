// Package imageop changes finished images: brightness, contrast, color, sharpness,
// erased parts, geometry. The formulas are those that users know from Pillow and
// torchvision.
//
// It has no random source. Which operations an image gets, and how strong, is a list of
// Op, drawn elsewhere; the same list always gives the same bytes.
package imageop

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Kind is what an Op does. Where an operation says "as Pillow" its results are Pillow's
// to the bit.
type Kind uint8

// The kinds, with their arguments. "Gray" images have 1 channel.
const (
	// Identity leaves the image as it is.
	Identity Kind = iota
	// Brightness (factor) mixes the image with black: 0 is black, 1 the image. As
	// Pillow's ImageEnhance.Brightness.
	Brightness
	// Contrast (factor) mixes the image with its mean luma: 0 is flat. As Pillow's
	// ImageEnhance.Contrast.
	Contrast
	// Saturation (factor) mixes the image with its luma: 0 is gray. As Pillow's
	// ImageEnhance.Color. Gray images stay as they are.
	Saturation
	// Hue (shift) turns hues by `shift` of a circle, -0.5 to 0.5. As torchvision's
	// adjust_hue of a Pillow image: by way of 8-bit HSV, so that a shift of 0 changes
	// colors a little, too. Gray images stay as they are.
	Hue
	// ChannelShift (red, green, blue) adds to each channel, and clips to the range of
	// values that the image had. The same amount in all is Keras' apply_channel_shift,
	// rounded (ties to even). Gray images take the first.
	ChannelShift
	// Grayscale makes all channels Pillow's luma (its mode L).
	Grayscale
	// AutoContrast stretches each channel to 0..255. As Pillow's ImageOps.autocontrast
	// without a cutoff.
	AutoContrast
	// Equalize flattens each channel's histogram. As Pillow's ImageOps.equalize.
	Equalize
	// Posterize (bits) keeps the upper bits, 1 to 8. As Pillow's ImageOps.posterize.
	Posterize
	// Solarize (threshold) inverts values from the threshold on. As Pillow's
	// ImageOps.solarize.
	Solarize
	// Invert inverts all values. As Pillow's ImageOps.invert.
	Invert
	// Sharpness (factor) mixes the image with a smooth one: 0 is smooth, 1 the image, 2
	// sharp. As Pillow's ImageEnhance.Sharpness: pixels at the border stay as they are.
	Sharpness
	// GaussianBlur (sigma, kernel_size) is torchvision's gaussian_blur: a true Gaussian
	// of kernel_size (odd) pixels, cut off there, the image mirrored about its
	// outermost pixels. Images smaller than the kernel are mirrored again and again, as
	// by SciPy's mode "mirror", where torchvision gives up. kernel_size 0 is OpenCV's
	// choice for 8-bit images: round(6*sigma+1), made odd. Results differ by 1 at most
	// from the exact ones, rounded.
	GaussianBlur
	// Erase (x, y, width, height) fills a rectangle with Fill: Random Erasing (Zhong et
	// al. 2017) with a constant.
	Erase
	// EraseNoise (x, y, width, height) fills a rectangle with values that follow from
	// Seed, each from 0 to 255 with the same chance: Random Erasing as in the paper.
	EraseNoise
	// Affine (a, b, c, d, e, f) makes pixel (x, y) from the source's point (a*u+b*v+c,
	// d*u+e*v+f), where (u, v) = (x+0.5, y+0.5) and the first pixel's center is at 0.5:
	// from the nearest pixel or, with Bilinear, between four. Points outside of the
	// image show Fill. As Pillow's Image.transform with AFFINE, within the bounds of
	// resample.Resampler.Warp.
	Affine

	kinds
)

// spec is a kind's name and arguments as `explain` shows them.
type spec struct {
	name      string
	arguments []string
}

var rectangle = []string{"x", "y", "width", "height"}

var specs = [kinds]spec{
	Identity:     {"identity", nil},
	Brightness:   {"brightness", []string{"factor"}},
	Contrast:     {"contrast", []string{"factor"}},
	Saturation:   {"saturation", []string{"factor"}},
	Hue:          {"hue", []string{"shift"}},
	ChannelShift: {"channel_shift", []string{"red", "green", "blue"}},
	Grayscale:    {"grayscale", nil},
	AutoContrast: {"auto_contrast", nil},
	Equalize:     {"equalize", nil},
	Posterize:    {"posterize", []string{"bits"}},
	Solarize:     {"solarize", []string{"threshold"}},
	Invert:       {"invert", nil},
	Sharpness:    {"sharpness", []string{"factor"}},
	GaussianBlur: {"gaussian_blur", []string{"sigma", "kernel_size"}},
	Erase:        {"erase", rectangle},
	EraseNoise:   {"erase_noise", rectangle},
	Affine:       {"affine", []string{"a", "b", "c", "d", "e", "f"}},
}

// String is the kind's name, in snake_case.
func (k Kind) String() string {
	if k >= kinds {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return specs[k].name
}

// Arguments names the arguments, in the order of Op.Args. It must not be changed.
func (k Kind) Arguments() []string {
	if k >= kinds {
		return nil
	}
	return specs[k].arguments
}

// Op is one change of an image, with its strength. It is a plain value; the zero value
// changes nothing.
type Op struct {
	Kind Kind
	Args [6]float64 // as Kind.Arguments names them; what is left over doesn't matter
	// Fill is the color of Erase and Affine. Gray images take the first value; Erase
	// leaves alpha alone.
	Fill [4]byte
	// Seed is what the noise of EraseNoise follows from.
	Seed uint64
	// Bilinear makes Affine sample between four pixels instead of taking the nearest.
	Bilinear bool
}

// Name is the kind's name.
func (o Op) Name() string { return o.Kind.String() }

// String is the name with the arguments: "gaussian_blur(sigma=1.5, kernel_size=0)".
func (o Op) String() string {
	var parts []string
	o.each(func(name string, value any) { parts = append(parts, fmt.Sprint(name, "=", value)) })
	return o.Name() + "(" + strings.Join(parts, ", ") + ")"
}

// MarshalJSON is an object of the name (as "op") and the arguments.
func (o Op) MarshalJSON() ([]byte, error) {
	object := map[string]any{"op": o.Name()}
	o.each(func(name string, value any) { object[name] = value })
	return json.Marshal(object)
}

// each calls f for each argument of the kind.
func (o Op) each(f func(name string, value any)) {
	for i, name := range o.Kind.Arguments() {
		f(name, o.Args[i])
	}
	switch o.Kind {
	case Affine:
		f("bilinear", o.Bilinear)
		f("fill", []int{int(o.Fill[0]), int(o.Fill[1]), int(o.Fill[2]), int(o.Fill[3])})
	case Erase:
		f("fill", []int{int(o.Fill[0]), int(o.Fill[1]), int(o.Fill[2])})
	case EraseNoise:
		f("seed", o.Seed)
	}
}

// most bounds all arguments, so that no product with a value or a width leaves 32 bits.
const most = 1 << 20

// Check says what is wrong with the arguments; nil if Apply can do o to any image.
func (o Op) Check() error {
	if o.Kind >= kinds {
		return fmt.Errorf("imageop: unknown kind of operation %d", o.Kind)
	}
	for i, name := range o.Kind.Arguments() {
		if v := o.Args[i]; !(math.Abs(v) <= most) {
			return fmt.Errorf("imageop: %v of %v is %v, must be from %d to %d", name, o.Kind, v,
				-most, most)
		}
	}
	switch v := o.Args[0]; o.Kind {
	case Hue:
		if math.Abs(v) > 0.5 {
			return fmt.Errorf("imageop: shift of hue is %v, must be from -0.5 to 0.5", v)
		}
	case Posterize:
		if v != math.Trunc(v) || v < 1 || v > 8 {
			return fmt.Errorf("imageop: bits of posterize is %v, must be a whole number from 1 to 8", v)
		}
	case GaussianBlur:
		return checkBlur(v, o.Args[1])
	case Erase, EraseNoise:
		for i, name := range rectangle {
			if v := o.Args[i]; v != math.Trunc(v) || i >= 2 && v < 0 {
				return fmt.Errorf("imageop: %v of %v is %v, must be a whole number, widths and "+
					"heights not below 0", name, o.Kind, v)
			}
		}
	}
	return nil
}
