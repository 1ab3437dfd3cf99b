package augment

import "testing"

func TestGaussianBlurIsUniform(t *testing.T) {
	uniform(t, "blur", first(of(&GaussianBlur{[2]float64{0.1, 2}, 1}, 3000)), 0.1, 2)
}
