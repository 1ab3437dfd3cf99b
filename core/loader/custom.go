package loader

import "mixfolder/core/mix"

// Target tells a caller that mixes images itself what to make of them: see mix.Custom. A
// batch then holds uint8 images, channels last, and labels, weights and masks in the
// same order: those of all rows' own images, then those of their partners. It is part of
// the info document.
type Target struct {
	X ArraySpec `json:"x"` // of mixed images
	// A value is pixel*Scale[c] + Bias[c] in 32-bit floats, each operation rounded, where
	// c is the channel in the uint8 image.
	Scale []float32 `json:"scale"`
	Bias  []float32 `json:"bias"`
	// Reverse reverses the channels, and ChannelsFirst moves them to the front.
	Reverse       bool `json:"reverse"`
	ChannelsFirst bool `json:"channels_first"`
}

// leaveMixing makes the caller mix, if the policy is mix.Custom.
func (p *phase) leaveMixing() {
	if _, custom := p.mix.(*mix.Custom); !custom {
		return
	}
	f := p.format
	p.target = &Target{X: imageSpec(&f), Scale: f.Scale[:f.Channels:f.Channels],
		Bias: f.Bias[:f.Channels:f.Channels], Reverse: f.Reverse, ChannelsFirst: f.ChannelsFirst}
	p.format = rawFormat(f)
}
