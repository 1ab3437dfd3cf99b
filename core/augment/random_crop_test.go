package augment

import (
	"image"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
)

// TestRandomCrop: all shifts are equally likely, and the padding of Aspect stays.
func TestRandomCrop(t *testing.T) {
	g := Geometry{Crop: &RandomCrop{Padding: 2},
		Aspect: Aspect{Height: 100, Width: 200, Pad: true}}
	if !g.Random() {
		t.Error("not random")
	}
	seen := map[image.Point]float64{}
	for seed := range uint64(25 * 200) {
		v := g.Draw(rng.Key(seed, 0, 0), image.Pt(300, 300))
		shift := image.Pt(int(v.Drawn[0].Values[0]), int(v.Drawn[0].Values[1]))
		if v.Moved != (shift != image.Point{}) || v.Region != image.Rect(0, 0, 300, 300) ||
			v.Target != image.Rect(50, 0, 150, 100) {
			t.Fatalf("%+v", v)
		}
		seen[shift]++
	}
	for shift, n := range seen {
		if max(shift.X, -shift.X, shift.Y, -shift.Y) > 2 || n < 140 || n > 260 {
			t.Errorf("%v was drawn %v times, want about 200", shift, n)
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d shifts of 25", len(seen))
	}
}

// TestRandomCropPadsAndCrops: the one map has the pixels of resizing, padding and
// cropping in turn.
func TestRandomCropPadsAndCrops(t *testing.T) {
	const width, height = 24, 20
	pix := make([]byte, 61*47+raster.Slack)
	for i := range pix {
		pix[i] = byte(rng.Mix64(uint64(i)))
	}
	src := resample.Source{Image: raster.Packed(pix[:61*47], 61, 47, 1)}
	reduce := resample.ResizeOptions{Filter: resample.Bilinear, Antialias: true}
	var r resample.Resampler
	var small, got [width * height]byte
	if err := r.Resize(raster.Packed(small[:], width, height, 1), src, reduce); err != nil {
		t.Fatal(err)
	}
	g := Geometry{Crop: &RandomCrop{Padding: 4, Value: [4]byte{77}},
		Aspect: Aspect{Height: height, Width: width}, Flip: Flip{Horizontal: true}}
	for seed := range uint64(40) {
		v := g.Draw(rng.Key(seed, 0, 0), image.Pt(61, 47))
		if !v.Moved {
			continue
		}
		shiftX, shiftY := int(v.Drawn[0].Values[0]), int(v.Drawn[0].Values[1])
		m := v.Compose(raster.Rect{Right: 61, Bottom: 47})
		spec := resample.AffineOptions{Reduce: reduce, SampleOptions: resample.SampleOptions{
			Bilinear: true, Fill: v.Fill, Value: v.FillValue}}
		if err := r.Affine(raster.Packed(got[:], width, height, 1), src, m, spec); err != nil {
			t.Fatal(err)
		}
		for p, value := range got {
			x, y, want := p%width, p/width+shiftY, byte(77)
			if v.FlipHorizontal {
				x = width - 1 - x
			}
			if x += shiftX; x >= 0 && x < width && y >= 0 && y < height {
				want = small[y*width+x]
			}
			if value != want {
				t.Fatalf("shift (%d, %d): pixel %d is %d, want %d", shiftX, shiftY, p, value, want)
			}
		}
	}
}
