package augment

import (
	"errors"
	"image"

	"mixfolder/core/registry"
	"mixfolder/core/rng"
)

// Crop chooses the part of an image that is shown, such as *CenterCrop.
type Crop interface {
	// Validate reports invalid parameters.
	Validate() error
	// Random is false if an image of a given size always shows the same part.
	Random() bool
	// Draw sets t.Region for an image of this size, and t.Target. On entry they have
	// the values for no crop.
	Draw(r rng.Stream, size image.Point, a Aspect, t Transform) Transform
}

var crops = registry.New[Crop]("augment: crop")

// ParseCrop reads a crop, such as {"center_crop": {"fraction": 0.875}}.
func ParseCrop(document []byte) (Crop, error) { return crops.Parse(document) }

// RequireDeterministic rejects random crops, which validation must not use.
func RequireDeterministic(c Crop) error {
	if c.Random() {
		return errors.New("augment: the crop for validation must be the same in every epoch: use " +
			"CenterCrop or None, not a random crop")
	}
	return nil
}
