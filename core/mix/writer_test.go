package mix

import (
	"bytes"
	"encoding/json"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"mixfolder/core/raster"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
	"mixfolder/core/simd/simdtest"
)

const testHeight, testWidth = 23, 29

// checkered has alternating runs of 1 and 0, of random lengths.
var checkered = &MaskKind{Name: "checkered", Binary: true,
	Render: func(weights []float32, size image.Point, m *Mask, _ *Scratch) {
		r, v := m.Seed.Stream("test"), float32(1)
		for i := 0; i < size.X*size.Y; v = 1 - v {
			for n := 1 + r.IntN(40); n > 0 && i < size.X*size.Y; n-- {
				weights[i] = v
				i++
			}
		}
	}}

// smooth has another weight at each pixel, up to Args[0].
var smooth = &MaskKind{Name: "smooth",
	Render: func(weights []float32, size image.Point, m *Mask, _ *Scratch) {
		for i := range weights {
			weights[i] = float32(m.Args[0]) * float32(i) / float32(size.X*size.Y)
		}
	}}

// blends are one of each kind, and combinations.
func blends() []Blend {
	half := [MaxImages]float64{0.5, 0.5}
	boxes := [MaxImages]Box{
		{1, image.Rect(3, 4, 13, 9), image.Rect(3, 4, 13, 9)},   // CutMix
		{2, image.Rect(0, 0, 7, 7), image.Rect(22, 16, 29, 23)}, // a part moved to a corner
		{3, image.Rect(5, 5, 6, 6), image.Rect(4, 5, 5, 6)},     // over the first one
		{0, image.Rect(0, 0, 29, 23), image.Rect(9, 9, 9, 9)},   // empty
	}
	seed := rng.Key(1, 2, 3)
	return []Blend{
		Unmixed,
		{Labels: half, Weight: 0.3},
		{Labels: half, Weight: 1, Boxes: boxes},
		{Labels: half, Weight: 0.3, Boxes: boxes},
		{Labels: half, Weight: 1, Mask: Mask{Kind: checkered, Seed: seed}},
		{Labels: half, Weight: 1, Mask: Mask{Kind: checkered, Seed: seed}, Boxes: boxes},
		{Labels: half, Weight: 1, Mask: Mask{Kind: smooth, Args: [4]float64{0.9}}},
		{Labels: half, Weight: 1, Mask: Mask{Kind: smooth, Args: [4]float64{1}}, Boxes: boxes},
	}
}

// expected writes each pixel by itself: Image of the whole row for its own two colors and
// weight.
func expected(m *Mixer, images [][]byte, b Blend) []byte {
	f := m.format
	n, size := f.Height*f.Width, f.DType.size()
	weights := slices.Repeat([]float32{float32(b.Weight)}, n)
	if b.Mask.Kind != nil {
		b.Mask.Kind.Render(weights, image.Pt(f.Width, f.Height), &b.Mask, new(Scratch))
	}
	dst := make([]byte, f.Bytes())
	for i := range n {
		at := func(k, pixel int) []byte { return images[k][pixel*f.Channels:][:f.Channels] }
		p, q, lam := at(0, i), at(1, i), weights[i]
		for _, box := range b.Boxes {
			if here := image.Pt(i%f.Width, i/f.Width); here.In(box.To) {
				from := here.Sub(box.To.Min).Add(box.From.Min)
				p = at(box.Image, from.Y*f.Width+from.X)
				q, lam = p, 1
			}
		}
		one := f
		one.Height, one.Width = 1, 1
		values := reference(one, p, q, lam)
		for c := range f.Channels {
			to := i*f.Channels + c
			if f.ChannelsFirst {
				to = c*n + i
			}
			copy(dst[to*size:], values[c*size:][:size])
		}
	}
	return dst
}

func fourImages(f Format) [][]byte {
	images := make([][]byte, MaxImages)
	for i := range images {
		images[i] = noise(uint64(i+7), f.Height*f.Width*f.Channels)
	}
	return images
}

func TestWrite(t *testing.T) {
	simdtest.Each(t, func(t *testing.T) {
		var s Scratch // one for all: what is left from a format must not matter
		for _, f := range formats(testHeight, testWidth) {
			m, images := newMixer(t, f), fourImages(f)
			before := bytes.Join(images, nil)
			for i, b := range blends() {
				got := bytes.Repeat([]byte{0xa5}, f.Bytes())
				if err := m.Write(got, images, &b, &s); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, expected(m, images, b)) {
					t.Fatalf("%+v, blend %d: not what the definition says", f, i)
				}
			}
			if !bytes.Equal(bytes.Join(images, nil), before) {
				t.Fatal("the images were changed")
			}
		}
	})
}

// TestLargeMask goes through more than one call of a kernel.
func TestLargeMask(t *testing.T) {
	level := &MaskKind{Render: func(weights []float32, _ image.Point, m *Mask, _ *Scratch) {
		for i := range weights {
			weights[i] = float32(m.Args[0])
		}
	}}
	for _, first := range []bool{false, true} {
		f := Format{Height: 701, Width: 608, Channels: 3, ChannelsFirst: first, Scale: one}
		m, images := newMixer(t, f), fourImages(f)
		got, want := make([]byte, f.Bytes()), make([]byte, f.Bytes())
		b := Blend{Mask: Mask{Kind: level, Args: [4]float64{0.25}}}
		if err := m.Write(got, images, &b, &Scratch{}); err != nil {
			t.Fatal(err)
		}
		m.Image(want, images[0], images[1], 0.25)
		if !bytes.Equal(got, want) {
			t.Errorf("channels first %v: not the same as a weighted sum", first)
		}
	}
}

// TestWriteResizesBoxes shows parts in other sizes: whole images in the quarters of the
// row, as ResizeMix and Mosaic do.
func TestWriteResizesBoxes(t *testing.T) {
	whole := image.Rect(0, 0, testWidth, testHeight)
	b := Blend{Weight: 1, Boxes: [MaxImages]Box{
		{0, whole, image.Rect(0, 0, 10, 12)}, {1, whole, image.Rect(10, 0, 29, 12)},
		{2, image.Rect(3, 3, 23, 13), image.Rect(0, 12, 10, 23)},
		{3, whole, image.Rect(10, 12, 29, 23)},
	}}
	for _, f := range formats(testHeight, testWidth) {
		if f.DType != Uint8 || f.ChannelsFirst || f.Reverse {
			continue
		}
		f.Resize = resample.ResizeOptions{Filter: resample.Bilinear, Antialias: true}
		m, images := newMixer(t, f), fourImages(f)
		got, want := make([]byte, f.Bytes()), make([]byte, f.Bytes())
		if err := m.Write(got, images, &b, &Scratch{}); err != nil {
			t.Fatal(err)
		}
		var r resample.Resampler
		for _, box := range b.Boxes {
			all := raster.Packed(images[box.Image], testWidth, testHeight, f.Channels)
			part := (&Scratch{}).source(all.Crop(box.From))
			target := raster.Packed(want, testWidth, testHeight, f.Channels).Crop(box.To)
			if err := r.Resize(target, part, f.Resize); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%d channels: not the resized parts", f.Channels)
		}
		for i := range images { // an image of one color keeps it
			images[i] = bytes.Repeat([]byte{byte(40 * i)}, len(images[i]))
			if f.Channels == 4 {
				for k := 3; k < len(images[i]); k += 4 {
					images[i][k] = 255
				}
			}
		}
		if err := m.Write(got, images, &b, &Scratch{}); err != nil {
			t.Fatal(err)
		}
		for i := range testHeight * testWidth {
			k := 0
			for ; !image.Pt(i%testWidth, i/testWidth).In(b.Boxes[k].To); k++ {
			}
			if got[i*f.Channels] != byte(40*k) {
				t.Fatalf("%d channels: pixel %d of box %d is %d", f.Channels, i, k,
					got[i*f.Channels])
			}
		}
	}
}

func TestWriteDoesNotAllocate(t *testing.T) {
	for _, f := range formats(testHeight, testWidth) {
		f.Resize = resample.ResizeOptions{Filter: resample.Bilinear, Antialias: true}
		m, images, dst := newMixer(t, f), fourImages(f), make([]byte, f.Bytes())
		var s Scratch
		all := blends()
		for _, document := range []string{`{"fmix": {"alpha": 1, "decay": 3, "soft": 0}}`,
			`{"fmix": {"alpha": 1, "decay": 3, "soft": 0.2}}`, `{"gridmix": {"cell": 5, "alpha": 1}}`,
			`{"smoothmix": {"sigma": [0.25, 0.5]}}`} {
			p := parse(t, document)
			all = append(all, p.Draw(Seeds{Row: rng.Key(3, 0, 1)}, image.Pt(f.Width, f.Height)))
		}
		all[2].Boxes[1].From.Max.Y-- // and one that is resized
		write := func() {
			for i := range all {
				if err := m.Write(dst, images, &all[i], &s); err != nil {
					t.Fatal(err)
				}
			}
		}
		write()
		if n := testing.AllocsPerRun(5, write); n > 0 {
			t.Errorf("%+v: %v allocations", f, n)
		}
	}
}

func TestBlendAsJSON(t *testing.T) {
	for _, c := range []struct {
		b    Blend
		want string
	}{
		{Blend{Labels: [MaxImages]float64{0.25, 0.75}, Weight: 0.25},
			`{"labels":[0.25,0.75,0,0],"weight":0.25}`},
		{Blend{Labels: [MaxImages]float64{0.5, 0.5}, Weight: 1,
			Boxes: [MaxImages]Box{{1, image.Rect(1, 2, 3, 4), image.Rect(5, 6, 7, 8)}}},
			`{"labels":[0.5,0.5,0,0],"weight":1,"boxes":` +
				`[{"image":1,"from":[1,2,3,4],"to":[5,6,7,8]}]}`},
		{Blend{Labels: [MaxImages]float64{0.5, 0.5}, Weight: 1,
			Mask: Mask{smooth, rng.Seed{1, 2}, [4]float64{0.5}}},
			`{"labels":[0.5,0.5,0,0],"weight":1,"mask":` +
				`{"kind":"smooth","seed":[1,2],"args":[0.5,0,0,0]}}`},
	} {
		if got, err := json.Marshal(c.b); err != nil || string(got) != c.want {
			t.Errorf("%s, error %v, want %s", got, err, c.want)
		}
	}
}

// BenchmarkWrite is what a row costs, by kind of blend, with the boxes of a CutMix.
func BenchmarkWrite(b *testing.B) {
	size := image.Pt(224, 224)
	whole, box := image.Rectangle{Max: size}, image.Rect(60, 50, 190, 180)
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		name  string
		blend Blend
	}{
		{"sum", Blend{Weight: 0.3}},
		{"box", Blend{Weight: 1, Boxes: [MaxImages]Box{{1, box, box}}}},
		{"resized box", Blend{Weight: 1, Boxes: [MaxImages]Box{{1, whole, box}}}},
		{"binary mask", Blend{Mask: Mask{Kind: checkered, Seed: rng.Key(random.Uint64(), 0, 0)}}},
		{"smooth mask", Blend{Mask: Mask{Kind: smooth, Args: [4]float64{1}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := Format{Height: size.Y, Width: size.X, Channels: 3, Scale: one,
				Resize: resample.ResizeOptions{Filter: resample.Bilinear, Antialias: true}}
			m, images := newMixer(b, f), fourImages(f)
			batch := make([]byte, 32*f.Bytes())
			var s Scratch
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				dst := batch[i%32*f.Bytes():][:f.Bytes()]
				if err := m.Write(dst, images, &c.blend, &s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
