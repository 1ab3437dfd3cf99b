package augment

import "testing"

func TestChannelShiftIsUniform(t *testing.T) {
	uniform(t, "channel shift", firstArgs(draws(&ChannelShift{20, 1}, 3000)), -20, 20)
}
