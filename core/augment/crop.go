package augment

import (
	"errors"
	"image"

	"mixfolder/core/registry"
	"mixfolder/core/rng"
)

// Crop chooses the part of an image that is shown, such as *CenterCrop.
type Crop interface {
	// Validate says what is wrong with the parameters.
	Validate() error
	// Random is false if an image of a given size always shows the same part.
	Random() bool
	// Draw sets t.Region for an image of this size, and t.Target. They come as they are
	// without a crop.
	Draw(r rng.Stream, size image.Point, a Aspect, t Transform) Transform
}

var crops = registry.New[Crop]("augment: crop")

// ParseCrop reads a crop, such as {"center_crop": {"fraction": 0.875}}.
func ParseCrop(document []byte) (Crop, error) { return crops.Parse(document) }

// RequireDeterministic refuses the crops that validation must not have.
func RequireDeterministic(c Crop) error {
	if c.Random() {
		return errors.New("augment: the crop for validation must be the same in every epoch: use " +
			"CenterCrop or None, not a random crop")
	}
	return nil
}
