package augment

import "testing"

func TestGaussianBlurIsUniform(t *testing.T) {
	uniform(t, "blur", firstArgs(draws(&GaussianBlur{pair{0.1, 2}, 1}, 3000)), 0.1, 2)
}
