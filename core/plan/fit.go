package plan

import "image"

// Fit says how an image comes to the target's shape. The zero value of Crop and Pad
// stretches it.
type Fit struct {
	// Height and Width are the target's size.
	Height, Width int
	// CropToAspect shows the largest centered part that has the target's shape.
	CropToAspect bool
	// PadToAspect shows the whole image, as large as it fits, in the middle of a black
	// target.
	PadToAspect bool
}

// Crop is the part of a width x height image that is shown, by the integer arithmetic
// of keras.utils.image_dataset_from_directory (keras/src/utils/image_utils.py,
// smart_resize).
func (f Fit) Crop(width, height int) image.Rectangle {
	if !f.CropToAspect {
		return image.Rect(0, 0, width, height)
	}
	h := max(1, min(height, width*f.Height/f.Width))
	w := max(1, min(width, height*f.Width/f.Height))
	x, y := (width-w)/2, (height-h)/2
	return image.Rect(x, y, x+w, y+h)
}

// Place is the part of the target that a crop of this size fills; the rest stays black.
// It is tf.image.resize_with_pad, which Keras calls for pad_to_aspect_ratio, in whole
// numbers: there a rounding error can cost the longer side a pixel.
func (f Fit) Place(width, height int) image.Rectangle {
	if !f.PadToAspect {
		return image.Rect(0, 0, f.Width, f.Height)
	}
	if width*f.Height >= height*f.Width {
		h := max(1, height*f.Width/width)
		y := (f.Height*width - height*f.Width) / (2 * width)
		return image.Rect(0, y, f.Width, y+h)
	}
	w := max(1, width*f.Height/height)
	x := (f.Width*height - width*f.Height) / (2 * height)
	return image.Rect(x, 0, x+w, f.Height)
}
