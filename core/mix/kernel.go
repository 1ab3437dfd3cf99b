package mix

// #include "kernels.h"
import "C"

import (
	"slices"

	"mixfolder/core/exact"
	"mixfolder/core/raster"
)

// outer writes 1 - rows[y]*columns[x] for each pixel, each operation rounded.
func outer(weights, columns, rows []float32) {
	maxRows := max(1, maxValues/len(columns))
	for y := 0; y < len(rows); y += maxRows {
		part := weights[y*len(columns) : min(y+maxRows, len(rows))*len(columns)]
		C.mix_outer((*C.float)(&part[0]), (*C.float)(&columns[0]), (*C.float)(&rows[y]),
			C.int64_t(len(columns)), C.int64_t(len(part)/len(columns)))
	}
}

// waves are cosines and sines of 0, 1, 2 and more periods in n values: those of half a
// row, for the other half mirrors them.
type waves struct {
	n, count, stride int
	cosine, sine     []float32
}

// newWaves returns count waves of n values, in the memory of old.
func newWaves(old waves, n, count int) waves {
	w := waves{n: n, count: count, stride: (n/2/C.MIX_WAVES + 1) * C.MIX_WAVES}
	w.cosine = slices.Grow(old.cosine[:0], count*w.stride)[:count*w.stride]
	w.sine = slices.Grow(old.sine[:0], count*w.stride)[:count*w.stride]
	for k := range count {
		for x := range w.stride {
			sin, cos := exact.SincosPi(2 * float64(k*x%n) / float64(n))
			w.cosine[k*w.stride+x], w.sine[k*w.stride+x] = float32(cos), float32(sin)
		}
	}
	return w
}

// sum writes rows of n values: each is the sum of all waves, the cosines times the
// coefficients re and the sines times -im. Those of a wave lie `step` behind those of the
// wave before, and those of a row `row` behind those of the row before.
func (w *waves) sum(out, re, im []float32, row, step int) {
	shape := C.mix_waves{n: C.int64_t(w.n), count: C.int64_t(w.count), row: C.int64_t(row),
		step: C.int64_t(step), stride: C.int64_t(w.stride)}
	rows := len(out) / w.n
	last := (rows-1)*row + (w.count-1)*step
	_, _ = re[last], im[last]
	maxRows := max(1, maxValues/(w.n*w.count))
	for r := 0; r < rows; r += maxRows {
		C.mix_sum_waves((*C.float)(&out[r*w.n]), (*C.float)(&re[r*row]), (*C.float)(&im[r*row]),
			(*C.float)(&w.cosine[0]), (*C.float)(&w.sine[0]), C.int64_t(min(maxRows, rows-r)),
			&shape)
	}
}

// within appends the indices of the values from low to high to indices, which has the
// capacity for all, and returns the number of larger values as well.
func within(indices []int32, values []float32, low, high float32) (found []int32, larger int) {
	for i := 0; i < len(values); i += maxValues {
		part := values[i:min(i+maxValues, len(values))]
		n := len(indices)
		indices = indices[:n+len(part)]
		var counts [2]C.int64_t
		C.mix_within((*C.int32_t)(&indices[n]), &counts[0], (*C.float)(&part[0]),
			C.int64_t(len(part)), C.float(low), C.float(high))
		indices = indices[:n+int(counts[0])]
		for k := range indices[n:] {
			indices[n+k] += int32(i)
		}
		larger += int(counts[1])
	}
	return indices, larger
}

// above replaces values by 1 if they are above a limit, and by 0 otherwise.
func above(values []float32, limit float32) {
	for i := 0; i < len(values); i += maxValues {
		C.mix_above((*C.float)(&values[i]), C.int64_t(min(maxValues, len(values)-i)),
			C.float(limit))
	}
}

// addAlpha copies pixels of 3 bytes to packed ones of 4, the last of them 255.
func addAlpha(dst, src raster.Image) {
	_, _ = dst.Row(dst.Height-1), src.Row(src.Height-1)
	maxRows := max(1, maxValues/dst.Stride)
	for y := 0; y < dst.Height; y += maxRows {
		C.mix_add_alpha((*C.uint8_t)(&dst.Pix[y*dst.Stride]), (*C.uint8_t)(&src.Pix[y*src.Stride]),
			C.int64_t(dst.Width), C.int64_t(min(maxRows, dst.Height-y)), C.int64_t(src.Stride))
	}
}
