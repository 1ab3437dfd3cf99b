package loader

import (
	"fmt"
	"image"
	"slices"
	"time"

	"mixfolder/core/augment"
	"mixfolder/core/imagefile"
	"mixfolder/core/imageop"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
	"mixfolder/core/source"
)

// worker is one thread's scratch memory. Everything in it is reused from image to image.
type worker struct {
	config    *pipelineConfig
	reader    source.Reader
	admit     source.Admit
	file      []byte
	decoder   *imagefile.Decoder
	resampler resample.Resampler
	spare     []byte // a finished image before it is flipped or turned
	engine    imageop.Engine
	ops       []imageop.Op
	mixing    mix.Scratch

	// What the decoder's question for the region needs, and what it was answered. A
	// closure would be allocated for each image.
	region    imagefile.Region
	seed      rng.Seed
	whole     bool
	transform augment.Transform
	holds     int64 // bytes of the steps' room
}

func newWorker(s *pipelineConfig) *worker {
	w := &worker{config: s, reader: s.source.NewReader(), decoder: imagefile.NewDecoder(s.image)}
	w.admit = func(size int64, head []byte) (err error) {
		if err = s.admissible(size, head); err == nil {
			w.holds, err = s.memLimit.exchange(w.holds, size)
		}
		return err
	}
	w.region = func(width, height int) (image.Rectangle, int, error) {
		var err error
		if w.holds, err = s.memLimit.exchange(w.holds,
			int64(len(w.file))+w.decoder.Memory()); err != nil {
			return image.Rectangle{}, 0, err
		}
		w.transform = s.geometry.Draw(w.seed, image.Pt(width, height))
		if w.whole {
			return image.Rect(0, 0, width, height), 1, nil
		}
		return w.transform.Region, s.shrinkOf(&w.transform), nil
	}
	return w
}

// admissible returns why a large file is not read: it is no image, or larger than
// decoding may be.
func (s *pipelineConfig) admissible(size int64, head []byte) error {
	if imagefile.Sniff(head) == "" {
		_, err := imagefile.Inspect(head, imagefile.Options{})
		return err
	}
	return s.checkFileSize(size)
}

func (s *pipelineConfig) checkFileSize(size int64) error {
	if limit := s.memLimit.shared.size; size > max(limit, source.LargeFile) {
		return fmt.Errorf("the file has %d bytes, but decoding may take only %d of this machine's "+
			"memory", size, limit)
	}
	return nil
}

// leave ends the use of a decoded image. The memory of a large one is not kept.
func (w *worker) leave() {
	if cap(w.file) > 2*source.LargeFile {
		w.file = nil
	}
	if w.holds == 0 {
		return
	}
	w.decoder.Trim()
	w.config.memLimit.release(w.holds)
	w.holds = 0
}

// shrinkOf is the factor by which a region is decoded smaller: the largest of 8, 4, 2
// and 1 that keeps it at least as large as its target.
func (s *pipelineConfig) shrinkOf(t *augment.Transform) int {
	shrink := 1
	for s.shrink && shrink < 8 && t.Region.Dx() >= 2*shrink*t.Target.Dx() &&
		t.Region.Dy() >= 2*shrink*t.Target.Dy() {
		shrink *= 2
	}
	return shrink
}

// image makes the finished pixels of an image, packed height x width x channels: in
// scratch, or where the cache has them.
func (w *worker) image(scratch []byte, l *Loader, m plan.Image) ([]byte, error) {
	pix, err := w.atTarget(scratch, l, m)
	if err != nil || w.config.augment.Len() == 0 {
		return pix, err
	}
	target := w.config.geometry.Full().Max
	if w.ops = w.config.augment.Draw(m.Seed, target, w.ops[:0]); len(w.ops) == 0 {
		return pix, nil
	}
	defer l.stats.clock.augment.since(time.Now())
	if &pix[0] != &scratch[0] { // the cache's
		copy(scratch, pix)
	}
	f := &w.config.format
	return scratch, w.engine.Apply(imageop.Image{Pix: scratch, Width: f.Width, Height: f.Height,
		Channels: f.Channels}, w.ops...)
}

// atTarget makes the pixels of an image before its augmentations.
func (w *worker) atTarget(scratch []byte, l *Loader, m plan.Image) ([]byte, error) {
	if c := l.cache.get(m.File); c != nil {
		return w.fromCache(scratch, c, l, m)
	}
	defer w.leave()
	if err := w.read(l, m.File); err != nil {
		return nil, err
	}
	p, err := w.decode(l, m)
	if err != nil {
		return nil, err
	}
	defer l.stats.clock.resample.since(time.Now())
	t := w.transform
	if l.cache.entries == nil || w.config.geometry.Random() {
		return scratch, w.resize(scratch, p, &t)
	}
	t.FlipHorizontal, t.FlipVertical = false, false
	if err := w.resize(scratch, p, &t); err != nil {
		return nil, err
	}
	l.cache.put(m.File, scratch, 0, imagefile.Image{})
	return w.flipped(scratch, scratch, w.transform.FlipHorizontal, w.transform.FlipVertical), nil
}

// read fills w.file.
func (w *worker) read(l *Loader, file int32) (err error) {
	defer l.stats.clock.read.since(time.Now())
	w.file, err = w.reader.Read(l.listing.Names[file], w.file, w.admit)
	return err
}

// decode sets w.transform and gives the pixels of its region. If the image is to be
// cached for other regions they are a part of the full image at its own size; if the
// filter reads beyond them, they are marked in it.
func (w *worker) decode(l *Loader, m plan.Image) (imagefile.Image, error) {
	w.seed = m.Seed
	w.whole = w.config.surround || l.cache.entries != nil && w.config.geometry.Random()
	check := l.bad.unchecked(m.File)
	w.decoder.Whole = check
	p, err := w.pixels(l)
	if err != nil {
		return p, err
	}
	if check {
		l.bad.checked[m.File].Store(true)
	}
	if !w.whole {
		return p, nil
	}
	if w.config.surround {
		c := w.transform.Region
		p.Shown = imagefile.Box{Left: float64(c.Min.X), Top: float64(c.Min.Y),
			Right: float64(c.Max.X), Bottom: float64(c.Max.Y)}
		return p, nil
	}
	l.cache.put(m.File, p.Pix[:p.Stride*p.Height], resample.Slack, p)
	return p.Part(w.transform.Region), nil
}

// pixels decodes w.file as w.seed and w.whole say.
func (w *worker) pixels(l *Loader) (imagefile.Image, error) {
	defer l.stats.clock.decode.since(time.Now())
	p, err := w.decoder.Decode(w.file, w.region)
	if err == nil {
		l.stats.images.Add(1)
		if p.Bits > 0 {
			l.stats.sampleBits.Or(1 << p.Bits)
		}
	}
	return p, err
}

// fromCache makes the finished pixels of an image that is cached.
func (w *worker) fromCache(scratch []byte, c *cached, l *Loader, m plan.Image) ([]byte, error) {
	defer l.stats.clock.resample.start()()
	g := &w.config.geometry
	if !g.Random() {
		horizontal, vertical := g.Flip.Draw(m.Seed)
		return w.flipped(scratch, c.pix, horizontal, vertical), nil
	}
	t := g.Draw(m.Seed, image.Pt(c.decoded.Width, c.decoded.Height))
	return scratch, w.resize(scratch, c.decoded.Part(t.Region), &t)
}

// flipped is the finished image pix itself, or a flipped copy in scratch.
func (w *worker) flipped(scratch, pix []byte, horizontal, vertical bool) []byte {
	if !horizontal && !vertical {
		return pix
	}
	f := &w.config.format
	if &scratch[0] == &pix[0] {
		w.spare = append(w.spare[:0], pix...)
		pix = w.spare
	}
	resample.Mirror(scratch, pix, f.Width, f.Height, f.Channels, horizontal, vertical)
	return scratch
}

// resize brings p, which shows t.Region and may be smaller, to the target.
func (w *worker) resize(dst []byte, p imagefile.Image, t *augment.Transform) error {
	f := &w.config.format
	src := resample.Source{Pix: p.Pix, Stride: p.Stride, Width: p.Width, Height: p.Height,
		BytesPerPixel: p.BytesPerPixel(),
		Part:          resample.Part(p.Shown)}
	if !t.Moved {
		return w.fit(dst, src, t.Target, t.FlipHorizontal, t.FlipVertical)
	}
	stride, spec := f.Width*f.Channels, resample.WarpSpec{Bilinear: true, Fill: t.Fill,
		Value: t.FillValue}
	// The black around t.Target is a part of what the map moves.
	if t.TwoStep || t.Target.Dx() < f.Width || t.Target.Dy() < f.Height {
		w.spare = slices.Grow(w.spare[:0], len(dst)+resample.Slack)[:len(dst)]
		if err := w.fit(w.spare, src, t.Target, false, false); err != nil {
			return err
		}
		src = resample.Source{Pix: w.spare, Stride: stride, Width: f.Width, Height: f.Height,
			BytesPerPixel: f.Channels}
		return w.resampler.Warp(dst, stride, f.Width, f.Height, f.Channels, src, t.Map, spec)
	}
	if src.Part == (resample.Part{}) {
		src.Part = resample.Part{Right: float64(p.Width), Bottom: float64(p.Height)}
	}
	return w.resampler.Map(dst, stride, f.Width, f.Height, f.Channels, src, t.Compose(src.Part),
		resample.MapSpec{WarpSpec: spec, Reduce: w.config.spec})
}

// fit brings a source to its part of dst, which is black elsewhere.
func (w *worker) fit(dst []byte, src resample.Source, target image.Rectangle, flipHorizontal,
	flipVertical bool) error {
	f := &w.config.format
	if target.Dx() < f.Width || target.Dy() < f.Height {
		clear(dst)
	}
	spec := w.config.spec
	spec.FlipHorizontal, spec.FlipVertical = flipHorizontal, flipVertical
	x, y := target.Min.X, target.Min.Y
	if flipHorizontal {
		x = f.Width - target.Max.X
	}
	if flipVertical {
		y = f.Height - target.Max.Y
	}
	stride := f.Width * f.Channels
	return w.resampler.Resize(dst[y*stride+x*f.Channels:], stride, target.Dx(), target.Dy(),
		f.Channels, src, spec)
}
