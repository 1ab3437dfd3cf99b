package imagefile

import (
	"bytes"
	"image"
	"testing"

	"mixfolder/core/raster"
)

// EXIF's definition of the tag: where row 0 and column 0 of the stored image are in the
// upright one. Per orientation: the stored pixel at x, y of the upright image of w x h.
var turnReference = map[orientation]func(x, y, w, h int) (int, int){
	upright:     func(x, y, w, h int) (int, int) { return x, y },
	mirrored:    func(x, y, w, h int) (int, int) { return w - 1 - x, y },
	rotated180:  func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
	flipped:     func(x, y, w, h int) (int, int) { return x, h - 1 - y },
	transposed:  func(x, y, w, h int) (int, int) { return y, x },
	rotated90:   func(x, y, w, h int) (int, int) { return y, w - 1 - x },
	transversed: func(x, y, w, h int) (int, int) { return h - 1 - y, w - 1 - x },
	rotated270:  func(x, y, w, h int) (int, int) { return h - 1 - y, x },
}

func TestTurn(t *testing.T) {
	const w, h = 71, 45 // of the upright image: more than a tile
	for turn, stored := range turnReference {
		for _, mode := range []Mode{Gray, RGBA} {
			src := newImage(w, h, mode)
			if turn.swaps() {
				src = newImage(h, w, mode)
			}
			for i := range src.Pix {
				src.Pix[i] = byte(i * 7 >> 2)
			}
			size := src.PixelSize
			for _, region := range []image.Rectangle{image.Rect(0, 0, w, h), image.Rect(5, 3, 62,
				40), image.Rect(70, 44, 71, 45), image.Rect(0, 9, 71, 10)} {
				part := turn.stored(region, w, h)
				cut := src.Crop(part)
				dst := newImage(region.Dx(), region.Dy(), mode)
				turn.apply(dst, cut)
				for y := region.Min.Y; y < region.Max.Y; y++ {
					for x := region.Min.X; x < region.Max.X; x++ {
						sx, sy := stored(x, y, w, h)
						got := dst.Pix[(y-region.Min.Y)*dst.Stride+(x-region.Min.X)*size:][:size]
						if want := src.Pix[sy*src.Stride+sx*size:][:size]; !bytes.Equal(got, want) {
							t.Fatalf("turn %d, region %v: pixel %d, %d is %v, want %v", turn,
								region, x, y, got, want)
						}
					}
				}
			}
		}
	}
}

func TestOrientationOf(t *testing.T) {
	for n, want := range map[int64]orientation{0: upright, 1: upright, 6: rotated90, 8: rotated270,
		9: upright, 1 << 31: upright, -1: upright} {
		if got := orientationOf(n); got != want {
			t.Errorf("orientationOf(%d) = %d, want %d", n, got, want)
		}
	}
}

// Expected values were computed by hand. At 1/4 size, pixels 5 to 18 across and 6 to 23
// down are 1.25 to 4.5 and 1.5 to 5.75 of the stored image; the decoded pixels are its
// 1 to 5 and 1 to 6.
func TestShown(t *testing.T) {
	exact, whole := image.Rect(5, 6, 18, 23), image.Rect(1, 1, 5, 6)
	for turn, want := range map[orientation]raster.Rect{
		upright:     {Left: 0.25, Top: 0.5, Right: 3.5, Bottom: 4.75},
		mirrored:    {Left: 0.5, Top: 0.5, Right: 3.75, Bottom: 4.75},
		rotated180:  {Left: 0.5, Top: 0.25, Right: 3.75, Bottom: 4.5},
		flipped:     {Left: 0.25, Top: 0.25, Right: 3.5, Bottom: 4.5},
		transposed:  {Left: 0.5, Top: 0.25, Right: 4.75, Bottom: 3.5},
		rotated90:   {Left: 0.25, Top: 0.25, Right: 4.5, Bottom: 3.5},
		transversed: {Left: 0.25, Top: 0.5, Right: 4.5, Bottom: 3.75},
		rotated270:  {Left: 0.5, Top: 0.5, Right: 4.75, Bottom: 3.75},
	} {
		if got := turn.shown(exact, whole, 4); got != want {
			t.Errorf("turn %d: %v, want %v", turn, got, want)
		}
	}
}
