package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"

	"mixfolder/core/augment"
	"mixfolder/core/choice"
	"mixfolder/core/resample"
)

// GeometryOptions are the arguments of from_directory that control how images are
// brought to their size, by the same names.
type GeometryOptions struct {
	ImageSize         [2]int           `json:"image_size"` // height, width
	Crop              *json.RawMessage `json:"crop"`       // see augment.ParseCrop
	ValCrop           *json.RawMessage `json:"val_crop"`   // replaces Crop for validation
	Affine            *json.RawMessage `json:"affine"`     // see augment.ParseAffine
	Flip              string           `json:"flip"`       // "" for None
	CropToAspectRatio bool             `json:"crop_to_aspect_ratio"`
	PadToAspectRatio  bool             `json:"pad_to_aspect_ratio"`
	Interpolation     string           `json:"interpolation"`
	Antialias         bool             `json:"antialias"`
	DCTScaling        bool             `json:"dct_scaling"`
	// FilterBeyondCrop is not an argument of from_directory: see Config.
	FilterBeyondCrop bool `json:"filter_beyond_crop"`
}

// maxTargetPixels of a target, maxSamples of a batch and 16 bytes per pixel: the
// product fits into 64 bits.
const maxTargetPixels = 1 << 27

// Flips are the values of the option flip.
var Flips = choice.Set[augment.Flip]{{"", augment.Flip{}},
	{"horizontal", augment.Flip{Horizontal: true}},
	{"vertical", augment.Flip{Vertical: true}},
	{"both", augment.Flip{Horizontal: true, Vertical: true}}}

// Apply validates the options and stores the result in c and t. If fixed, as for
// validation, nothing is random: the crop is ValCrop, or else Crop if that is not random.
func (o *GeometryOptions) Apply(c *Config, t *Transforms, fixed bool) error {
	height, width := o.ImageSize[0], o.ImageSize[1]
	if height <= 0 || width <= 0 || height > maxTargetPixels/width {
		return fmt.Errorf("pipeline: image_size must be (height, width) of 1 or more and of %d "+
			"pixels at most, but is (%d, %d)", maxTargetPixels, height, width)
	}
	if o.CropToAspectRatio && o.PadToAspectRatio {
		return errors.New("pipeline: crop_to_aspect_ratio and pad_to_aspect_ratio exclude each " +
			"other: set one of them to False")
	}
	var err error
	if c.Resample, err = o.resampling(); err != nil {
		return err
	}
	flip, err := Flips.Parse("flip", o.Flip)
	if err != nil {
		return err
	}
	crop, fixedCrop, err := o.crops()
	if err != nil {
		return err
	}
	var affine augment.Geometric
	if o.Affine != nil {
		if affine, err = augment.ParseAffine(*o.Affine); err != nil {
			return err
		}
	}
	c.Shrink, c.FilterBeyondCrop = o.DCTScaling, o.FilterBeyondCrop
	t.Channels = int(c.Decode.Mode)
	t.Geometry = augment.Geometry{Aspect: augment.Aspect{Height: height, Width: width,
		Crop: o.CropToAspectRatio, Pad: o.PadToAspectRatio}}
	if fixed {
		t.Geometry.Crop = fixedCrop
		return nil
	}
	t.Geometry.Crop, t.Geometry.Affine, t.Geometry.Flip = crop, affine, flip
	return nil
}

// crops returns the crop for training and the one for validation, nil for none.
func (o *GeometryOptions) crops() (crop, fixed augment.Crop, err error) {
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
			return nil, nil, fmt.Errorf("pipeline: val_crop: %w", err)
		}
	}
	return crop, fixed, nil
}

func (o *GeometryOptions) resampling() (s resample.ResizeOptions, err error) {
	s.Antialias = o.Antialias
	if s.Filter, err = resample.ParseFilter(o.Interpolation); err != nil {
		return s, fmt.Errorf("pipeline: interpolation: %w", err)
	}
	if !o.Antialias && s.Filter != resample.Nearest && s.Filter != resample.Bilinear &&
		s.Filter != resample.Bicubic {
		err = fmt.Errorf("pipeline: antialias=False is defined for interpolation nearest, "+
			"bilinear and bicubic, not for %q: set antialias=True", o.Interpolation)
	}
	return s, err
}
