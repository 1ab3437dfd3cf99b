package loader

import (
	"fmt"
	"math"

	"mixfolder/core/augment"
	"mixfolder/core/plan"
)

// planSpec is what the options mean for the plan, and the alpha of MixUp. Validation is
// never mixed or shuffled.
func (o *Options) planSpec() (plan.Spec, float64, error) {
	s := plan.Spec{Seed: o.Seed, BatchSize: o.BatchSize, DropLast: o.DropLast, Images: 1,
		Pairing: plan.Pairing(o.Pairing)}
	if o.Mix != nil && !(o.Mix.Alpha > 0 && !math.IsInf(o.Mix.Alpha, 1)) {
		return s, 0, fmt.Errorf("loader: alpha of MixUp must be above 0, but is %v: use mix=None "+
			"to mix nothing", o.Mix.Alpha)
	}
	if o.Subset == validation {
		return s, 0, nil
	}
	s.Shuffle = o.Shuffle
	if o.Mix == nil {
		return s, 0, nil
	}
	s.Images = 2
	return s, o.Mix.Alpha, nil
}

// weight is the weight of a sample's own image and label.
func (l *Loader) weight(s *plan.Sample) float64 {
	if len(s.Partners) == 0 {
		return 1
	}
	r := s.Seed.Stream("mix")
	return r.Beta(l.config.alpha)
}

// transforms sets the geometry and the augmentations. For validation nothing is random:
// its crop is ValCrop, or else Crop if that is the same in every epoch.
func (o *Options) transforms(s *pipelineConfig) error {
	flip, err := parse("flip", o.Flip, flips)
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
	s.geometry.Aspect = augment.Aspect{Height: o.ImageSize[0], Width: o.ImageSize[1],
		Crop: o.CropToAspectRatio, Pad: o.PadToAspectRatio}
	if o.Subset == validation {
		s.geometry.Crop = fixed
		return nil
	}
	s.geometry.Crop, s.geometry.Affine, s.geometry.Flip, s.augment = crop, affine, flip, list
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
