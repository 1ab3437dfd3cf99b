package label

import (
	"fmt"
	"strings"
)

func init() { register("multi_label", kind{new: newMultiLabel, outcomes: two, shares: true}) }

// multiLabel has the summed weight of the images with a tag, one value per tag.
type multiLabel struct{ *Table }

func newMultiLabel(t *Table, _ bool) (Encoder, error) {
	if err := t.needValues("multi_label", "a list of tags"); err != nil {
		return nil, err
	}
	if t.Width != len(t.Classes) {
		return nil, fmt.Errorf(`label: label_mode="multi_label" needs one value per tag, but there `+
			"are %d values per file and %d tags", t.Width, len(t.Classes))
	}
	return multiLabel{t}, nil
}

func (m multiLabel) Shape() []int { return []int{m.Width} }

func (m multiLabel) DType() DType { return Float32 }

func (m multiLabel) Encode(dst []byte, files []int32, weights []float64) {
	row := view[float32](dst)[:m.Width]
	clear(row)
	for i, file := range files {
		w := weight(weights, i)
		for k, v := range m.Row(file) {
			row[k] += float32(w * v)
		}
	}
}

// Caption is the weight of each tag, such as "0.71 round + 1.00 red", or the tags alone
// if there is one file.
func (m multiLabel) Caption(files []int32, weights []float64) string {
	var parts []string
	for k, tag := range m.Classes {
		sum := 0.0
		for i, file := range files {
			sum += float64(weights[i] * float64(m.Row(file)[k]))
		}
		switch {
		case sum == 0:
		case len(files) == 1:
			parts = append(parts, tag)
		default:
			parts = append(parts, fmt.Sprintf("%.2f %s", sum, tag))
		}
	}
	return strings.Join(parts, " + ")
}
