package mix

import (
	"fmt"
	"math"
)

// Preprocess returns the fields of a Format that do what preprocess_input of
// keras.applications.imagenet_utils does in a mode:
//
//	tf     pixel/127.5 - 1
//	torch  (pixel/255 - mean) / standard deviation, of ImageNet's channels
//	caffe  pixel - mean of ImageNet's channels, in the order B, G, R
//
// Scale and bias are indexed by the channel of the uint8 image, R first. A fourth channel
// is unchanged, except with tf.
func Preprocess(mode string) (scale, bias [4]float32, reverse bool, err error) {
	switch mode {
	case "tf":
		return [4]float32{1 / 127.5, 1 / 127.5, 1 / 127.5, 1 / 127.5}, [4]float32{-1, -1, -1, -1},
			false, nil
	case "torch":
		mean, deviation := [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}
		scale[3] = 1
		for c := range mean {
			scale[c], bias[c] = float32(1/(255*deviation[c])), float32(-mean[c]/deviation[c])
		}
		return scale, bias, false, nil
	case "caffe":
		return [4]float32{1, 1, 1, 1}, [4]float32{-123.68, -116.779, -103.939, 0}, true, nil
	}
	return scale, bias, false, fmt.Errorf("mix: unknown preprocessing %q, valid are tf, torch, "+
		"caffe", mode)
}

// Normalize returns the fields of a Format for (pixel - mean) / std per channel. mean and
// std are in pixel values, 0..255.
func Normalize(mean, std []float64, channels int) (scale, bias [4]float32, err error) {
	if len(mean) != channels || len(std) != channels {
		return scale, bias, fmt.Errorf("mix: mean and standard deviation need %d number(s), one "+
			"per channel, but have %d and %d",
			channels, len(mean), len(std))
	}
	for c := range channels {
		if !(std[c] > 0) || math.IsInf(std[c], 1) || math.IsNaN(mean[c]) || math.IsInf(mean[c], 0) {
			return scale, bias, fmt.Errorf("mix: mean %v and standard deviation %v of channel %d "+
				"must be finite, the latter above 0", mean[c], std[c], c)
		}
		scale[c], bias[c] = float32(1/std[c]), float32(-mean[c]/std[c])
	}
	return scale, bias, nil
}
