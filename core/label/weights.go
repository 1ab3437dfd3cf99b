package label

// Weights are the weights of samples in the loss, one per file. As an Encoder they write
// one number per row: the mean of its images' weights, each as heavy as its label. nil
// weighs all files 1.
type Weights []float32

// Shape is that of one number.
func (Weights) Shape() []int { return []int{} }

// DType is the type of weights.
func (Weights) DType() DType { return Float32 }

// Of is the weight of a row.
func (w Weights) Of(files []int32, weights []float64) float32 {
	if w == nil {
		return 1
	}
	sum := 0.0
	for i, file := range files {
		sum += float64(weights[i] * float64(w[file]))
	}
	return float32(sum)
}

// Encode writes the weight of a row.
func (w Weights) Encode(dst []byte, files []int32, weights []float64) {
	view[float32](dst)[0] = w.Of(files, weights)
}

// Caption is empty: weights are not part of a label.
func (Weights) Caption([]int32, []float64) string { return "" }

// Weightless are weights of 0, for rows that are not to count.
type Weightless struct{ Weights }

// Encode writes 0.
func (Weightless) Encode(dst []byte, _ []int32, _ []float64) { view[float32](dst)[0] = 0 }
