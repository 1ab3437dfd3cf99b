package pipeline

import (
	"fmt"
	"image"

	"mixfolder/core/raster"
)

// Ignored is the pixel of a finished mask that has no class.
const Ignored = 255

// Classes maps the values in mask files to classes, from 0 to N-1, and Ignored. It is
// never changed, so any number of goroutines may use it at once.
type Classes struct {
	N       int // 1 to 255
	ignores bool
	// of maps a value to its class, Ignored, or unknown.
	of [256]int16
}

const unknown = -1

// newClasses makes the classes 0, 1, ... of pixels with these values. Pixels with the
// value ignore, if it is not nil, have none.
func newClasses(values []int, ignore *int) (*Classes, error) {
	if len(values) < 1 || len(values) > Ignored {
		return nil, fmt.Errorf("pipeline: mask_classes must be from 1 to %d, but has %d classes",
			Ignored, len(values))
	}
	c := &Classes{N: len(values), ignores: ignore != nil}
	for i := range c.of {
		c.of[i] = unknown
	}
	for class, v := range values {
		if v < 0 || v > 255 || c.of[v] != unknown {
			return nil, fmt.Errorf("pipeline: mask_classes has %d: the values of the classes must "+
				"be from 0 to 255, each once", v)
		}
		c.of[v] = int16(class)
	}
	if ignore == nil {
		return c, nil
	}
	if v := *ignore; v < 0 || v > 255 || c.of[v] != unknown {
		return nil, fmt.Errorf("pipeline: mask_ignore must be a value from 0 to 255 that is no "+
			"class of mask_classes, or None, but is %d", v)
	}
	c.of[*ignore] = Ignored
	return c, nil
}

// outside is what a mask shows beyond the edges of its image: Ignored if there is such a
// value, or else class 0.
func (c *Classes) outside() byte {
	if c.ignores {
		return Ignored
	}
	return 0
}

// fill writes outside().
func (c *Classes) fill(pix []byte) {
	for i := range pix {
		pix[i] = c.outside()
	}
}

// apply replaces the values of a mask by classes. A value without a class is an error.
func (c *Classes) apply(m raster.Image) error {
	for y := range m.Height {
		row := m.Row(y)
		for x, v := range row {
			class := c.of[v]
			if class < 0 {
				return &maskError{fmt.Sprintf("the pixel at (%d, %d) has the value %d, which is no "+
					"class: list it in mask_classes (black and white masks have "+
					"mask_classes=[0, 255]), or pass mask_ignore=%d to leave such pixels out", x, y,
					v, v)}
			}
			row[x] = byte(class)
		}
	}
	return nil
}

// maskError is the error of a file that is no mask of its image, with the remedy.
type maskError struct{ text string }

func (e *maskError) Error() string  { return e.text }
func (e *maskError) Remedy() string { return "" } // it is part of the text

// wrongSize is the error of a mask that does not have the size of its image.
func wrongSize(mask, img image.Point) error {
	remedy := "make both of one size"
	if mask.X == img.Y && mask.Y == img.X {
		remedy = "turn the mask, or pass exif=False if it was made from the pixels as stored"
	}
	return &maskError{fmt.Sprintf("it has %d x %d pixels, but the image has %d x %d: %s", mask.X,
		mask.Y, img.X, img.Y, remedy)}
}
