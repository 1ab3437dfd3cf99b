package loader

import (
	"encoding/json"
	"fmt"

	"mixfolder/core/plan"
)

// planSpec is what the options mean for the plan. Validation is never mixed, augmented or shuffled: of the croppings it has ValCrop, or
// Crop where that is the same in each pass.
func (o *Options) planSpec() (plan.Spec, error) {
	s := plan.Spec{Seed: o.Seed, BatchSize: o.BatchSize, DropLast: o.DropLast, Pairing: plan.Pairing(o.Pairing)}
	s.Fit = plan.Fit{Height: o.ImageSize[0], Width: o.ImageSize[1], CropToAspect: o.CropToAspectRatio, PadToAspect: o.PadToAspectRatio}
	flip, err := parse("flip", o.Flip, flips)
	if err != nil {
		return s, err
	}
	if o.Mix != nil && !(o.Mix.Alpha > 0) {
		return s, fmt.Errorf("loader: alpha of MixUp must be above 0, but is %v: use mix=None to mix nothing", o.Mix.Alpha)
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
func (o *Options) croppings() (crop, fixed plan.Cropping, err error) {
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

// Drawn is what was drawn for the geometry and the augmentations of one look at a picture.
type Drawn struct {
	// Matrix leads from a point (x, y) of the target, in pixels, to the one that it shows of the target without RandomCrop, RandomAffine
	// and flips: (m[0]x + m[1]y + m[2], m[3]x + m[4]y + m[5]). It is nil where there is none of the former.
	Matrix *[6]float64 `json:"matrix"`
	// Ops are objects with a name, "op", and what was drawn: first of RandomCrop and RandomAffine, then the operations in their order.
	Ops []json.RawMessage `json:"ops"`
}

func drawn(s *plan.Spec, v plan.View) (Drawn, error) {
	d := Drawn{Ops: []json.RawMessage{}}
	add := func(name string, draw any) error {
		document, err := json.Marshal(draw)
		if err == nil {
			if name != "" {
				document = fmt.Appendf(nil, `{"op":%q,%s`, name, document[1:])
			}
			d.Ops = append(d.Ops, document)
		}
		return err
	}
	if turn, ok := s.Turn(v); ok {
		m := [6]float64(turn.Map)
		d.Matrix = &m
		if _, is := s.Cropping.(*plan.RandomCrop); is {
			if err := add("random_crop", struct {
				X int `json:"x"`
				Y int `json:"y"`
			}{turn.Shift.X, turn.Shift.Y}); err != nil {
				return d, err
			}
		}
		if s.Affine() != nil {
			if err := add("random_affine", turn.Affine); err != nil {
				return d, err
			}
		}
	}
	for _, op := range s.Ops(nil, v) {
		if err := add("", op); err != nil {
			return d, err
		}
	}
	return d, nil
}
