package mix

// #include "kernels.h"
import "C"

// outer writes 1 - rows[y]*columns[x] for each pixel, each operation rounded.
func outer(weights, columns, rows []float32) {
	maxRows := max(1, maxValues/len(columns))
	for y := 0; y < len(rows); y += maxRows {
		part := weights[y*len(columns) : min(y+maxRows, len(rows))*len(columns)]
		C.mix_outer((*C.float)(&part[0]), (*C.float)(&columns[0]), (*C.float)(&rows[y]),
			C.int64_t(len(columns)), C.int64_t(len(part)/len(columns)))
	}
}
