// The coefficients of one axis: the source pixels of each target pixel, and their
// weights in fixed point.

package resample

// #include "kernels.h"
import "C"

import (
	"math"

	"mixfolder/core/raster"
)

// axisKey holds everything that the coefficients of one axis depend on.
type axisKey struct {
	source, target  int     // extents in pixels
	from, to        float64 // the part of the source that becomes the target
	filter          Filter
	antialias, flip bool
	precise         bool // twoPart in any case
	layout          layout
}

// layout is the kernel that reads the coefficients.
type layout uint8

const (
	vertical    layout = iota
	horizontal1        // 1-byte pixels
	horizontal4        // 4-byte pixels
)

// padding returns the number that the kernel needs the taps to be a multiple of.
func (r layout) padding() int {
	if r == horizontal1 {
		return 8
	}
	return 2
}

// axis defines the target pixels along one axis: either target pixel i is source pixel
// start[i] (nearest), or it is the sum of weights times the pixels from start[i] on,
// shifted right by precision.
//
// A weight k of target pixel i is the coefficient coef[i*taps+k]; with twoPart it is
// coef[i*2*taps+k] + coef[i*2*taps+taps+k]<<11. Weights are rounded so that each target
// pixel's sum to 1<<precision, or so nearly that flat images stay flat.
type axis struct {
	key       axisKey
	used      uint64 // last use, by the Resampler's clock; 0 is never
	nearest   bool
	taps      int // weights per target pixel, padded with zeros
	twoPart   bool
	precision int
	start     []int32
	count     []int32 // weights that aren't padding
	coef      []int16
	// Only the source pixels in spans are needed, in this order; of a vertical axis,
	// start counts only these.
	spans []span
}

// span is a range of adjacent source pixels.
type span struct{ first, length int }

// weights is the number of coefficients per target pixel.
func (a *axis) weights() int {
	if a.twoPart {
		return 2 * a.taps
	}
	return a.taps
}

// needed is the number of source pixels in all spans.
func (a *axis) needed() int {
	n := 0
	for _, r := range a.spans {
		n += r.length
	}
	return n
}

// fullExtent reports whether all of the source becomes the target.
func (k *axisKey) fullExtent() bool { return k.from == 0 && k.to == float64(k.source) }

// identity reports whether target pixels are source pixels.
func (k *axisKey) identity() bool { return k.source == k.target && k.fullExtent() }

// scale is the extent of a target pixel in source pixels.
func (k *axisKey) scale() float64 { return (k.to - k.from) / float64(k.target) }

// center is the center of target pixel i in the source.
func (k *axisKey) center(i int, scale float64) float64 {
	return k.from +
		float64((float64(i)+0.5)*scale)
}

// unflipped is the index of target pixel i before flipping.
func (k *axisKey) unflipped(i int) int {
	if k.flip {
		return k.target - 1 - i
	}
	return i
}

// build computes the axis for k, reusing its memory. scratch is for its use, too.
func (a *axis) build(k axisKey, scratch *[]float64) {
	// Horizontal kernels make 4 pixels at a time: entries behind the last are 0.
	slots := roundUp(k.target, 4)
	a.key = k
	clear(raster.Grow(&a.start, slots))
	a.spans = append(a.spans[:0], span{0, k.source})
	if a.nearest = k.identity() || k.filter == Nearest; a.nearest {
		a.nearestPixels()
		return
	}
	clear(raster.Grow(&a.count, slots))
	maxTaps := a.weighPixels(scratch)
	a.taps = roundUp(maxTaps, k.layout.padding())
	clear(raster.Grow(&a.coef, slots*a.weights()))
	a.round(*scratch, maxTaps)
	switch {
	case k.layout != vertical:
		a.shift()
	case !k.antialias || !k.fullExtent():
		a.skip()
	}
}

// shift moves windows that would reach over the end of the row with their padding, so
// that nothing is read further behind a row than the padding of one window.
func (a *axis) shift() {
	k := &a.key
	last := int32(max(k.source-a.taps, 0))
	for i := range k.target {
		if over := int(a.start[i] - last); over > 0 {
			for c := a.coef[i*a.weights():][:a.weights()]; len(c) > 0; c = c[a.taps:] {
				copy(c[over:a.taps], c[:a.count[i]])
				clear(c[:over])
			}
			a.start[i] = last
		}
	}
}

// nearestPixels fills start for an axis that picks pixels.
func (a *axis) nearestPixels() {
	k := &a.key
	switch {
	case k.identity():
		for i := range k.target {
			a.start[k.unflipped(i)] = int32(i)
		}
	case k.antialias:
		// As Pillow: the position is summed up, not multiplied, which matters if it
		// falls on the edge of two pixels.
		scale := k.scale()
		position := k.from + float64(scale*0.5)
		for i := range k.target {
			a.start[k.unflipped(i)] = int32(min(int(position), k.source-1))
			position += scale
		}
	default:
		// As TensorFlow: in 32 bits.
		from, scale := float32(k.from), float32(k.to-k.from)/float32(k.target)
		for i := range k.target {
			at := int(from + float32((float32(i)+0.5)*scale))
			a.start[k.unflipped(i)] = int32(min(at, k.source-1))
		}
	}
}

// weighPixels fills start, count and, maxTaps weights per target pixel, the normalized
// weights, and sets precision.
func (a *axis) weighPixels(scratch *[]float64) (maxTaps int) {
	k := &a.key
	scale := k.scale()
	stretch := 1.0
	if k.antialias {
		stretch = max(scale, 1)
	}
	support := float64(filters[k.filter].support * stretch)
	for i := range k.target {
		center := k.center(i, scale)
		first := min(max(int(center-support+0.5), 0), k.source-1)
		end := min(int(center+support+0.5), k.source)
		a.start[k.unflipped(i)], a.count[k.unflipped(i)] = int32(first), int32(end-first)
		maxTaps = max(maxTaps, end-first)
	}
	all := raster.Grow(scratch, k.target*maxTaps)
	largest, heaviest := 0.0, 0.0
	for i := range k.target {
		at := k.unflipped(i)
		w := all[at*maxTaps:][:a.count[at]]
		k.filter.weigh(w, int(a.start[at]), k.center(i, scale), stretch)
		total := 0.0
		for _, v := range w {
			total += v
		}
		if total == 0 {
			w[0], total = 1, 1 // a center that rounding put on the end of a box
		}
		sum := 0.0
		for j := range w {
			w[j] /= total
			v := math.Abs(w[j])
			largest, sum = max(largest, v), sum+v
		}
		heaviest = max(heaviest, sum)
	}
	a.twoPart = k.precise || largest*(1<<15) >= math.MaxInt16
	a.precision = precision(largest, heaviest, a.twoPart)
	return maxTaps
}

// highShift is the shift of the second coefficient of a weight of two parts.
const highShift = C.HIGH_SHIFT

// maxPrecision is Pillow's number of fractional bits: PRECISION_BITS, 32 - 8 - 2.
const maxPrecision = 22

// precision is the largest number of fractional bits, 22 at most, by which every weight
// of one part fits 16 bits and no sum over bytes overflows 32. largest is the
// largest weight, heaviest the largest sum of a target pixel's weights without their
// signs.
//
// Weights of 1 and more (enlarging has them) would keep 14 bits or fewer, hence these
// have two parts.
func precision(largest, heaviest float64, twoPart bool) int {
	fits := func(bits int) bool {
		one := float64(int(1) << bits)
		return heaviest*255*one < math.MaxInt32*0.9 && (twoPart || largest*one < math.MaxInt16)
	}
	bits := maxPrecision
	for !fits(bits) {
		bits--
	}
	return bits
}

// round turns normalized weights, maxTaps per target pixel, into coefficients. Weights
// of two parts of 22 bits are rounded one by one, as Pillow does (Resample.c,
// normalize_coeffs_8bpc): then every pixel equals Pillow's. Of the others it is the
// running sum that is rounded, so that errors don't add up.
func (a *axis) round(weights []float64, maxTaps int) {
	one := float64(int(1) << a.precision)
	asPillow := a.twoPart && a.precision == maxPrecision
	for i := range a.key.target {
		c := a.coef[i*a.weights():][:a.weights()]
		sum, before := 0.0, 0
		for j, w := range weights[i*maxTaps:][:a.count[i]] {
			var v int
			if asPillow {
				v = int(float64(w*one) + math.Copysign(0.5, w))
			} else {
				sum += w
				now := int(math.Floor(float64(sum*one) + 0.5))
				v, before = now-before, now
			}
			if a.twoPart {
				c[a.taps+j] = int16(v >> highShift)
				v &= 1<<highShift - 1
			}
			c[j] = int16(v)
		}
	}
}

// skip drops the source rows that no target row needs: those far outside of the part
// that is shown, and the gaps of a filter that is not widened for shrinking.
func (a *axis) skip() {
	a.spans = a.spans[:0]
	end, skipped := 0, 0
	for i := range a.key.target {
		at := a.key.unflipped(i)
		first, next := int(a.start[at]), int(a.start[at]+a.count[at])
		if len(a.spans) == 0 || first > end {
			skipped += first - end
			a.spans = append(a.spans, span{first, 0})
			end = first
		}
		if next > end {
			a.spans[len(a.spans)-1].length += next - end
			end = next
		}
		a.start[at] = int32(first - skipped)
	}
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }
