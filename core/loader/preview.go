package loader

import (
	"image"
	"slices"
	"strings"

	"mixfolder/core/contactsheet"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
	"mixfolder/core/workpool"
)

// maxOnSheet is the largest number of images on a contact sheet.
const maxOnSheet = 64

// Preview starts to make a contact sheet of a batch, a PNG file. Result returns it when
// the ticket is Done.
func (l *Loader) Preview(epoch uint64, number int) (workpool.Ticket, error) {
	if err := l.checkNumber(epoch, number); err != nil {
		return 0, err
	}
	p := l.phase(epoch)
	planned := l.planned(epoch, number)
	format := rawFormat(p.format)
	m, err := mix.NewMixer(format)
	if err != nil {
		return 0, err
	}
	n, size := min(p.planner.Size(number), maxOnSheet), format.Bytes()
	// The rows, and at most plan.Images images for each.
	if err := checkMemory(int64(1+p.plan.Images)*int64(n)*int64(size), "a contact sheet", n,
		p.transforms.Target(), "image_size"); err != nil {
		return 0, err
	}
	x := make([]byte, n*size)
	f := l.newBatch(epoch, func() plan.Batch { return firstOf(planned(), n) }, m, false, x, nil)
	f.Stages = append(f.Stages, stage{N: 1, Run: func(*worker, int) (err error) {
		cells := make([]contactsheet.Cell, n)
		for i := range cells {
			pixels := nrgba(x[i*size:][:size], format)
			cells[i] = contactsheet.Cell{Image: contactsheet.Scaled(pixels),
				Caption: l.caption(&f.plan, i)}
		}
		f.Output, err = contactsheet.PNG(cells)
		return err
	}})
	return l.Requests.Start(&f.request)
}

// rawFormat is the format of images of 8 bits without normalization, channels last: on a
// contact sheet, or for a caller that mixes.
func rawFormat(f mix.Format) mix.Format {
	return mix.Format{DType: mix.Uint8, Height: f.Height, Width: f.Width, Channels: f.Channels,
		Scale: [4]float32{1, 1, 1, 1}, Resize: f.Resize}
}

// firstOf returns a batch of the first samples of another one, at most n. Partners that
// are not among them are decoded for one row alone.
func firstOf(b plan.Batch, n int) plan.Batch {
	if len(b.Samples) <= n {
		return b
	}
	first := b
	first.Samples = slices.Clone(b.Samples[:n])
	for i := range first.Samples {
		s := &first.Samples[i]
		s.Partners = slices.Clone(s.Partners)
		for k := range s.Partners {
			if s.Partners[k].Row >= n {
				s.Partners[k].Row = -1
			}
		}
	}
	return first
}

// caption returns the label of a sample, such as "0.71 tulip + 0.29 rose", or those of
// all heads.
func (l *Loader) caption(b *plan.Batch, i int) string {
	r := l.shownRow(b, i)
	files, weights := r.files[:r.n], r.weights()
	captions, head := []string{}, ""
	for _, a := range l.config.arrays {
		if a.role != Labels || len(captions) > 0 && a.name == head {
			continue // the first array of a head has the caption of all
		}
		captions, head = append(captions, a.Caption(files, weights)), a.name
	}
	if len(captions) == 0 {
		return l.data.Caption(files, weights)
	}
	return strings.Join(captions, ", ")
}

// shownRow is the row of a sample with the files that are shown, as far as is known.
func (l *Loader) shownRow(b *plan.Batch, i int) row {
	var images []plan.Image
	r := l.row(b, i, &images, false)
	for k, file := range r.files[:r.n] {
		r.files[k], _ = l.shown(file)
	}
	return r
}

// nrgba converts packed pixels of 1, 3 or 4 channels.
func nrgba(pix []byte, f mix.Format) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, f.Width, f.Height))
	for i := range f.Width * f.Height {
		p, q := pix[i*f.Channels:][:f.Channels], out.Pix[4*i:][:4]
		q[0], q[1], q[2], q[3] = p[0], p[0], p[0], 255
		if f.Channels >= 3 {
			copy(q, p)
		}
	}
	return out
}
