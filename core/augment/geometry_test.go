package augment

import (
	"image"
	"math"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
)

// seedWith is the first seed that flips as asked.
func seedWith(horizontal, vertical bool) rng.Seed {
	for i := uint64(0); ; i++ {
		seed := rng.Key(i, 0, 0)
		h, v := Flip{true, true}.Draw(seed)
		if h == horizontal && v == vertical {
			return seed
		}
	}
}

func TestGeometry(t *testing.T) {
	g := Geometry{Aspect: Aspect{Height: 100, Width: 200}, Flip: Flip{Horizontal: true}}
	seed, size := seedWith(true, false), image.Pt(300, 400)
	v := g.Draw(seed, size)
	if v.Moved || v.Map != raster.Identity || !v.FlipHorizontal || g.Random() {
		t.Errorf("without a map: %+v", v)
	}
	g.Affine = &RandomAffine{Zoom: pair{1, 1}}
	v = g.Draw(seed, size)
	if v.Moved || !v.FlipHorizontal || v.Drawn[1].Name != "random_affine" {
		t.Errorf("with a map that moves nothing: %+v", v)
	}
	g.Affine = wild
	g.Crop = &RandomCrop{Padding: 4, Fill: resample.FillConstant}
	v = g.Draw(seed, size)
	if !v.Moved || !g.Random() || v.Fill != resample.FillNearest || v.TwoStep {
		t.Fatalf("%+v", v)
	}
	// Point by point: flip, affine, shift, then from the target to the region.
	d := v.Drawn[1].Values
	draw := affineDraw{d[0], d[1], d[2], d[3], d[4], d[5]}
	x, y := wild.matrix(draw, 200, 100).At(200-30, 20)
	x, y = x+v.Drawn[0].Values[0], y+v.Drawn[0].Values[1]
	gotX, gotY := v.Map.At(30, 20)
	if math.Abs(gotX-x) > 1e-9 || math.Abs(gotY-y) > 1e-9 {
		t.Errorf("(%v, %v), want (%v, %v)", gotX, gotY, x, y)
	}
	v.Target = image.Rect(50, 0, 150, 100)
	part := raster.Rect{Left: 1000, Top: 100, Right: 1300, Bottom: 500}
	gotX, gotY = v.Compose(part).At(30, 20)
	if math.Abs(gotX-(1000+(x-50)*3)) > 1e-9 || math.Abs(gotY-(100+y*4)) > 1e-9 {
		t.Errorf("on the image (%v, %v)", gotX, gotY)
	}
	g.Affine = &RandomAffine{Rotation: pair{5, 6}, Zoom: pair{1, 1}, LegacyAxes: true}
	if v := g.Draw(seed, size); !v.TwoStep || v.Fill != resample.FillConstantCenters {
		t.Errorf("legacy %+v", v)
	}
}

// TestMapThatUndoesTheFlips: an identity that includes flips must not flip again.
func TestMapThatUndoesTheFlips(t *testing.T) {
	g := Geometry{Aspect: Aspect{Height: 100, Width: 200}, Flip: Flip{true, true},
		Affine: &RandomAffine{Rotation: pair{180, 180}, Zoom: pair{1, 1}}}
	v := g.Draw(seedWith(true, true), image.Pt(300, 400))
	if x, y := v.Map.At(30, 20); !v.Moved || math.Abs(x-30) > 1e-9 || math.Abs(y-20) > 1e-9 {
		t.Errorf("%+v", v)
	}
}

// TestDrawsOfGeometryAreIndependent: crop, affine map and flips do not change each
// other's draws.
func TestDrawsOfGeometryAreIndependent(t *testing.T) {
	size, aspect := image.Pt(500, 400), Aspect{Height: 100, Width: 200}
	all := Geometry{Aspect: aspect, Crop: inception, Affine: wild, Flip: Flip{true, true}}
	regions, flips := map[image.Rectangle]bool{}, map[Flip]int{}
	for i := range uint64(40) {
		seed := rng.Key(4, 1, i)
		v := all.Draw(seed, size)
		crop := (&Geometry{Aspect: aspect, Crop: inception}).Draw(seed, size)
		affine := (&Geometry{Aspect: aspect, Affine: wild}).Draw(seed, size)
		flip := (&Geometry{Aspect: aspect, Flip: Flip{Horizontal: true}}).Draw(seed, size)
		if crop.Region != v.Region || affine.Drawn[1].Values != v.Drawn[1].Values ||
			flip.FlipHorizontal != v.FlipHorizontal || flip.FlipVertical {
			t.Errorf("together %+v, alone %+v, %+v, %+v", v, crop, affine, flip)
		}
		regions[v.Region] = true
		flips[Flip{v.FlipHorizontal, v.FlipVertical}]++
	}
	if len(regions) != 40 || len(flips) != 4 {
		t.Errorf("%d regions of 40 images, flips %v", len(regions), flips)
	}
}

func TestGeometryDoesNotAllocate(t *testing.T) {
	g := Geometry{Aspect: Aspect{Height: 100, Width: 200}, Affine: wild, Flip: Flip{true, true}}
	for _, g.Crop = range []Crop{inception, &CenterCrop{0.9}, &RandomCrop{Padding: 4}} {
		i := uint64(0)
		if n := testing.AllocsPerRun(100, func() {
			i++
			g.Draw(rng.Key(1, 1, i), image.Pt(500, 400))
		}); n > 0 {
			t.Errorf("%T: %v allocations", g.Crop, n)
		}
	}
}
