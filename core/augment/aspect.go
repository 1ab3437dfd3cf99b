package augment

import "image"

// Aspect controls how an image is fitted to the shape of its target. By default it is
// stretched.
type Aspect struct {
	// Height and Width are the size of the target in pixels.
	Height, Width int
	// Crop shows the largest centered part that has the target's shape.
	Crop bool
	// Pad shows the full image, as large as it fits, in the middle of a black target.
	// Crop and Pad exclude each other.
	Pad bool
}

// Full returns the full target.
func (a Aspect) Full() image.Rectangle { return image.Rect(0, 0, a.Width, a.Height) }

// Region returns the part of an image that is shown, by the integer arithmetic of
// keras.utils.image_dataset_from_directory (keras/src/utils/image_utils.py,
// smart_resize).
func (a Aspect) Region(size image.Point) image.Rectangle {
	width, height := size.X, size.Y
	if !a.Crop {
		return image.Rect(0, 0, width, height)
	}
	h := max(1, min(height, width*a.Height/a.Width))
	w := max(1, min(width, height*a.Width/a.Height))
	x, y := (width-w)/2, (height-h)/2
	return image.Rect(x, y, x+w, y+h)
}

// Target returns the part of the target that a region of this size fills; the rest is
// black. It is tf.image.resize_with_pad, which Keras calls for pad_to_aspect_ratio, in
// integers: its rounding errors can make the longer side a pixel short.
func (a Aspect) Target(region image.Point) image.Rectangle {
	width, height := region.X, region.Y
	if !a.Pad {
		return a.Full()
	}
	if width*a.Height >= height*a.Width {
		h := max(1, height*a.Width/width)
		y := (a.Height*width - height*a.Width) / (2 * width)
		return image.Rect(0, y, a.Width, y+h)
	}
	w := max(1, width*a.Height/height)
	x := (a.Width*height - width*a.Height) / (2 * height)
	return image.Rect(x, 0, x+w, a.Height)
}
