package loader

import (
	"slices"

	"mixfolder/core/mix"
	"mixfolder/core/plan"
)

// filling is the work on one batch: decode every image that it needs once, then mix row
// by row.
type batchJob struct {
	loader *Loader
	batch  plan.Batch
	images []plan.Image // the rows' own, then the partners that no row has
	rows   []row
	pixels []byte // scratch memory for finished images, one after the other
	// finished are the pixels of images: in pixels, or in the cache.
	finished [][]byte
	mixer    *mix.Mixer
	apart    bool // x has the rows' own images and then their partners
	x, y     []byte
}

// row names the images that a row is mixed from, its own first.
type row struct {
	n       int
	images  [maxImages]int     // indices among the batch's images
	files   [maxImages]int32   // whose labels count, even if a bad one is replaced
	weights [maxImages]float64 // of the labels
}

const maxImages = plan.MaxImages

func (r *row) add(image int, file int32, weight float64) {
	r.images[r.n], r.files[r.n], r.weights[r.n] = image, file, weight
	r.n++
}

func (l *Loader) fill(b plan.Batch, m *mix.Mixer, apart bool, x, y []byte) (*request, error) {
	f := &batchJob{loader: l, batch: b, mixer: m, apart: apart, x: x, y: y,
		rows: make([]row, len(b.Samples))}
	for _, s := range b.Samples {
		f.images = append(f.images, s.Image)
	}
	for i, s := range b.Samples {
		r, weight := &f.rows[i], l.weight(&s)
		r.add(i, s.File, weight)
		for _, p := range s.Partners {
			image := p.Row
			if image < 0 {
				image = len(f.images)
				f.images = append(f.images, p.Image)
			}
			r.add(image, p.File, 1-weight)
		}
	}
	l.readahead.request(f.images)
	var err error
	if f.pixels, err = l.takeScratch(len(f.images)); err != nil {
		return nil, err
	}
	f.finished = make([][]byte, len(f.images))
	return &request{job: job{
		stages:  []stage{{n: len(f.images), run: f.decode}, {n: len(b.Samples), run: f.mix}},
		release: func() { l.giveScratch(f.pixels) },
	}}, nil
}

// imageBytes is the size of a finished image.
func (l *Loader) imageBytes() int {
	format := &l.config.format
	return format.Height * format.Width * format.Channels
}

func (f *batchJob) decode(w *worker, i int) error {
	l, m := f.loader, f.images[i]
	n := l.imageBytes()
	scratch := f.pixels[i*n:][:n:n]
	return l.use(w, m.File, func(file int32) (err error) {
		m.File = file
		f.finished[i], err = w.image(scratch, l, m)
		return err
	})
}

func (f *batchJob) mix(_ *worker, i int) error {
	defer f.loader.stats.clock.mix.start()()
	r := &f.rows[i]
	var partner []byte
	if r.n > 1 {
		partner = f.finished[r.images[1]]
	}
	rows := len(f.batch.Samples)
	if f.apart {
		f.write(i, 2*rows, f.finished[i], nil, 1)
		if partner == nil {
			partner = f.finished[i]
		}
		f.write(rows+i, 2*rows, partner, nil, 1)
	} else {
		f.write(i, rows, f.finished[i], partner, float32(r.weights[0]))
	}
	f.encode(i)
	if i == 0 {
		f.loader.stats.batches.Add(1)
	}
	return nil
}

// write mixes two images into the i-th of n places of x.
func (f *batchJob) write(i, n int, a, b []byte, lam float32) {
	size := len(f.x) / n
	f.mixer.Image(f.x[i*size:][:size:size], a, b, lam)
}

// encode writes the labels of a row. Arrays follow each other in y.
func (f *batchJob) encode(i int) {
	r, y := &f.rows[i], f.y
	if len(y) == 0 { // a preview
		return
	}
	for _, e := range f.loader.config.labels {
		e.Encode(y[i*e.bytes:][:e.bytes:e.bytes], r.files[:r.n], r.weights[:r.n])
		y = y[len(f.rows)*e.bytes:]
	}
}

// takeScratch finds memory for so many finished images, of which the contents are
// whatever they are.
func (l *Loader) takeScratch(images int) ([]byte, error) {
	n := images * l.imageBytes()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.scratch) - 1; i >= 0; i-- {
		if b := l.scratch[i]; cap(b) >= n {
			l.scratch = slices.Delete(l.scratch, i, i+1)
			return b[:n], nil
		}
	}
	l.scratch = nil // all too small
	if err := l.checkMemory(int64(n), "a batch", images, "batch_size or image_size"); err != nil {
		return nil, err
	}
	return make([]byte, n), nil
}

// giveScratch keeps memory for the next batch: as many blocks as there are jobs that
// can be worked on at a time.
func (l *Loader) giveScratch(b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.scratch) <= l.threads {
		l.scratch = append(l.scratch, b)
	}
}
