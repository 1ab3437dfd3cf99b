package augment

import (
	"fmt"
	"image"

	"mixfolder/core/imageop"
	"mixfolder/core/rng"
)

// ChannelShift adds one amount between -Range and Range, in pixel values, to all
// channels: Keras' channel_shift_range.
type ChannelShift struct {
	Range float64 `json:"range"`
	Prob  float64 `json:"prob"`
}

func init() { register(func() Augmentation { return new(ChannelShift) }) }

// Name returns the registered name.
func (c *ChannelShift) Name() string { return "channel_shift" }

// Validate reports invalid parameters.
func (c *ChannelShift) Validate() error {
	if !(c.Range >= 0 && c.Range <= 255) {
		return fmt.Errorf("augment: range of ChannelShift must be from 0 to 255, but is %v",
			c.Range)
	}
	return checkProb("ChannelShift", c.Prob)
}

// Draw appends one operation or none.
func (c *ChannelShift) Draw(r rng.Stream, _ image.Point, ops []imageop.Op) []imageop.Op {
	if !r.Bernoulli(c.Prob) {
		return ops
	}
	v := r.Uniform([2]float64{-c.Range, c.Range})
	return append(ops, imageop.Op{Kind: imageop.ChannelShift, Args: [6]float64{v, v, v}})
}
