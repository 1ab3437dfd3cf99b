package loader

import (
	"fmt"

	"mixfolder/core/plan"
)

// planSpec is what the options mean for the plan. Validation is never mixed, augmented
// or shuffled: of the croppings it has ValCrop, or Crop where that is the same in each
// epoch.
func (o *Options) planSpec() (plan.Spec, error) {
	s := plan.Spec{Seed: o.Seed, BatchSize: o.BatchSize, DropLast: o.DropLast,
		Pairing: plan.Pairing(o.Pairing)}
	s.Fit = plan.Fit{Height: o.ImageSize[0], Width: o.ImageSize[1],
		CropToAspect: o.CropToAspectRatio, PadToAspect: o.PadToAspectRatio}
	flip, err := parse("flip", o.Flip, flips)
	if err != nil {
		return s, err
	}
	if o.Mix != nil && !(o.Mix.Alpha > 0) {
		return s, fmt.Errorf("loader: alpha of MixUp must be above 0, but is %v: use mix=None to "+
			"mix nothing", o.Mix.Alpha)
	}
	crop, fixed, err := o.croppings()
	if err != nil {
		return s, err
	}
	augment, err := o.augmentations()
	if err != nil {
		return s, err
	}
	if o.Subset == validation {
		s.Cropping = fixed
		return s, nil
	}
	s.Cropping, s.Augment = crop, augment
	s.Shuffle, s.FlipHorizontal, s.FlipVertical = o.Shuffle, flip[0], flip[1]
	if o.Mix != nil {
		s.Alpha = o.Mix.Alpha
	}
	return s, nil
}

// croppings are that for training and that for validation, nil for none.
func (o *Options) croppings() (crop, fixed plan.Crop, err error) {
	if o.Crop != nil {
		if crop, err = plan.ParseCropping(*o.Crop); err != nil {
			return nil, nil, err
		}
		if !crop.Varies() {
			fixed = crop
		}
	}
	if o.ValCrop != nil {
		if fixed, err = plan.ParseCropping(*o.ValCrop); err == nil {
			err = plan.CheckFixed(fixed)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("loader: val_crop: %w", err)
		}
	}
	return crop, fixed, nil
}

func (o *Options) augmentations() ([]plan.Augmentation, error) {
	var list []plan.Augmentation
	for i, document := range o.Augment {
		item, err := plan.ParseAugmentation(document)
		if err != nil {
			return nil, fmt.Errorf("loader: augment[%d]: %w", i, err)
		}
		list = append(list, item)
	}
	return list, nil
}
