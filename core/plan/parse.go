package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"mixfolder/core/imageop"
)

// Each policy of the options is an object of one name and its parameters, such as
// {"center_crop": {"fraction": 0.875}}. All parameters must be there: the defaults
// stand in one place, and that is not here.

var croppings = map[string]func() Crop{
	"random_resized_crop": func() Crop { return new(RandomResizedCrop) },
	"random_crop":         func() Crop { return new(RandomCrop) },
	"center_crop":         func() Crop { return new(CenterCrop) },
}

var augmentations = map[string]func() Augmentation{
	"random_affine":        func() Augmentation { return new(RandomAffine) },
	"color_jitter":         func() Augmentation { return new(ColorJitter) },
	"channel_shift":        func() Augmentation { return new(ChannelShift) },
	"gaussian_blur":        func() Augmentation { return new(GaussianBlur) },
	"random_erasing":       func() Augmentation { return new(RandomErasing) },
	"rand_augment":         func() Augmentation { return new(RandAugment) },
	"trivial_augment_wide": func() Augmentation { return new(TrivialAugmentWide) },
}

func init() {
	for k := range sometimesKinds {
		augmentations[k.String()] = func() Augmentation { return &RandomApply{Op: imageop.Op{Kind: k}} }
	}
}

// ParseCropping reads a cropping of the options, and checks it.
func ParseCropping(document []byte) (Crop, error) { return parse("crop", document, croppings) }

// ParseAugmentation reads an item of the options' augmentations, and checks it.
func ParseAugmentation(document []byte) (Augmentation, error) {
	return parse("augmentation", document, augmentations)
}

func parse[T interface{ Check() error }](what string, document []byte,
	kinds map[string]func() T) (T, error) {
	var none T
	var named map[string]json.RawMessage
	if err := json.Unmarshal(document, &named); err != nil || len(named) != 1 {
		return none, fmt.Errorf("plan: a %s must be an object of one name, but is %s", what,
			document)
	}
	for name, parameters := range named {
		blank, ok := kinds[name]
		if !ok {
			return none, fmt.Errorf("plan: unknown %s %q, valid are %s", what, name,
				strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		}
		policy := blank()
		d := json.NewDecoder(bytes.NewReader(parameters))
		d.DisallowUnknownFields()
		if err := d.Decode(policy); err != nil {
			return none, fmt.Errorf("plan: %s: %w", name, err)
		}
		return policy, policy.Check()
	}
	return none, nil
}

// UnmarshalJSON reads the probability and the operation's own parameters.
func (c *RandomApply) UnmarshalJSON(document []byte) error {
	var numbers map[string]float64
	if err := json.Unmarshal(document, &numbers); err != nil {
		return err
	}
	c.Prob = numbers["prob"]
	delete(numbers, "prob")
	for i, name := range c.Op.Kind.Arguments() {
		c.Op.Args[i] = numbers[name]
		delete(numbers, name)
	}
	for name := range numbers {
		return fmt.Errorf("unknown field %q", name)
	}
	return nil
}
