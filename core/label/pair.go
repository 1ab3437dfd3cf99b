package label

// pair are the labels of both images of a row, each by an encoder of unmixed labels, and
// the weight of the first. Where a row is not mixed, it is its own partner and has the
// weight 1.
func pair(e Encoder) []Encoder { return []Encoder{first{e}, last{e}, share{e}} }

var whole = []float64{1}

// first is the label of a row's own image.
type first struct{ Encoder }

func (f first) Encode(dst []byte, files []int32, _ []float64) {
	f.Encoder.Encode(dst, files[:1], whole)
}

// last is the label of the partner.
type last struct{ Encoder }

func (l last) Encode(dst []byte, files []int32, _ []float64) {
	l.Encoder.Encode(dst, files[len(files)-1:], whole)
}

// share is the weight of the own label.
type share struct{ Encoder }

func (share) Shape() []int { return []int{} }

func (share) DType() DType { return Float32 }

func (share) Encode(dst []byte, _ []int32, weights []float64) {
	view[float32](dst)[0] = float32(weights[0])
}
