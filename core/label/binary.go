package label

import "fmt"

func init() { register("binary", kind{new: newBinary, outcomes: two}) }

// binary is the weight of class 1 of two.
type binary struct{ *Table }

func newBinary(t *Table, _ bool) (Encoder, error) {
	if err := t.needClasses("binary"); err != nil {
		return nil, err
	}
	if n := len(t.Classes); n != 2 {
		return nil, fmt.Errorf(`label: label_mode="binary" needs 2 classes, but there are %d: `+
			`use "categorical", or choose two by class_names`, n)
	}
	return binary{t}, nil
}

func (b binary) Shape() []int { return []int{1} }

func (b binary) DType() DType { return Float32 }

func (b binary) Encode(dst []byte, files []int32, weights []float64) {
	var sum float32
	for i, file := range files {
		if b.Index[file] == 1 {
			sum += weight(weights, i)
		}
	}
	view[float32](dst)[0] = sum
}
