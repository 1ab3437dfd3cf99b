//go:build unix

package loader

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mixfolder/core/source"
)

// withMasks are options with a mask for each image of flowers: class 1 in the upper half,
// class 0 below.
func withMasks(t *testing.T, root string, o Options) Options {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 20, 30))
	copy(m.Pix, bytes.Repeat([]byte{1}, 20*15))
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	masks := t.TempDir()
	images, err := filepath.Glob(filepath.Join(root, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range images {
		name := filepath.Join(masks, strings.TrimPrefix(path, root))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o.Masks = &MaskFiles{Source: source.Dir(masks)}
	o.MaskClasses = []int{0, 1}
	return o
}

// TestMasksFollowTheLabels in y.
func TestMasksFollowTheLabels(t *testing.T) {
	root := flowers(t, 3)
	o := withMasks(t, root, options(2))
	o.MaskMode, o.Mix = "int", policy(`{"cutmix": {"alpha": 1, "box": "clipped", "minmax": null}}`)
	l := open(t, root, o)
	spec := l.batchSpec(l.phases[0])
	if len(spec.Y) != 2 || spec.Y[1].Role != Masks || spec.Y[1].DType != "int32" ||
		len(spec.Y[1].Shape) != 2 {
		t.Fatalf("%+v", spec)
	}
	_, y, err := batch(t, l, 0, 1) // of 2 rows
	if err != nil {
		t.Fatal(err)
	}
	const labels = 2 * 2 * 4
	if len(y) != labels+2*8*9*4 {
		t.Fatalf("%d bytes", len(y))
	}
	for i := range 2 * 8 * 9 {
		want := uint32(1)
		if i/9%8 >= 4 {
			want = 0
		}
		if got := binary.NativeEndian.Uint32(y[labels+4*i:]); got != want {
			t.Fatalf("pixel %d is %d, want %d", i, got, want)
		}
	}
}

func TestMaskOptionsAreRefused(t *testing.T) {
	root := flowers(t, 3)
	for want, change := range map[string]func(o *Options){
		"mix=Custom cannot mix masks":   func(o *Options) { o.Unmixed = true },
		`mask_mode="int" has one class`: func(o *Options) { o.MaskMode = "int" },
		"masks need mask_classes":       func(o *Options) { o.MaskClasses = nil },
		"6 files, but 1 masks":          func(o *Options) { o.Masks.Names = []string{"a"} },
	} {
		o := withMasks(t, root, options(1))
		change(&o)
		l, err := Open(source.Dir(root), nil, o, nil)
		if err == nil {
			closedLater(t)(l, nil)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestARowWithAMaskAllocatesNothing in its second stage.
func TestARowWithAMaskAllocatesNothing(t *testing.T) {
	root := flowers(t, 4)
	l := open(t, root, withMasks(t, root, options(1)))
	testRowAllocations(t, l)
}

// TestMasksHaveTheSizeOfThePhase, with and without a cache.
func TestMasksHaveTheSizeOfThePhase(t *testing.T) {
	root := flowers(t, 3)
	for _, cache := range []string{"", "memory"} {
		o := withMasks(t, root, options(2))
		o.Heads, o.MaskMode, o.Cache = nil, "int", cache
		o.Mix = policy(`{"gridmix": {"cell": 3, "alpha": 1}}`)
		o.Schedule.ImageSize = changes[[2]int]{{0, [2]int{8, 9}}, {1, [2]int{4, 6}},
			{2, [2]int{30, 20}}}
		l := open(t, root, o)
		for epoch := range uint64(6) {
			size := [][2]int{{8, 9}, {4, 6}, {30, 20}}[min(epoch, 2)]
			_, y, err := batch(t, l, epoch, 0)
			if err != nil {
				t.Fatal(err)
			}
			n := size[0] * size[1]
			if len(y) != 4*n*4 {
				t.Fatalf("epoch %d: %d bytes", epoch, len(y))
			}
			for i := range 4 * n {
				want := uint32(1)
				if i/size[1]%size[0] >= size[0]/2 {
					want = 0
				}
				if got := binary.NativeEndian.Uint32(y[4*i:]); got != want {
					t.Fatalf("epoch %d, pixel %d is %d, want %d", epoch, i, got, want)
				}
			}
		}
	}
}

// A blend in any phase is too much for numbers.
func TestNoPhaseBlendsNumbers(t *testing.T) {
	root := flowers(t, 3)
	o := withMasks(t, root, options(1))
	o.MaskMode, o.Mix = "int", nil
	o.Schedule.Mix = changes[*json.RawMessage]{{0, nil}, {5, policy(`{"mixup": {"alpha": 1}}`)}}
	l, err := Open(source.Dir(root), nil, o, nil)
	if err == nil {
		closedLater(t)(l, nil)
	}
	if err == nil || !strings.Contains(err.Error(), `mask_mode="int" has one class`) {
		t.Errorf("error %v", err)
	}
}
