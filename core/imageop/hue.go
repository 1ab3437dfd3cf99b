package imageop

import (
	"fmt"
	"math"

	"mixfolder/core/raster"
)

// Hue (shift) shifts hues by a fraction of the color circle, -0.5 to 0.5. As
// torchvision's adjust_hue of a Pillow image: via 8-bit HSV, so that even a shift of 0
// changes colors a little. Gray images are unchanged.
var Hue = register(Kind{
	name:      "hue",
	params:    []string{"shift"},
	colorOnly: true,
	check: func(o *Op) error {
		if v := o.Args[0]; math.Abs(v) > 0.5 {
			return fmt.Errorf("imageop: shift of hue is %v, must be from -0.5 to 0.5", v)
		}
		return nil
	},
	apply: func(_ *Engine, p *raster.Image, o *Op) error {
		// The conversion to int truncates, as NumPy's does there.
		rotateHue(p, uint8(int(o.Args[0]*255)))
		return nil
	},
})
