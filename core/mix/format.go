package mix

import (
	"fmt"
	"math"

	"mixfolder/core/resample"
)

// DType is the type of the values of a batch, in native byte order.
type DType int

// The types of values.
const (
	Float32 DType = iota
	Float16       // IEEE 754 binary16
	Uint8
)

// size is the number of bytes of a value.
func (d DType) size() int { return [...]int{Float32: 4, Float16: 2, Uint8: 1}[d] }

// Format describes an image in a batch, and how it is made of a uint8 image.
type Format struct {
	DType                   DType
	Height, Width, Channels int // Channels is 1, 3 or 4
	// ChannelsFirst stores one plane per channel.
	ChannelsFirst bool
	// Reverse stores 3 channels in reverse order (RGB to BGR).
	Reverse bool
	// A value is pixel*Scale[c] + Bias[c], where c is the channel in the uint8 image (0
	// is red, whatever Reverse says). Uint8 needs a scale of 1 and a bias of 0.
	Scale, Bias [4]float32
	// Resize says how a Box is brought to another size.
	Resize resample.ResizeOptions
}

// Bytes is the size of one image.
func (f *Format) Bytes() int { return f.values() * f.DType.size() }

func (f *Format) values() int { return f.Height * f.Width * f.Channels }

// String is NumPy's name of the type.
func (d DType) String() string {
	return [...]string{Float32: "float32", Float16: "float16", Uint8: "uint8"}[d]
}

// Shape is the shape of one image.
func (f *Format) Shape() []int {
	if f.ChannelsFirst {
		return []int{f.Channels, f.Height, f.Width}
	}
	return []int{f.Height, f.Width, f.Channels}
}

func (f *Format) check() error {
	const maxSize = 1 << 40 // values: no product of the extents overflows below
	switch {
	case f.DType < Float32 || f.DType > Uint8:
		return fmt.Errorf("mix: unknown type of values %d", f.DType)
	case f.Channels != 1 && f.Channels != 3 && f.Channels != 4:
		return fmt.Errorf("mix: %d channels, must be 1, 3 or 4", f.Channels)
	case f.Height < 1 || f.Width < 1 || f.Height > maxSize/f.Channels/f.Width:
		return fmt.Errorf("mix: invalid image size of %dx%d pixels", f.Width, f.Height)
	case f.Reverse && f.Channels != 3:
		return fmt.Errorf("mix: only 3 channels can be reversed, not %d", f.Channels)
	}
	for c := range f.Channels {
		scale, bias := float64(f.Scale[c]), float64(f.Bias[c])
		if math.IsNaN(scale-bias) || math.IsInf(scale, 0) || math.IsInf(bias, 0) {
			return fmt.Errorf("mix: scale %v, bias %v of channel %d must be finite", scale, bias, c)
		}
		if f.DType == Uint8 && (scale != 1 || bias != 0) {
			return fmt.Errorf("mix: uint8 values need scale 1 and bias 0, not %v and %v (channel "+
				"%d)", scale, bias, c)
		}
	}
	return nil
}
