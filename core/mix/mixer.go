// Package mix turns finished uint8 images into the rows of a batch: a policy decides how
// the images of a row become one, and a Mixer writes them accordingly, normalized and
// converted in the same pass over the pixels.
package mix

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape mix_interleaved
// #cgo nocallback mix_interleaved
// #cgo noescape mix_planar
// #cgo nocallback mix_planar
// #cgo noescape mix_weighted
// #cgo nocallback mix_weighted
// #include "kernels.h"
import "C"

// period is the number of values after which interleaved channels repeat.
const period = C.MIX_PERIOD

// Mixer writes images in one Format. It is never changed, so any number of goroutines
// may use it at once.
type Mixer struct {
	format Format
	kernel C.mix_format
}

// NewMixer returns a Mixer for a Format; the error says what is wrong with it.
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

// maxValues is the largest number of values that one call of a kernel writes: a thread in
// C can't be preempted, and this many take the generic kernels about a millisecond. It is
// a multiple of period, and of the 8 pixels of a planar step.
const maxValues = period << 15

// Image writes lam*a + (1-lam)*b, normalized, at dst; a and b are packed uint8 images
// of Height x Width x Channels. If b is nil, a is written alone. dst has Bytes() bytes,
// at any address; it must not overlap a or b.
//
// A value is (b + lam*(a-b))*scale + bias in 32-bit floats, each operation rounded, for
// lam from 0 to 1. Float16 and Uint8 values are rounded from that to nearest, ties to
// even. So a mixed value always lies between the values of a alone and of b alone.
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
	size, pixels, maxPixels := f.DType.size(), len(a)/f.Channels, maxValues/f.Channels
	for n := 0; n < pixels; n += maxPixels {
		C.mix_planar((*C.uint8_t)(&dst[n*size]), (*C.uint8_t)(&a[n*f.Channels]),
			(*C.uint8_t)(&b[n*f.Channels]), C.int64_t(min(maxPixels, pixels-n)),
			C.float(lam), &m.kernel)
	}
}

// masked is Image with a weight for each pixel.
func (m *Mixer) masked(dst, a, b []byte, weights []float32) {
	f := &m.format
	step, planes := f.DType.size(), C.int(0) // step is from one pixel to the next
	if f.ChannelsFirst && f.Channels > 1 {
		planes = 1
	} else {
		step *= f.Channels
	}
	const maxPixels = maxValues / 4
	for n := 0; n < len(weights); n += maxPixels {
		C.mix_weighted((*C.uint8_t)(&dst[n*step]), (*C.uint8_t)(&a[n*f.Channels]),
			(*C.uint8_t)(&b[n*f.Channels]), C.int64_t(min(maxPixels, len(weights)-n)),
			(*C.float)(&weights[n]), planes, &m.kernel)
	}
}

// streamFrom is the smallest size of an image, in bytes, whose stores bypass the caches.
// A batch of such images is larger than a core's caches: with two busy cores an image of
// 224x224x3 takes 30 us instead of 45 to 60.
const streamFrom = 1 << 17

func flag(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}
