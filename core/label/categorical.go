package label

func init() { register("categorical", kind{new: newCategorical, outcomes: all, shares: true}) }

// categorical is a soft label: a weighted sum of one-hot vectors, one value per class.
type categorical struct{ *Table }

func newCategorical(t *Table, _ bool) (Encoder, error) {
	if err := t.needClasses("categorical"); err != nil {
		return nil, err
	}
	return categorical{t}, nil
}

func (c categorical) Shape() []int { return []int{len(c.Classes)} }

func (c categorical) DType() DType { return Float32 }

func (c categorical) Encode(dst []byte, files []int32, weights []float64) {
	row := view[float32](dst)[:len(c.Classes)]
	clear(row)
	for i, file := range files {
		row[c.Index[file]] += weight(weights, i)
	}
}
