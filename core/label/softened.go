package label

import "fmt"

// softened smooths the rows of another encoder, then makes them 0 and 1, or does one of
// both. As all weights sum up to 1, the smoothed mixture is the mixture of smoothed
// labels.
type softened struct {
	Encoder
	// A value v becomes keep*v + add: y(1-s) + s/n, as in Keras' losses and timm's
	// Mixup.
	keep, add float64
	binarize  bool
	threshold float32 // above which values become 1, as timm's BinaryCrossEntropy
}

// all smooths towards equal weights of all classes.
func all(t *Table) int { return len(t.Classes) }

// two smooths towards 1/2, as each value tells between two outcomes.
func two(*Table) int { return 2 }

// softened refuses a threshold that smoothing leaves no use for.
func (o *Options) softened(e Encoder, k kind, t *Table) (Encoder, error) {
	s := softened{Encoder: e, keep: 1}
	if o.Smoothing > 0 {
		s.keep, s.add = 1-o.Smoothing, o.Smoothing/float64(k.outcomes(t))
	}
	if o.Binarize == nil {
		return s, nil
	}
	s.binarize, s.threshold = true, float32(*o.Binarize)
	low, high := s.smoothed(0), s.smoothed(1)
	if low > s.threshold || high <= s.threshold {
		return nil, fmt.Errorf("label: with label_smoothing=%v, all labels are from %.4g to %.4g, "+
			"so binarize=%v tells no two of them apart: set label_smoothing=0", o.Smoothing, low,
			high, *o.Binarize)
	}
	return s, nil
}

func (s softened) smoothed(v float32) float32 {
	return float32(float64(float64(v)*s.keep) + s.add)
}

func (s softened) Encode(dst []byte, files []int32, weights []float64) {
	s.Encoder.Encode(dst, files, weights)
	row := view[float32](dst)
	for i, v := range row {
		row[i] = s.smoothed(v)
	}
	if !s.binarize {
		return
	}
	for i, v := range row {
		row[i] = 0
		if v > s.threshold {
			row[i] = 1
		}
	}
}
