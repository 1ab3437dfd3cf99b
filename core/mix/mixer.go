// Package mix turns finished uint8 images into the rows of a batch: a policy decides how
// the images of a row become one, and a Mixer writes them accordingly, normalized and
// converted in the same pass over the pixels.
package mix

// #cgo CFLAGS: -O3 -std=c11
// #cgo noescape mix_interleaved
// #cgo nocallback mix_interleaved
// #cgo noescape mix_planar
// #cgo nocallback mix_planar
// #cgo noescape mix_outer
// #cgo nocallback mix_outer
// #cgo noescape mix_sum_waves
// #cgo nocallback mix_sum_waves
// #cgo noescape mix_within
// #cgo nocallback mix_within
// #cgo noescape mix_above
// #cgo nocallback mix_above
// #cgo noescape mix_add_alpha
// #cgo nocallback mix_add_alpha
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
	m.write(dst, a, b, lam, nil)
}

// write is Image with a weight for each pixel, if weights is not nil.
func (m *Mixer) write(dst, a, b []byte, lam float32, weights []float32) {
	f := &m.format
	planar, step := f.ChannelsFirst && f.Channels > 1, 1 // a step is a value, or a pixel
	if planar {
		step = f.Channels
	}
	size, n, maxStep := f.DType.size(), len(a)/step, maxValues/step
	for i := 0; i < n; i += maxStep {
		var w *C.float
		if weights != nil {
			w = (*C.float)(&weights[i*step/f.Channels])
		}
		to, p, q := (*C.uint8_t)(&dst[i*size]), (*C.uint8_t)(&a[i*step]), (*C.uint8_t)(&b[i*step])
		if count := C.int64_t(min(maxStep, n-i)); planar {
			C.mix_planar(to, p, q, count, C.float(lam), w, &m.kernel)
		} else {
			C.mix_interleaved(to, p, q, count, C.float(lam), w, &m.kernel)
		}
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
