package loader

import (
	"fmt"

	"mixfolder/core/augment"
	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
)

// planSpec is what the options mean for the plan. Validation is never shuffled.
func (o *Options) planSpec(policy mix.Policy) plan.Spec {
	s := plan.Spec{Seed: o.Seed, BatchSize: o.BatchSize, DropLast: o.DropLast, Images: 1,
		Shuffle: o.Shuffle && o.Subset != validation, Pairing: plan.Pairing(o.Pairing)}
	if policy != nil {
		s.Images = policy.Images()
	}
	return s
}

// policy is how rows are mixed: nil for no mixing, and for validation, which is never
// mixed.
func (o *Options) policy() (mix.Policy, error) {
	if o.Mix == nil {
		return nil, nil
	}
	p, err := mix.Parse(*o.Mix)
	if err != nil || o.Subset == validation {
		return nil, err
	}
	return p, nil
}

// encoders write the labels: one per array, none if label_mode is None.
func (o *Options) encoders(labels *label.Table, mixed bool) ([]labelArray, error) {
	if o.LabelMode == "" {
		return nil, nil
	}
	e, err := label.New(o.LabelMode, labels, mixed)
	if err != nil {
		return nil, err
	}
	return []labelArray{{e, label.Bytes(e)}}, nil
}

// transforms sets the geometry and the augmentations. For validation nothing is random:
// its crop is ValCrop, or else Crop if that is the same in every epoch.
func (o *Options) transforms(s *config) error {
	flip, err := flips.Parse("flip", o.Flip)
	if err != nil {
		return err
	}
	crop, fixed, err := o.crops()
	if err != nil {
		return err
	}
	var affine augment.Geometric
	if o.Affine != nil {
		if affine, err = augment.ParseAffine(*o.Affine); err != nil {
			return err
		}
	}
	list, err := augment.ParseList(o.Augment)
	if err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	s.Geometry.Aspect = augment.Aspect{Height: o.ImageSize[0], Width: o.ImageSize[1],
		Crop: o.CropToAspectRatio, Pad: o.PadToAspectRatio}
	if o.Subset == validation {
		s.Geometry.Crop = fixed
		return nil
	}
	s.Geometry.Crop, s.Geometry.Affine, s.Geometry.Flip, s.Augment = crop, affine, flip, list
	return nil
}

// crops are the crop for training and the one for validation, nil for none.
func (o *Options) crops() (crop, fixed augment.Crop, err error) {
	if o.Crop != nil {
		if crop, err = augment.ParseCrop(*o.Crop); err != nil {
			return nil, nil, err
		}
		if !crop.Random() {
			fixed = crop
		}
	}
	if o.ValCrop != nil {
		if fixed, err = augment.ParseCrop(*o.ValCrop); err == nil {
			err = augment.RequireDeterministic(fixed)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("loader: val_crop: %w", err)
		}
	}
	return crop, fixed, nil
}
