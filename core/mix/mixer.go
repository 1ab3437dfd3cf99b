// Package mix turns finished uint8 images into the values of a batch: two images become
// one by a weight, normalized and converted on the way, in one pass. Labels are mixed
// by the same weight.
package mix

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape mix_interleaved
// #cgo nocallback mix_interleaved
// #cgo noescape mix_planar
// #cgo nocallback mix_planar
// #include "kernels.h"
import "C"

import (
	"fmt"
	"math"

	"mixfolder/core/resample"
)

// DType is the type of a batch's values, in the byte order of the machine.
type DType int

// The types of values.
const (
	Float32 DType = iota
	Float16       // IEEE 754 binary16
	Uint8
)

// size is the number of bytes of a value.
func (d DType) size() int { return [...]int{Float32: 4, Float16: 2, Uint8: 1}[d] }

// Format is what a finished image looks like in the batch.
type Format struct {
	DType                   DType
	Height, Width, Channels int // Channels is 1, 3 or 4
	// ChannelsFirst puts each channel into a plane of its own.
	ChannelsFirst bool
	// Reverse turns the order of 3 channels round (RGB to BGR).
	Reverse bool
	// A value is pixel*Scale[c] + Bias[c], where c is the channel in the uint8 image (0
	// is red, whatever Reverse says). Uint8 needs a scale of 1 and a bias of 0.
	Scale, Bias [4]float32
	// Resize says how a Box is brought to another size.
	Resize resample.Spec
}

// Bytes is the length of one image.
func (f *Format) Bytes() int { return f.values() * f.DType.size() }

func (f *Format) values() int { return f.Height * f.Width * f.Channels }

// period is the number of values after which interleaved channels repeat.
const period = C.MIX_PERIOD

// Mixer writes images in one Format. It is never changed, so any number of goroutines
// may use it at once.
type Mixer struct {
	format Format
	kernel C.mix_format
}

// NewMixer is a Mixer for a Format; the error says what is wrong with it.
func NewMixer(f Format) (*Mixer, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	m := &Mixer{format: f, kernel: C.mix_format{
		plane: C.int64_t(f.Height * f.Width), channels: C.int32_t(f.Channels),
		_type: C.int32_t(f.DType), reverse: flag(f.Reverse), stream: flag(f.Bytes() >= streamFrom),
	}}
	for i := range period {
		c := i % f.Channels
		if f.Reverse {
			c = f.Channels - 1 - c
		}
		m.kernel.scale[i], m.kernel.bias[i] = C.float(f.Scale[c]), C.float(f.Bias[c])
	}
	return m, nil
}

func (f *Format) check() error {
	const most = 1 << 40 // values: no product of the extents overflows below
	switch {
	case f.DType < Float32 || f.DType > Uint8:
		return fmt.Errorf("mix: unknown type of values %d", f.DType)
	case f.Channels != 1 && f.Channels != 3 && f.Channels != 4:
		return fmt.Errorf("mix: %d channels, must be 1, 3 or 4", f.Channels)
	case f.Height < 1 || f.Width < 1 || f.Height > most/f.Channels/f.Width:
		return fmt.Errorf("mix: an image of %dx%d pixels", f.Width, f.Height)
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

// maxValues is how many values one call of a kernel writes at most: a thread in C can't
// be preempted, and this many take the default kernels about a millisecond. A multiple
// of period, and of the 8 pixels that a planar step takes.
const maxValues = period << 15

// Image writes lam*a + (1-lam)*b, normalized, at dst; a and b are packed uint8 images
// of Height x Width x Channels. b == nil stands for a alone. dst has Bytes() bytes, at
// any address; it must not overlap a or b.
//
// In 32-bit floats, each operation rounded: (b + lam*(a-b))*scale + bias, for lam from
// 0 to 1. Float16 and Uint8 are rounded from that to the nearest, ties to even. So a
// mixed value never lies outside of the values that a and b have alone.
func (m *Mixer) Image(dst, a, b []byte, lam float32) {
	f := &m.format
	n := f.values()
	dst, a = dst[:f.Bytes()], a[:n]
	if b == nil {
		b, lam = a, 1
	}
	b = b[:n]
	if f.DType == Uint8 && lam == 1 && !f.Reverse && (!f.ChannelsFirst || f.Channels == 1) {
		copy(dst, a)
		return
	}
	if f.ChannelsFirst && f.Channels > 1 {
		m.planar(dst, a, b, lam)
	} else {
		m.interleaved(dst, a, b, lam)
	}
}

func (m *Mixer) interleaved(dst, a, b []byte, lam float32) {
	size := m.format.DType.size()
	for n := 0; n < len(a); n += maxValues {
		C.mix_interleaved((*C.uint8_t)(&dst[n*size]), (*C.uint8_t)(&a[n]), (*C.uint8_t)(&b[n]),
			C.int64_t(min(maxValues, len(a)-n)), C.float(lam), &m.kernel)
	}
}

func (m *Mixer) planar(dst, a, b []byte, lam float32) {
	f := &m.format
	size, most := f.DType.size(), maxValues/f.Channels
	for n := 0; n < len(a)/f.Channels; n += most {
		C.mix_planar((*C.uint8_t)(&dst[n*size]), (*C.uint8_t)(&a[n*f.Channels]),
			(*C.uint8_t)(&b[n*f.Channels]), C.int64_t(min(most, len(a)/f.Channels-n)),
			C.float(lam), &m.kernel)
	}
}

// streamFrom is the size of an image in bytes from which on stores bypass the caches. A
// batch of such images is larger than a core's caches: with two cores at work it takes
// 30 us per image of 224x224x3 instead of 45 to 60.
const streamFrom = 1 << 17

func flag(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}
