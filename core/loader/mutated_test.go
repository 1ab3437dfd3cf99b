package loader

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mixfolder/core/plan"
	"mixfolder/core/rng"
	"mixfolder/core/workpool"
)

// tooLong is the time for one small file, with sanitizers, above which it counts as a
// hang.
const tooLong = 20 * time.Second

// TestMutated sends damaged images of every format through the whole pipeline: each is
// an image or an error, never a panic or a hang. MUTATIONS in the environment says how
// many; `make sanitize` runs it with the C kernels under AddressSanitizer.
func TestMutated(t *testing.T) {
	count := 400
	if s := os.Getenv("MUTATIONS"); s != "" {
		var err error
		if count, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	files := corpus(t)
	root := t.TempDir()
	path := filepath.Join(root, "class", "mutated.jpg")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(nil)
	trials := []*trial{}
	for _, o := range differentOptions() {
		trials = append(trials, newTrial(open(t, root, o)))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	good, panics, slowest := 0, 0, time.Duration(0)
	for i := range count {
		data := mutated(rnd, files)
		write(data)
		start := time.Now()
		err := trials[i%len(trials)].run(rnd)
		took := time.Since(start)
		slowest = max(slowest, took)
		switch {
		case err == nil:
			good++
		// A decoder of the standard library panicked and was recovered.
		case strings.Contains(err.Error(), "panicked"):
			panics++
		}
		if errors.Is(err, workpool.ErrInternal) || took > tooLong {
			kept := filepath.Join(t.ArtifactDir(), "mutated-"+strconv.Itoa(i))
			if e := os.WriteFile(kept, data, 0o644); e != nil {
				t.Error(e)
			}
			t.Errorf("mutation %d (kept with -artifacts as %s): %v after %v", i, kept, err, took)
		}
	}
	if good == 0 || good == count {
		t.Errorf("%d of %d files are good: they should be damaged, but not all beyond repair", good,
			count)
	}
	t.Logf("%d files: %d images, %d errors (%d recovered panics of other decoders), slowest %v",
		count, good, count-good, panics, slowest)
}

// trial is one worker of a loader with one file.
type trial struct {
	loader  *Loader
	worker  *worker
	scratch []byte
	x       []byte
}

func newTrial(l *Loader) *trial {
	f := &l.phases[0].format
	return &trial{l, l.newWorker(), make([]byte, f.Height*f.Width*f.Channels),
		make([]byte, f.Bytes())}
}

func (w *trial) run(rnd *rand.Rand) error {
	m := plan.Image{Seed: rng.Seed{rnd.Uint64(), rnd.Uint64()}}
	return workpool.Recover(func() error {
		p, err := w.loader.image(w.worker, w.scratch, m, &w.loader.phases[0].transforms)
		if err == nil {
			w.loader.phases[0].mixer.Image(w.x, p, p, 0.3)
		}
		return err
	})
}

func differentOptions() []Options {
	plain := options(1)
	most := 1 << 21
	plain.MaxPixels = &most
	plain.ImageSize, plain.Flip = [2]int{19, 33}, "both"
	gray := plain
	gray.Augment = everything
	gray.ColorMode, gray.Truncated, gray.Interpolation = "grayscale", "keep", "lanczos"
	crop := plain
	crop.ColorMode, crop.Crop, crop.DType = "rgba", policy(inception), "uint8"
	crop.Affine, crop.Augment = policy(affine), everything
	small := plain
	small.DCTScaling, small.Background, small.ImageSize = true, &[3]int{1, 2, 3}, [2]int{5, 6}
	shrunkCrop := crop
	shrunkCrop.DCTScaling, shrunkCrop.Truncated, shrunkCrop.ColorMode = true, "keep", "rgb"
	aliased := plain
	aliased.Antialias, aliased.PadToAspectRatio = false, true
	aliased.EXIF, aliased.DataFormat = false, "channels_first"
	return []Options{plain, gray, crop, small, shrunkCrop, aliased}
}

// corpus is the content of the decoders' test files, by name.
func corpus(t *testing.T) [][]byte {
	var files [][]byte
	const jpegs = "../imagefile/jpeg/testdata/"
	for _, pattern := range []string{"../imagefile/testdata/*.*", jpegs + "*.jpg",
		jpegs + "arithmetic/*.jpg", jpegs + "refused/*"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no test files at %s: %v", pattern, err)
		}
		for _, name := range names {
			if data, err := os.ReadFile(name); err == nil && len(data) > 0 &&
				!slices.Contains([]string{".py", ".json", ".jsonl"}, filepath.Ext(name)) {
				files = append(files, data)
			}
		}
	}
	return files
}

// mutated is a damaged file: bits flipped, bytes overwritten, cut out or cut off, or
// the head of one file before the tail of another.
func mutated(rnd *rand.Rand, files [][]byte) []byte {
	data := bytes.Clone(files[rnd.IntN(len(files))])
	for range 1 + rnd.IntN(3) {
		at := rnd.IntN(len(data))
		if rnd.IntN(3) == 0 { // most of what a decoder believes stands near the beginning
			at = rnd.IntN(min(len(data), 200))
		}
		end := min(len(data), at+1+rnd.IntN(20))
		switch rnd.IntN(7) {
		case 0, 1:
			data[at] ^= 1 << rnd.IntN(8)
		case 2:
			for i := at; i < end; i++ {
				data[i] = byte(rnd.Uint32())
			}
		case 3:
			for i := at; i < end; i++ {
				data[i] = []byte{0, 0xff}[i&1&rnd.IntN(2)]
			}
		case 4:
			data = slices.Delete(data, at, end)
		case 5:
			data = data[:at]
		case 6:
			other := files[rnd.IntN(len(files))]
			data = append(data[:at], other[rnd.IntN(len(other)):]...)
		}
		if len(data) == 0 {
			return data
		}
	}
	return data
}
