package augment

import (
	"testing"

	"mixfolder/core/imageop"
)

// TestTrivialAugmentWide: in both directions, of every strength.
func TestTrivialAugmentWide(t *testing.T) {
	strengths := map[float64]int{}
	for _, ops := range draws(&TrivialAugmentWide{}, 14*400) {
		if ops[0].Kind == imageop.Brightness {
			strengths[ops[0].Args[0]]++
		}
	}
	if len(strengths) != 61 { // 30 in each direction, and none
		t.Errorf("%d strengths of brightness, want 61: %v", len(strengths), strengths)
	}
}
