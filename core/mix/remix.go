package mix

import (
	"fmt"
	"image"
)

func init() { policies.Register("remix", func() Policy { return new(Remix) }) }

// Remix mixes two images by a policy, and gives the label of the rarer class all of the
// weight if it is much rarer and the image of the other one shows less than a share:
// Chou et al., "Remix: Rebalanced Mixup", 2020.
type Remix struct {
	// Kappa is how many times as large the larger class has to be, at least.
	Kappa float64 `json:"kappa"`
	// Tau is the share below which the larger class loses its label.
	Tau float64 `json:"tau"`
	wrapped
}

// Validate parses the policy.
func (m *Remix) Validate() error {
	if !(m.Kappa >= 1) {
		return fmt.Errorf("mix: kappa of Remix must be 1 or more, but is %v", m.Kappa)
	}
	if !(m.Tau >= 0 && m.Tau <= 1) {
		return fmt.Errorf("mix: tau of Remix must be from 0 to 1, but is %v", m.Tau)
	}
	if err := m.parse(); err != nil {
		return err
	}
	if n := m.policy.Images(); n != 2 {
		return fmt.Errorf("mix: Remix needs a policy that mixes 2 images, such as MixUp or CutMix, "+
			"not %d", n)
	}
	return nil
}

// Draw draws by the policy. The Blend has a Rule.
func (m *Remix) Draw(s Seeds, size image.Point) Blend {
	b := m.policy.Draw(s, size)
	b.Rule = m
	return b
}

// Relabel decides by the numbers of images of the two classes.
func (m *Remix) Relabel(labels *[MaxImages]float64, sizes *[MaxImages]int) {
	own, second := float64(sizes[0]), float64(sizes[1])
	switch {
	case own >= float64(m.Kappa*second) && labels[0] < m.Tau:
		labels[0], labels[1] = 0, 1
	case second >= float64(m.Kappa*own) && labels[1] < m.Tau:
		labels[0], labels[1] = 1, 0
	}
}
