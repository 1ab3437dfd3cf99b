package mix

import "fmt"

// Preprocess is what keras.applications.imagenet_utils.preprocess_input does in a mode, as a Format has it:
//
//	tf     pixel/127.5 - 1
//	torch  (pixel/255 - mean) / standard deviation, of ImageNet's channels
//	caffe  pixel - mean of ImageNet's channels, in the order B, G, R
//
// Scale and bias go by the channel of the uint8 picture, R first. A fourth channel stays as it is, except with tf.
func Preprocess(mode string) (scale, bias [4]float32, reverse bool, err error) {
	switch mode {
	case "tf":
		return [4]float32{1 / 127.5, 1 / 127.5, 1 / 127.5, 1 / 127.5}, [4]float32{-1, -1, -1, -1}, false, nil
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
	return scale, bias, false, fmt.Errorf("mix: unknown preprocessing %q, valid are tf, torch, caffe", mode)
}
