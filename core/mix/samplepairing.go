package mix

import "image"

func init() { policies.Register("samplepairing", func() Policy { return new(SamplePairing) }) }

// SamplePairing is the mean of two images, with the label of the row's own one: Inoue,
// "Data Augmentation by Pairing Samples for Images Classification", 2018.
type SamplePairing struct{}

// Validate reports nothing: there are no parameters.
func (*SamplePairing) Validate() error { return nil }

// Images is 2.
func (*SamplePairing) Images() int { return 2 }

// Soft is true.
func (*SamplePairing) Soft() bool { return true }

// Draw is the same for all rows.
func (*SamplePairing) Draw(Seeds, image.Point) Blend {
	return Blend{Labels: [MaxImages]float64{1}, Weight: 0.5}
}
