package augment

import (
	"math"
	"testing"
)

func TestCropsValidate(t *testing.T) {
	for _, c := range []Crop{&CenterCrop{0}, &CenterCrop{1.1}, &CenterCrop{math.NaN()},
		&RandomCrop{}, &RandomCrop{Padding: 1 << 30}} {
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
	for _, c := range []struct {
		crop Crop
		ok   bool
	}{{&CenterCrop{0.9}, true}, {inception, false}, {&RandomCrop{Padding: 4}, false}} {
		if err := RequireDeterministic(c.crop); (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.crop, err)
		}
	}
}
