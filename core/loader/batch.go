package loader

import (
	"image"
	"iter"
	"slices"
	"time"

	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
	"mixfolder/core/plan"
)

// batchJob makes one batch: it plans it, decodes each image that the batch needs once,
// then mixes row by row.
type batchJob struct {
	request
	loader *Loader
	phase  *phase
	plan   plan.Batch
	images []plan.Image // the rows' own, then partners decoded for one row
	rows   []row
	pixels []byte // scratch memory for finished images, one after the other
	// finished holds the pixels of images: in pixels, or in the cache. shown are their
	// files, which differ from the planned ones where bad files are replaced.
	finished [][]byte
	shown    []int32
	masks    [][]byte      // of images, likewise; nil if there are none
	weights  label.Encoder // of sample weights, in the epoch of the batch
	mixer    *mix.Mixer
	unmixed  bool // x holds the rows' own images, then their partners
	x, y     []byte
}

// row lists what one row is made of, its own image first.
type row struct {
	n      int
	images [mix.MaxImages]int   // indices among the batch's images
	files  [mix.MaxImages]int32 // as planned; in the end, as shown
	blend  mix.Blend
	filler bool
}

func (r *row) add(image int, file int32) {
	r.images[r.n], r.files[r.n] = image, file
	r.n++
}

// weights are the weights of the labels of files.
func (r *row) weights() []float64 { return r.blend.Labels[:r.n] }

// blend decides how the i-th sample of a batch is mixed: images and labels. What replaces
// a bad file is of the same class, so it changes nothing here.
func (l *Loader) blend(b *plan.Batch, i int) mix.Blend {
	s, p := &b.Samples[i], l.phase(b.Epoch)
	if len(s.Partners) == 0 {
		return mix.Unmixed
	}
	blend := p.mix.Draw(mix.Seeds{Row: s.Seed, Pair: s.Pair, Batch: b.Seed},
		image.Pt(p.format.Width, p.format.Height))
	if blend.Rule != nil {
		sizes := [mix.MaxImages]int{l.classSizes[l.data.Index[s.File]]}
		for k, p := range s.Partners {
			sizes[1+k] = l.classSizes[l.data.Index[p.File]]
		}
		blend.Rule.Relabel(&blend.Labels, &sizes)
	}
	return blend
}

// row is the i-th row of a batch, whose own images come first in images; partners that
// are decoded for this row alone are appended there. Partners that are not shown are left
// out, unless all are asked for.
func (l *Loader) row(b *plan.Batch, i int, images *[]plan.Image, all bool) row {
	s := &b.Samples[i]
	r := row{blend: l.blend(b, i), filler: s.Filler}
	r.add(i, s.File)
	partners := s.Partners
	if !all {
		partners = partners[:r.blend.Images()-1]
	}
	for _, p := range partners {
		at := p.Row
		if at < 0 {
			at = len(*images)
			*images = append(*images, p.Image)
		}
		r.add(at, p.File)
	}
	return r
}

// newBatch makes the job of a batch of an epoch in x and y. If y is empty, labels are left
// out. A worker plans it, which may take long, ahead of other work, so that its files are
// read ahead.
func (l *Loader) newBatch(epoch uint64, planned func() plan.Batch, m *mix.Mixer, unmixed bool,
	x, y []byte) *batchJob {
	f := &batchJob{loader: l, phase: l.phase(epoch), weights: l.lossWeights.at(epoch),
		mixer: m, unmixed: unmixed, x: x, y: y}
	prepare := func(*worker, int) error {
		f.plan = planned()
		return f.prepare()
	}
	f.Stages = []stage{{N: 1, Run: prepare, Ahead: true}, {Run: f.decode}, {Run: f.mix}}
	f.Release = func() { l.releaseScratch(f.pixels) }
	return f
}

// prepare lists what the batch is made of, requests its files, and takes memory.
func (f *batchJob) prepare() (err error) {
	l, b := f.loader, &f.plan
	for _, s := range b.Samples {
		f.images = append(f.images, s.Image)
	}
	for i := range b.Samples {
		f.rows = append(f.rows, l.row(b, i, &f.images, f.unmixed))
	}
	l.ahead.Request(l.names(&l.config.Config, f.images))
	if f.pixels, err = l.acquireScratch(len(f.images), f.phase); err != nil {
		return err
	}
	f.finished, f.shown = make([][]byte, len(f.images)), make([]int32, len(f.images))
	if m := l.config.masks; m != nil && len(f.y) > 0 {
		m.ahead.Request(l.names(m.config, f.images))
		f.masks = make([][]byte, len(f.images))
	}
	f.Stages[1].N, f.Stages[2].N = len(f.images), len(f.rows)
	return nil
}

// names returns the names of the files that will be read for images, or for their masks,
// as far as is known when it runs.
func (l *Loader) names(c *pipeline.Config, images []plan.Image) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, m := range images {
			file, ok := l.shown(m.File)
			if ok && !c.Cache.Has(file) && !yield(c.Names[file]) {
				return
			}
		}
	}
}

// decode finishes one image and its mask.
func (f *batchJob) decode(w *worker, i int) error {
	l, m := f.loader, f.images[i]
	n, image := f.phase.scratchBytes(), f.phase.transforms.Target().Bytes()
	scratch := f.pixels[i*n:][:n:n]
	return l.use(&f.Job, m.File, func(file int32) (err error) {
		m.File, f.shown[i] = file, file
		f.finished[i], err = l.image(w, scratch[:image:image], m, &f.phase.transforms)
		if err == nil && f.masks != nil {
			f.masks[i], err = l.mask(w, scratch[image:], m, f.phase)
		}
		return err
	})
}

// image returns the finished pixels of an image: in scratch, or in the cache.
func (l *Loader) image(w *worker, scratch []byte, m plan.Image,
	how *pipeline.Transforms) ([]byte, error) {
	check := l.bad.unchecked(m.File)
	pix, err := w.Image(scratch, pipeline.Image{File: m.File, Seed: m.Seed, Check: check}, how)
	if check && err == nil {
		l.bad.checked[m.File].Store(true)
	}
	return pix, err
}

// mix writes one row of x and y.
func (f *batchJob) mix(w *worker, i int) error {
	defer f.loader.mixTime.Since(time.Now())
	if i == 0 {
		defer f.loader.batches.Add(1)
	}
	r := &f.rows[i]
	var images [mix.MaxImages][]byte
	for k, at := range r.images[:r.n] {
		images[k] = f.finished[at]
	}
	if err := f.encode(w, i); err != nil {
		return err
	}
	if !f.unmixed {
		return f.mixer.Write(f.image(i, len(f.rows)), images[:r.n], &r.blend, &w.mixing)
	}
	rows := len(f.rows)
	for k := range r.n {
		f.mixer.Image(f.image(k*rows+i, r.n*rows), images[k], nil, 1)
	}
	return nil
}

// image is the i-th of n images in x.
func (f *batchJob) image(i, n int) []byte {
	size := len(f.x) / n
	return f.x[i*size:][:size:size]
}

// encode writes a row of each array of y. Arrays follow each other in y.
func (f *batchJob) encode(w *worker, i int) error {
	r, y := &f.rows[i], f.y
	if len(y) == 0 {
		return nil
	}
	for k, at := range r.images[:r.n] {
		r.files[k] = f.shown[at]
	}
	rows, each := len(f.rows), f.phase.labelsPerRow()
	for _, a := range f.loader.config.arrays {
		e := a.Encoder
		switch {
		case a.role == Weights && r.filler:
			e = label.Weightless{}
		case a.role == Weights:
			e = f.weights
		}
		if each == 1 {
			e.Encode(y[i*a.bytes:][:a.bytes:a.bytes], r.files[:r.n], r.weights())
		} else {
			for k := range each {
				e.Encode(y[(k*rows+i)*a.bytes:][:a.bytes:a.bytes], r.files[k:k+1], alone)
			}
		}
		y = y[rows*each*a.bytes:]
	}
	if f.masks == nil {
		return nil
	}
	var maps [mix.MaxImages][]byte
	for k, at := range r.images[:r.n] {
		maps[k] = f.masks[at]
	}
	m := f.phase.masks
	n := m.Bytes()
	return m.Write(y[i*n:][:n:n], maps[:r.n], &r.blend, &w.mixing)
}

// scratchBytes is the size of the scratch memory for one image and its mask.
func (p *phase) scratchBytes() int {
	n := p.transforms.Target().Bytes()
	if p.masks != nil {
		n += p.masks.MapBytes()
	}
	return n
}

// alone are the weights of an image's own label.
var alone = mix.Unmixed.Labels[:1]

// acquireScratch returns memory for a number of finished images of a phase. Its contents
// are undefined.
func (l *Loader) acquireScratch(images int, p *phase) ([]byte, error) {
	target := p.transforms.Target()
	n := images * p.scratchBytes()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.scratch) - 1; i >= 0; i-- {
		if b := l.scratch[i]; cap(b) >= n {
			l.scratch = slices.Delete(l.scratch, i, i+1)
			return b[:n], nil
		}
	}
	l.scratch = nil // all too small
	err := checkMemory(int64(n), "a batch", images, target, "batch_size or image_size")
	if err != nil {
		return nil, err
	}
	return make([]byte, n), nil
}

// releaseScratch keeps memory, if it is not nil, for later batches: as many blocks as
// there can be batches in progress.
func (l *Loader) releaseScratch(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b != nil && len(l.scratch) <= l.threads {
		l.scratch = append(l.scratch, b)
	}
}
