package augment

import (
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// GaussianBlur blurs by a standard deviation drawn between bounds, in pixels.
type GaussianBlur struct {
	Sigma [2]float64 `json:"sigma"`
	Prob  float64    `json:"prob"`
}

func init() { register(func() Augmentation { return new(GaussianBlur) }) }

// Name returns the registered name.
func (c *GaussianBlur) Name() string { return "gaussian_blur" }

// Validate reports invalid parameters.
func (c *GaussianBlur) Validate() error {
	return checkOp("GaussianBlur", c.Prob, imageop.GaussianBlur, c.Sigma)
}

// Draw appends one operation or none.
func (c *GaussianBlur) Draw(r rng.Stream, _ image.Point, ops []imageop.Op) []imageop.Op {
	if !r.Bernoulli(c.Prob) {
		return ops
	}
	return append(ops, op(imageop.GaussianBlur, r.Uniform(c.Sigma)))
}
