package loader

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
)

// TestAnImageAllocatesNothing follows one worker over JPEG files, as epochs do; other
// formats allocate in their own decoders.
func TestAnImageAllocatesNothing(t *testing.T) {
	root := t.TempDir()
	for i := range 4 {
		m := image.NewYCbCr(image.Rect(0, 0, 100+7*i, 80), image.YCbCrSubsampleRatio420)
		for k := range m.Y {
			m.Y[k] = byte(k * (i + 1))
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, nil); err != nil {
			t.Fatal(err)
		}
		class := filepath.Join(root, "ab"[i/2:i/2+1])
		if err := os.MkdirAll(class, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(class, string(rune('0'+i))+".jpg"), b.Bytes(),
			0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		crop    string
		shrink  bool
		augment []json.RawMessage
		onError string
	}{{"", false, nil, "raise"}, {inception, false, nil, "raise"}, {"", true, nil,
		"raise"}, {inception, true, nil, "raise"},
		{inception, true, everything, "raise"}, {inception, true, everything, "skip"}} {
		o := options(1)
		o.Crop, o.DCTScaling, o.Augment, o.OnError = policy(c.crop), c.shrink, c.augment, c.onError
		if c.augment != nil {
			o.Affine, o.Flip = policy(affine), "horizontal"
		}
		l := open(t, root, o)
		w := l.newWorker()
		scratch := make([]byte, l.phases[0].transforms.Target().Bytes())
		at := 0
		next := func() {
			at++
			m := plan.Image{File: int32(at % 4), Seed: rng.Key(1, 0, uint64(at%15))}
			if _, err := l.image(w, scratch, m, &l.phases[0].transforms); err != nil {
				t.Fatal(err)
			}
		}
		for range 4 * 15 { // every one once: memory grows to the largest
			next()
		}
		if n := testing.AllocsPerRun(100, next); n > 0 {
			t.Errorf("%q %v, %d augmentations, on_error=%q: %v allocations per image", c.crop,
				c.shrink, len(c.augment), c.onError, n)
		}
	}
}

// TestARowAllocatesNothing mixes the rows of a batch again and again, with their
// labels and weights.
func TestARowAllocatesNothing(t *testing.T) {
	root, threshold := flowers(t, 4), 0.2
	for _, change := range []func(o *Options){
		func(*Options) {},
		func(o *Options) { o.Mix = policy(`{"custom": {"images": 3}}`) },
		func(o *Options) { o.Unmixed = true },
		func(o *Options) { o.Targets, o.Heads[0].LabelMode = "pair", "int" },
		func(o *Options) { o.Heads[0].LabelSmoothing, o.Heads[0].Binarize = 0.1, &threshold },
		func(o *Options) { o.Shard.Index, o.Shard.Count, o.BatchSize = 1, 2, 14 }, // fillers
	} {
		o := options(1)
		o.SampleWeights = true
		change(&o)
		testRowAllocations(t, open(t, root, o))
	}
}

func testRowAllocations(t *testing.T, l *Loader) {
	t.Helper()
	nx, ny := l.BatchBytes(0, 0)
	p := l.phases[0]
	q := l.newBatch(0, l.planned(0, 0), p.mixer, l.unmixed(p), make([]byte, nx), make([]byte, ny))
	w := l.newWorker()
	for _, s := range q.Stages {
		for i := range s.N {
			if err := s.Run(w, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	row := func() {
		if err := q.Stages[2].Run(w, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, row); n > 0 {
		t.Errorf("%v allocations per row", n)
	}
}
