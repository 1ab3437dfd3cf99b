package pipeline

import (
	"errors"
	"image"
	"time"

	"mixfolder/core/augment"
	"mixfolder/core/imagefile"
	"mixfolder/core/imageop"
	"mixfolder/core/raster"
	"mixfolder/core/resample"
	"mixfolder/core/rng"
	"mixfolder/core/source"
)

// Worker makes images with scratch memory that is reused from image to image. It is not
// safe for concurrent use.
type Worker struct {
	config    *Config
	how       *Transforms // of the image that is made
	reader    source.Reader
	admit     source.Admit
	file      []byte
	decoder   *imagefile.Decoder
	resampler resample.Resampler
	spare     []byte // a finished image before flips or the affine map
	engine    imageop.Engine
	ops       []imageop.Op

	held int64       // bytes of the limiter's shared half
	size image.Point // of the last image
}

// NewWorker makes a worker that uses c, which the caller may share among workers.
func NewWorker(c *Config) *Worker {
	w := &Worker{config: c, reader: c.Source.NewReader(), decoder: imagefile.NewDecoder(c.Decode)}
	w.admit = func(size int64, head []byte) (err error) {
		if err = c.admissible(size, head); err == nil {
			w.held, err = c.Limiter.exchange(w.held, size)
		}
		return err
	}
	return w
}

// Release ends the use of what was read and decoded, and frees the memory of a large
// image.
func (w *Worker) Release() {
	if cap(w.file) > 2*source.LargeFile {
		w.file = nil
	}
	if w.held == 0 {
		return
	}
	w.decoder.Trim()
	w.config.Limiter.Release(w.held)
	w.held = 0
}

// Image identifies an image to make.
type Image struct {
	File int32 // its index in Config.Names
	Seed rng.Seed
	// Check decodes all of the file, so that damage anywhere in it is an error.
	Check bool
	// Size, if not zero, is the size that the image must have in its file.
	Size image.Point
}

// Size is the size that the last image has in its file, upright.
func (w *Worker) Size() image.Point { return w.size }

// Image returns the finished pixels of an image: in scratch, or in the cache. scratch
// has how.Target().Bytes() bytes, and no larger capacity.
func (w *Worker) Image(scratch []byte, m Image, how *Transforms) ([]byte, error) {
	w.how = how
	pix, err := w.atTarget(scratch, m)
	if err != nil || how.Augment.Len() == 0 {
		return pix, err
	}
	target := how.Geometry.Full().Max
	if w.ops = how.Augment.Draw(m.Seed, target, w.ops[:0]); len(w.ops) == 0 {
		return pix, nil
	}
	defer w.config.Stats.Augment.Since(time.Now())
	if &pix[0] != &scratch[0] { // the cache's
		copy(scratch, pix)
	}
	f := w.how.Target()
	return scratch, w.engine.Apply(raster.Packed(scratch, f.Width, f.Height, f.Channels), w.ops...)
}

// atTarget makes the pixels of an image before its augmentations.
func (w *Worker) atTarget(scratch []byte, m Image) ([]byte, error) {
	if c := w.config.Cache.get(m.File); c != nil {
		w.size = c.size
		return w.fromCache(scratch, c, m)
	}
	defer w.Release()
	if err := w.Read(m.File); err != nil {
		return nil, err
	}
	src, t, err := w.decode(m)
	if err != nil {
		return nil, err
	}
	defer w.config.Stats.Resample.Since(time.Now())
	if _, finished := w.config.caches(); !finished {
		return scratch, w.resize(scratch, src, &t)
	}
	horizontal, vertical := t.FlipHorizontal, t.FlipVertical
	t.FlipHorizontal, t.FlipVertical = false, false
	if err := w.resize(scratch, src, &t); err != nil {
		return nil, err
	}
	w.config.Cache.put(m.File, scratch, 0, raster.Image{}, w.size)
	return w.flipped(scratch, scratch, horizontal, vertical), nil
}

// Read reads a file into memory that stays valid until Release.
func (w *Worker) Read(file int32) (err error) {
	defer w.config.Stats.Read.Since(time.Now())
	w.file, err = w.reader.Read(w.config.Names[file], w.file, w.admit)
	return err
}

// File returns the content of the file that was read.
func (w *Worker) File() []byte { return w.file }

// headerBytes is the number of bytes read first if only the header of a file is needed.
const headerBytes = 64 << 10

// Header reads the first bytes of a file, and all of it only if its header needs more.
func (w *Worker) Header(file int32) (info imagefile.Header, err error) {
	defer w.Release()
	var size int64
	w.file, size, err = w.reader.Head(w.config.Names[file], w.file, headerBytes)
	if err != nil {
		return info, err
	}
	if err = w.config.checkFileSize(size); err != nil {
		return info, err
	}
	info, err = imagefile.InspectFirst(w.file, size, w.config.Decode)
	if !errors.Is(err, imagefile.ErrMore) {
		return info, err
	}
	if err = w.Read(file); err != nil {
		return info, err
	}
	return imagefile.Inspect(w.file, w.config.Decode)
}

// DecodeFull decodes all pixels of the file that was read. They stay valid until
// Release. sampleBits is Decoder.SampleBits.
func (w *Worker) DecodeFull() (pix raster.Image, sampleBits int, err error) {
	defer w.config.Stats.Decode.Since(time.Now())
	size, err := w.open()
	if err != nil {
		return pix, 0, err
	}
	src, err := w.pixels(image.Rectangle{Max: size}, 1)
	if err != nil {
		return pix, 0, err
	}
	return src.Image, w.decoder.SampleBits(), nil
}

// decode decodes the file that was read, and draws its transform. The result shows the
// region of the transform. If the image is to be cached for other regions it is a part
// of the full image at its own size; if the filter reads beyond the region, the region
// is marked in it.
func (w *Worker) decode(m Image) (src resample.Source, t augment.Transform, err error) {
	defer w.config.Stats.Decode.Since(time.Now())
	size, err := w.open()
	if err != nil {
		return src, t, err
	}
	if w.size = size; m.Size != (image.Point{}) && size != m.Size {
		return src, t, wrongSize(size, m.Size)
	}
	t = w.how.Geometry.Draw(m.Seed, size)
	w.decoder.Whole = m.Check
	cacheFull, _ := w.config.caches()
	if !w.config.FilterBeyondCrop && !cacheFull && w.config.Classes == nil {
		src, err = w.pixels(t.Region, w.config.shrinkOf(&t))
		return src, t, err
	}
	if src, err = w.pixels(image.Rectangle{Max: size}, 1); err != nil {
		return src, t, err
	}
	if w.config.Classes != nil {
		if err = w.config.Classes.apply(src.Image); err != nil {
			return src, t, err
		}
	}
	if w.config.FilterBeyondCrop {
		src.Part = raster.RectOf(t.Region)
		return src, t, nil
	}
	if cacheFull {
		w.config.Cache.put(m.File, src.Pix[:src.Stride*src.Height], raster.Slack, src.Image, size)
	}
	src.Image = src.Crop(t.Region)
	return src, t, nil
}

// open parses the header of the file that was read, and waits for the memory that
// decoding needs.
func (w *Worker) open() (size image.Point, err error) {
	h, err := w.decoder.Open(w.file)
	if err != nil {
		return size, err
	}
	w.held, err = w.config.Limiter.exchange(w.held, int64(len(w.file))+h.MemoryEstimate)
	return image.Pt(h.Width, h.Height), err
}

// pixels decodes a region of the file that is open.
func (w *Worker) pixels(region image.Rectangle, shrink int) (src resample.Source, err error) {
	src.Image, src.Part, err = w.decoder.Decode(region, shrink)
	if err != nil {
		return src, err
	}
	if w.config.Classes == nil {
		w.config.Stats.Images.Add(1)
	}
	if bits := w.decoder.SampleBits(); bits > 0 {
		w.config.Stats.sampleBits.Or(1 << bits)
	}
	return src, nil
}

// fromCache makes the finished pixels of an image that is cached.
func (w *Worker) fromCache(scratch []byte, c *cached, m Image) ([]byte, error) {
	defer w.config.Stats.Resample.Since(time.Now())
	g := &w.how.Geometry
	if !w.config.CacheFull {
		horizontal, vertical := g.Flip.Draw(m.Seed)
		return w.flipped(scratch, c.pix, horizontal, vertical), nil
	}
	t := g.Draw(m.Seed, image.Pt(c.decoded.Width, c.decoded.Height))
	return scratch, w.resize(scratch, resample.Source{Image: c.decoded.Crop(t.Region)}, &t)
}

// flipped returns the finished image pix itself, or a flipped copy in scratch.
func (w *Worker) flipped(scratch, pix []byte, horizontal, vertical bool) []byte {
	if !horizontal && !vertical {
		return pix
	}
	f := w.how.Target()
	if &scratch[0] == &pix[0] {
		w.spare = append(w.spare[:0], pix...)
		pix = w.spare
	}
	resample.Flip(scratch, pix, f.Width, f.Height, f.Channels, horizontal, vertical)
	return scratch
}

// resize brings src, which shows t.Region and may be smaller, to the target. Of a mask,
// each pixel of the target has the class of one pixel, or Classes.outside.
func (w *Worker) resize(dst []byte, src resample.Source, t *augment.Transform) error {
	f := w.how.Target()
	target := raster.Packed(dst, f.Width, f.Height, f.Channels)
	if !t.Moved {
		return w.fit(target, src, t.Target, t.FlipHorizontal, t.FlipVertical)
	}
	spec := resample.SampleOptions{Bilinear: true, Fill: t.Fill, Value: t.FillValue}
	if c := w.config.Classes; c != nil {
		spec.Bilinear, spec.Value = false, [4]byte{c.outside()}
	}
	// The black around t.Target is part of what the map transforms.
	if t.TwoStep || t.Target.Dx() < f.Width || t.Target.Dy() < f.Height {
		spare := raster.Packed(raster.Grow(&w.spare, len(dst)+raster.Slack)[:len(dst)], f.Width,
			f.Height, f.Channels)
		if err := w.fit(spare, src, t.Target, false, false); err != nil {
			return err
		}
		return w.resampler.AffineNoAA(target, resample.Source{Image: spare}, t.Map, spec)
	}
	if src.Part == (raster.Rect{}) {
		src.Part = src.Bounds()
	}
	return w.resampler.Affine(target, src, t.Compose(src.Part),
		resample.AffineOptions{SampleOptions: spec, Reduce: w.config.Resample})
}

// fit resizes src to its part of dst, which is black elsewhere; of a mask,
// Classes.outside.
func (w *Worker) fit(dst raster.Image, src resample.Source, target image.Rectangle,
	flipHorizontal, flipVertical bool) error {
	if target.Dx() < dst.Width || target.Dy() < dst.Height {
		if c := w.config.Classes; c != nil {
			c.fill(dst.Pix)
		} else {
			clear(dst.Pix)
		}
	}
	spec := w.config.Resample
	spec.FlipHorizontal, spec.FlipVertical = flipHorizontal, flipVertical
	if flipHorizontal {
		target.Min.X, target.Max.X = dst.Width-target.Max.X, dst.Width-target.Min.X
	}
	if flipVertical {
		target.Min.Y, target.Max.Y = dst.Height-target.Max.Y, dst.Height-target.Min.Y
	}
	return w.resampler.Resize(dst.Crop(target), src, spec)
}
