package loader

import (
	"fmt"
	"image"

	"mixfolder/core/mix"
	"mixfolder/core/plan"
	"mixfolder/core/sheet"
)

// mostOnSheet is the number of pictures of a batch that a sheet shows at most.
const mostOnSheet = 64

// Sheet starts to make a contact sheet of a batch, as PNG. Wait for the ticket, then fetch it with Result.
func (l *Loader) Sheet(pass uint64, number int) (Ticket, error) {
	if err := l.checkNumber(number); err != nil {
		return 0, err
	}
	b := l.planner.Batch(pass, number)
	format := sheetFormat(l.steps.format)
	m, err := mix.NewMixer(format)
	if err != nil {
		return 0, err
	}
	x := make([]byte, len(b.Samples)*format.Bytes())
	y := make([]byte, 4*l.steps.labels.width()*len(b.Samples))
	o := l.fill(b, m, false, x, y)
	o.stages = append(o.stages, stage{n: 1, run: func(*worker, int) (err error) {
		n := min(len(b.Samples), mostOnSheet)
		cells := make([]sheet.Cell, n)
		for i := range cells {
			cells[i] = sheet.Cell{Picture: nrgba(x[i*format.Bytes():][:format.Bytes()], format), Caption: l.caption(b, i)}
		}
		o.result, err = sheet.PNG(cells)
		return err
	}})
	return l.give(o)
}

// caption is the sample's soft label, such as "0.71 tulip + 0.29 rose".
func (l *Loader) caption(b plan.Batch, i int) string {
	s := b.Samples[i]
	class := l.listing.Class(s.File)
	if !s.Mixed {
		return class
	}
	other := l.listing.Class(b.PartnerOf(i).File)
	if other == class {
		return "1.00 " + class
	}
	return fmt.Sprintf("%.2f %s + %.2f %s", s.Lambda, class, 1-s.Lambda, other)
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
