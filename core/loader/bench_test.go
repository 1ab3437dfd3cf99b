package loader

import (
	"os"
	"testing"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
)

const photos = "../../../shared/data/photos"

// BenchmarkImage brings a photograph to 224 x 224 on one worker, and mixes two; ns/op
// is per image.
func BenchmarkImage(b *testing.B) {
	if _, err := os.Stat(photos); err != nil {
		b.Skip("no photographs: ../shared/data/photos beside the repository is missing")
	}
	whole := options(1)
	whole.ImageSize, whole.Flip = [2]int{224, 224}, "horizontal"
	cropped := whole
	cropped.Crop = policy(inception)
	shrunk := whole
	shrunk.DCTScaling = true
	augmented := whole
	augmented.Affine, augmented.Augment = policy(affine), everything[:2]
	cached := whole
	cached.Cache = "memory"
	cachedCrop := cropped
	cachedCrop.Cache = "memory"
	for _, c := range []struct {
		name string
		o    Options
	}{{"whole", whole}, {"whole shrunk", shrunk}, {"crop", cropped}, {"affine, jitter, shift",
		augmented}, {"cached", cached}, {"cached crop", cachedCrop}} {
		b.Run(c.name, func(b *testing.B) {
			l := open(b, photos, c.o)
			w := l.newWorker()
			f := &l.phases[0].format
			scratch := [2][]byte{make([]byte, f.Height*f.Width*f.Channels),
				make([]byte, f.Height*f.Width*f.Channels)}
			x := make([]byte, f.Bytes())
			before := scratch[1]
			step := func(i int) {
				m := plan.Image{File: int32(i % len(l.members)), Seed: rng.Key(1, 0, uint64(i))}
				p, err := l.image(w, scratch[i%2], m, &l.phases[0].transforms)
				if err != nil {
					b.Fatal(err)
				}
				l.phases[0].mixer.Image(x, p, before, 0.3)
				before = p
			}
			for i := range len(l.members) {
				step(i)
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				step(i)
			}
		})
	}
}
