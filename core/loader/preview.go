package loader

import (
	"image"
	"slices"

	"mixfolder/core/contactsheet"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
)

// mostOnSheet is the number of images of a batch that a sheet shows at most.
const maxOnSheet = 64

// Preview starts to make a contact sheet of a batch, as PNG. Wait for the ticket, then
// fetch it with Result.
func (l *Loader) Preview(epoch uint64, number int) (Ticket, error) {
	if err := l.checkNumber(number); err != nil {
		return 0, err
	}
	b := firstOf(l.planner.Batch(epoch, number), maxOnSheet)
	format := previewFormat(l.config.format)
	m, err := mix.NewMixer(format)
	if err != nil {
		return 0, err
	}
	n, size := len(b.Samples), format.Bytes()
	// Each is mixed, and decoded by itself and perhaps with a partner of its own.
	if err := l.checkMemory(3*int64(n)*int64(size), "a contact sheet", n,
		"image_size"); err != nil {
		return 0, err
	}
	x := make([]byte, n*size)
	o, err := l.fill(b, m, false, x, nil)
	if err != nil {
		return 0, err
	}
	o.stages = append(o.stages, stage{n: 1, run: func(*worker, int) (err error) {
		cells := make([]contactsheet.Cell, n)
		for i := range cells {
			cells[i] = contactsheet.Cell{Image: contactsheet.Scaled(nrgba(x[i*size:][:size],
				format)), Caption: l.caption(b, i)}
		}
		o.result, err = contactsheet.PNG(cells)
		return err
	}})
	return l.enqueue(o)
}

// firstOf is a batch of the first samples of another, at most n. Partners that are not
// among them are decoded for themselves.
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

// caption is the sample's soft label, such as "0.71 tulip + 0.29 rose".
func (l *Loader) caption(b plan.Batch, i int) string {
	s := &b.Samples[i]
	weight := l.weight(s)
	files, weights := []int32{s.File}, []float64{weight}
	for _, p := range s.Partners {
		files, weights = append(files, p.File), append(weights, 1-weight)
	}
	if len(l.config.labels) > 0 {
		return l.config.labels[0].Caption(files, weights)
	}
	return l.labels.Caption(files, weights)
}

// nrgba takes packed pixels of 1, 3 or 4 channels.
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
