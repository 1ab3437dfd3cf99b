package imageop

import (
	"fmt"
	"math"

	"mixfolder/core/raster"
)

// Posterize (bits) keeps the upper bits, 1 to 8. As Pillow's ImageOps.posterize.
var Posterize = register(Kind{
	name:   "posterize",
	params: []string{"bits"},
	check: func(o *Op) error {
		if v := o.Args[0]; v != math.Trunc(v) || v < 1 || v > 8 {
			return fmt.Errorf("imageop: bits of posterize is %v, must be a whole number from 1 "+
				"to 8", v)
		}
		return nil
	},
	lut: func(_ *Engine, _ *raster.Image, o *Op, t *tables) {
		mask := byte(1<<(8-int(o.Args[0])) - 1)
		t.all(func(v int) byte { return byte(v) &^ mask })
	},
})
