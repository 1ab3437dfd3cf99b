package loader

import (
	"fmt"
	"image"
	"slices"
	"time"

	"mixfolder/core/imagefile"
	"mixfolder/core/imageop"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
	"mixfolder/core/resample"
	"mixfolder/core/source"
)

// worker is one thread's scratch memory. Everything in it is reused from image to image.
type worker struct {
	config    *pipelineConfig
	job       *job // what it works on
	reader    source.Reader
	admit     source.Admit
	file      []byte
	decoder   *imagefile.Decoder
	resampler resample.Resampler
	spare     []byte // a finished image before it is flipped or turned
	engine    imageop.Engine
	ops       []imageop.Op

	// What the decoder's question for the region needs, and what it was answered. A
	// closure would be allocated for each image.
	region imagefile.Region
	view   plan.View
	whole  bool
	crop   image.Rectangle // in pixels of the file
	holds  int64           // bytes of the steps' room
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
		w.crop = s.plan.Crop(w.view, width, height)
		if w.whole {
			return image.Rect(0, 0, width, height), 1, nil
		}
		return w.crop, s.shrinkOf(w.crop.Dx(), w.crop.Dy()), nil
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

// cancelled tells whether what the worker works on is not wanted any more.
func (w *worker) cancelled() bool { return w.job != nil && w.job.cancelled.Load() }

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

// shrinkOf is how much smaller a crop of this size is decoded: the most of 2, 4 and 8
// that leaves it as large as its place, or 1.
func (s *pipelineConfig) shrinkOf(width, height int) int {
	shrink := 1
	if place := s.plan.Place(width, height); s.shrink {
		for shrink < 8 && width >= 2*shrink*place.Dx() && height >= 2*shrink*place.Dy() {
			shrink *= 2
		}
	}
	return shrink
}

// image makes the finished pixels of a view, packed height x width x channels: in
// scratch, or where the cache has them.
func (w *worker) image(scratch []byte, l *Loader, v plan.View) ([]byte, error) {
	pix, err := w.look(scratch, l, v)
	if w.ops = w.config.plan.Ops(w.ops[:0], v); err != nil || len(w.ops) == 0 {
		return pix, err
	}
	defer l.stats.clock.augment.since(time.Now())
	if &pix[0] != &scratch[0] { // the cache's
		copy(scratch, pix)
	}
	f := &w.config.format
	return scratch, w.engine.Apply(imageop.Image{Pix: scratch, Width: f.Width, Height: f.Height,
		Channels: f.Channels}, w.ops...)
}

// look makes the pixels of a view before its operations.
func (w *worker) look(scratch []byte, l *Loader, v plan.View) ([]byte, error) {
	if c := l.cache.get(v.File); c != nil {
		return w.fromCache(scratch, c, l, v)
	}
	defer w.leave()
	if err := w.read(l, v.File); err != nil {
		return nil, err
	}
	p, err := w.decode(l, v)
	if err != nil {
		return nil, err
	}
	defer l.stats.clock.resample.since(time.Now())
	if l.cache.entries == nil || w.config.plan.Varies() {
		return scratch, w.resize(scratch, p, w.crop, v)
	}
	upright := plan.View{File: v.File}
	if err := w.resize(scratch, p, w.crop, upright); err != nil {
		return nil, err
	}
	l.cache.put(v.File, scratch, 0, imagefile.Image{})
	return w.flipped(scratch, scratch, v), nil
}

// read fills w.file.
func (w *worker) read(l *Loader, file int32) (err error) {
	defer l.stats.clock.read.since(time.Now())
	w.file, err = w.reader.Read(l.listing.Names[file], w.file, w.admit)
	return err
}

// decode gives the pixels that a view shows. Of an image that is to be cached for
// random looks they are a part of the whole image at its own size; where what is around
// them counts, they are marked in it.
func (w *worker) decode(l *Loader, v plan.View) (imagefile.Image, error) {
	w.view, w.whole = v, w.config.surround || l.cache.entries != nil && w.config.plan.Varies()
	check := l.bad.unchecked(v.File)
	w.decoder.Whole = check
	p, err := w.pixels(l)
	if err != nil {
		return p, err
	}
	if check {
		l.bad.checked[v.File].Store(true)
	}
	if !w.whole {
		return p, nil
	}
	if w.config.surround {
		c := w.crop
		p.Shown = imagefile.Box{Left: float64(c.Min.X), Top: float64(c.Min.Y),
			Right: float64(c.Max.X), Bottom: float64(c.Max.Y)}
		return p, nil
	}
	l.cache.put(v.File, p.Pix[:p.Stride*p.Height], resample.Slack, p)
	return p.Part(w.crop), nil
}

// pixels decodes w.file as w.view and w.whole say.
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

// fromCache makes the finished pixels of a view whose image is cached.
func (w *worker) fromCache(scratch []byte, c *cached, l *Loader, v plan.View) ([]byte, error) {
	defer l.stats.clock.resample.start()()
	if !w.config.plan.Varies() {
		return w.flipped(scratch, c.pix, v), nil
	}
	crop := w.config.plan.Crop(v, c.decoded.Width, c.decoded.Height)
	return scratch, w.resize(scratch, c.decoded.Part(crop), crop, v)
}

// flipped is the finished image pix as a view wants it: pix itself where it is not
// flipped, else a copy in scratch.
func (w *worker) flipped(scratch, pix []byte, v plan.View) []byte {
	if !v.FlipHorizontal && !v.FlipVertical {
		return pix
	}
	f := &w.config.format
	if &scratch[0] == &pix[0] {
		w.spare = append(w.spare[:0], pix...)
		pix = w.spare
	}
	resample.Mirror(scratch, pix, f.Width, f.Height, f.Channels, v.FlipHorizontal, v.FlipVertical)
	return scratch
}

// resize brings the region of an image to the target. The region shows crop of its
// file, and may be smaller.
func (w *worker) resize(dst []byte, p imagefile.Image, crop image.Rectangle, v plan.View) error {
	f, place := &w.config.format, w.config.plan.Place(crop.Dx(), crop.Dy())
	src := resample.Source{Pix: p.Pix, Stride: p.Stride, Width: p.Width, Height: p.Height,
		BytesPerPixel: p.BytesPerPixel(),
		Part:          resample.Part(p.Shown)}
	turn, ok := w.config.plan.Turn(v)
	if !ok {
		return w.fit(dst, src, place, v.FlipHorizontal, v.FlipVertical)
	}
	stride, spec := f.Width*f.Channels, resample.WarpSpec{Bilinear: true, Fill: turn.Fill,
		Value: turn.Value}
	// what is around the place is a part of the target
	if turn.Apart || place.Dx() < f.Width || place.Dy() < f.Height {
		w.spare = slices.Grow(w.spare[:0], len(dst)+resample.Slack)[:len(dst)]
		if err := w.fit(w.spare, src, place, false, false); err != nil {
			return err
		}
		src = resample.Source{Pix: w.spare, Stride: stride, Width: f.Width, Height: f.Height,
			BytesPerPixel: f.Channels}
		return w.resampler.Warp(dst, stride, f.Width, f.Height, f.Channels, src, turn.Map, spec)
	}
	if src.Part == (resample.Part{}) {
		src.Part = resample.Part{Right: float64(p.Width), Bottom: float64(p.Height)}
	}
	return w.resampler.Map(dst, stride, f.Width, f.Height, f.Channels, src, turn.Onto(src.Part,
		place),
		resample.MapSpec{WarpSpec: spec, Reduce: w.config.spec})
}

// fit brings a source to its place in dst, which is black elsewhere.
func (w *worker) fit(dst []byte, src resample.Source, place image.Rectangle, flipHorizontal,
	flipVertical bool) error {
	f := &w.config.format
	if place.Dx() < f.Width || place.Dy() < f.Height {
		clear(dst)
	}
	spec := w.config.spec
	spec.FlipHorizontal, spec.FlipVertical = flipHorizontal, flipVertical
	x, y := place.Min.X, place.Min.Y
	if flipHorizontal {
		x = f.Width - place.Max.X
	}
	if flipVertical {
		y = f.Height - place.Max.Y
	}
	stride := f.Width * f.Channels
	return w.resampler.Resize(dst[y*stride+x*f.Channels:], stride, place.Dx(), place.Dy(),
		f.Channels, src, spec)
}

// sheetFormat is the batch as an image shows it: 8 bit, as the files have it.
func previewFormat(f mix.Format) mix.Format {
	return mix.Format{DType: mix.Uint8, Height: f.Height, Width: f.Width, Channels: f.Channels,
		Scale: [4]float32{1, 1, 1, 1}}
}
