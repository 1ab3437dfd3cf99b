package label

import "errors"

func init() { register("int", kind{new: newIndex}) }

// index is the index of the class, which cannot be mixed.
type index struct{ *Table }

func newIndex(t *Table, mixed bool) (Encoder, error) {
	if err := t.needClasses("int"); err != nil {
		return nil, err
	}
	if mixed {
		return nil, errors.New(`label: label_mode="int" cannot hold mixed labels: use ` +
			`label_mode="categorical" with categorical_crossentropy, targets="pair" for ` +
			`(y_a, y_b, lam), or mix=None`)
	}
	return index{t}, nil
}

func (x index) Shape() []int { return []int{} }

func (x index) DType() DType { return Int32 }

func (x index) Encode(dst []byte, files []int32, _ []float64) {
	view[int32](dst)[0] = x.Index[files[0]]
}
