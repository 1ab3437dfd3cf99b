package mix

import (
	"fmt"
	"image"
)

func init() { policies.Register("custom", func() Policy { return new(Custom) }) }

// Custom leaves the mixing to the caller, who gets all images of a row and their labels
// as they are.
type Custom struct {
	N int `json:"images"` // per row, its own included
}

// Validate reports a number of images that no row can have.
func (c *Custom) Validate() error {
	if c.N < 2 || c.N > MaxImages {
		return fmt.Errorf("mix: images of Custom must be from 2 to %d, but is %d", MaxImages, c.N)
	}
	return nil
}

// Images is N.
func (c *Custom) Images() int { return c.N }

// Draw draws nothing.
func (c *Custom) Draw(Seeds, image.Point) Blend { return Unmixed }
