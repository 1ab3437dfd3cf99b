package loader

import (
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"time"

	"mixfolder/core/mix"
	"mixfolder/core/picture"
	"mixfolder/core/plan"
	"mixfolder/core/resample"
)

// worker is one thread's scratch memory. Everything in it is reused from picture to picture.
type worker struct {
	steps     *steps
	file      []byte
	decoder   *picture.Decoder
	resampler resample.Resampler
}

func newWorker(s *steps) *worker { return &worker{steps: s, decoder: picture.NewDecoder()} }

// picture fills dst with the finished pixels of one file, packed height x width x channels, and adds to the clock what each step took.
func (w *worker) picture(dst []byte, path string, v plan.View, clock *clock) error {
	start := time.Now()
	var err error
	if w.file, err = readFile(path, w.file); err != nil {
		return err
	}
	start = clock.read.since(start)
	fit := w.steps.plan.Fit
	p, err := w.decoder.Decode(w.file, w.steps.mode, fit.Crop)
	if err != nil {
		return err
	}
	start = clock.decode.since(start)
	err = w.resize(dst, p, fit.Place(p.Width, p.Height), v)
	clock.resample.since(start)
	return err
}

// resize brings a picture to its place in dst, which is black elsewhere.
func (w *worker) resize(dst []byte, p picture.Picture, place image.Rectangle, v plan.View) error {
	f := &w.steps.format
	if place.Dx() < f.Width || place.Dy() < f.Height {
		clear(dst)
	}
	spec := w.steps.spec
	spec.FlipHorizontal, spec.FlipVertical = v.FlipHorizontal, v.FlipVertical
	x, y := place.Min.X, place.Min.Y
	if v.FlipHorizontal {
		x = f.Width - place.Max.X
	}
	if v.FlipVertical {
		y = f.Height - place.Max.Y
	}
	stride := f.Width * f.Channels
	src := resample.Source{Pix: p.Pix, Stride: p.Stride, Width: p.Width, Height: p.Height, BytesPerPixel: p.BytesPerPixel()}
	return w.resampler.Resize(dst[y*stride+x*f.Channels:], stride, place.Dx(), place.Dy(), f.Channels, src, spec)
}

// readFile reads a regular file into buf, which grows where needed. Anything else (a pipe would block) is an error.
func readFile(path string, buf []byte) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlocking, 0)
	if err != nil {
		return buf, withoutPath(err)
	}
	defer f.Close()
	s, err := f.Stat()
	if err != nil {
		return buf, withoutPath(err)
	}
	if !s.Mode().IsRegular() {
		return buf, fmt.Errorf("it is not a regular file (%s)", s.Mode().Type())
	}
	if n := int(s.Size()); n > cap(buf) {
		buf = make([]byte, n+n/4)
	}
	buf = buf[:s.Size()]
	n, err := io.ReadFull(f, buf)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return buf, withoutPath(err)
	}
	return buf[:n], nil
}

// withoutPath leaves out the path, which the error around it names with its class.
func withoutPath(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}

// sheetFormat is the batch as a picture shows it: 8 bit, as the files have it.
func sheetFormat(f mix.Format) mix.Format {
	return mix.Format{DType: mix.Uint8, Height: f.Height, Width: f.Width, Channels: f.Channels, Scale: [4]float32{1, 1, 1, 1}}
}
