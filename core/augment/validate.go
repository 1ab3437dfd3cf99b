package augment

import (
	"fmt"

	"mixfolder/core/imageop"
)

func checkProb(name string, prob float64) error {
	if !(prob >= 0 && prob <= 1) {
		return fmt.Errorf("augment: prob of %s must be from 0 to 1, but is %v", name, prob)
	}
	return nil
}

func checkRange(name string, bounds [2]float64, lowest, highest float64) error {
	if low, high := bounds[0], bounds[1]; !(lowest <= low && low <= high && high <= highest) {
		return fmt.Errorf("augment: %s must be (low, high) between %v and %v, but is (%v, %v)",
			name, lowest, highest, low, high)
	}
	return nil
}

// checkOp checks a probability, and an operation at both ends of its first argument.
func checkOp(name string, prob float64, k *imageop.Kind, bounds [2]float64) error {
	if err := checkProb(name, prob); err != nil {
		return err
	}
	if !(bounds[0] <= bounds[1]) {
		return fmt.Errorf("augment: %v of %s must be (low, high), but is (%v, %v)",
			k.Params()[0], name, bounds[0], bounds[1])
	}
	for _, v := range bounds {
		o := op(k, v)
		if err := o.Check(); err != nil {
			return fmt.Errorf("augment: %s: %w", name, err)
		}
	}
	return nil
}

// op is an operation of one argument.
func op(k *imageop.Kind, v float64) imageop.Op { return imageop.Op{Kind: k, Args: [6]float64{v}} }
