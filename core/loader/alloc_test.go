package loader

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"mixfolder/core/plan"
)

// TestAPictureAllocatesNothing follows one worker over JPEG files, as passes do; other formats allocate in their own decoders.
func TestAPictureAllocatesNothing(t *testing.T) {
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
		if err := os.WriteFile(filepath.Join(class, string(rune('0'+i))+".jpg"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	random := &Crop{Scale: [2]float64{0.08, 1}, Ratio: [2]float64{0.75, 1.3}}
	for _, c := range []struct {
		crop   *Crop
		shrink bool
	}{{nil, false}, {random, false}, {nil, true}, {random, true}} {
		o := options(1)
		o.Crop, o.FastShrink = c.crop, c.shrink
		l := open(t, root, o)
		w := newWorker(&l.steps)
		scratch := make([]byte, l.steps.format.Height*l.steps.format.Width*l.steps.format.Channels)
		at := 0
		if n := testing.AllocsPerRun(100, func() {
			at++
			if _, err := w.picture(scratch, l, plan.View{File: int32(at % 4), Crop: uint64(at % 3), FlipHorizontal: at%2 == 0}); err != nil {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%+v: %v allocations a picture", c, n)
		}
	}
}
