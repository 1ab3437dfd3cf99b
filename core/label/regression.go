package label

import (
	"strconv"
	"strings"
)

func init() { register("regression", kind{new: newRegression}) }

// regression has the weighted means of the images' quantities.
type regression struct{ *Table }

func newRegression(t *Table, _ bool) (Encoder, error) {
	if err := t.needValues("regression", "a number"); err != nil {
		return nil, err
	}
	return regression{t}, nil
}

func (r regression) Shape() []int { return []int{r.Width} }

func (r regression) DType() DType { return Float32 }

func (r regression) Encode(dst []byte, files []int32, weights []float64) {
	row := view[float32](dst)[:r.Width]
	for k := range row {
		row[k] = r.mean(k, files, weights)
	}
}

// Caption is the row of y, such as "12.5" or "12.5, 3".
func (r regression) Caption(files []int32, weights []float64) string {
	parts := make([]string, r.Width)
	for k := range parts {
		parts[k] = strconv.FormatFloat(float64(r.mean(k, files, weights)), 'g', 4, 32)
	}
	return strings.Join(parts, ", ")
}

// mean is the weighted mean of the k-th quantity.
func (r regression) mean(k int, files []int32, weights []float64) float32 {
	sum := 0.0
	for i, file := range files {
		sum += float64(weights[i] * float64(r.Row(file)[k]))
	}
	return float32(sum)
}
