package loader

import (
	"encoding/json"
	"errors"
	"image"
	"slices"

	"mixfolder/core/augment"
	"mixfolder/core/imagefile"
	"mixfolder/core/imageop"
	"mixfolder/core/plan"
)

// SampleInfo is one sample of a batch in words. Images are named by their place among
// the subset's files.
type SampleInfo struct {
	Image       int32   `json:"image"`
	InsteadOf   *int32  `json:"replaces"` // the image that this place belongs to, where its file is known to be bad and skipped
	Flip        string  `json:"flip"`     // as the option of that name
	Crop        *[4]int `json:"crop"`     // left, top, right, bottom in the upright image; nil where the file cannot be read
	Lambda      float64 `json:"lam"`
	Partner     *int32  `json:"partner"` // nil where nothing is mixed
	Anew        bool    `json:"anew"`    // the partner is no row of the batch but decoded for it, with its own flip and crop
	PartnerFlip string  `json:"partner_flip"`
	PartnerCrop *[4]int `json:"partner_crop"`
	// What else was drawn, of the image and of a partner that is decoded anew.
	Augment        DrawnParams  `json:"augment"`
	PartnerAugment *DrawnParams `json:"partner_augment"`
}

// Explain starts to tell how a batch comes about, with the bad files that are known so
// far. It reads the headers of the batch's files and changes nothing. Wait for the
// ticket, then fetch with Result a JSON list of Explained.
func (l *Loader) Explain(epoch uint64, number int) (Ticket, error) {
	if err := l.checkNumber(number); err != nil {
		return 0, err
	}
	b := l.planner.Batch(epoch, number)
	rows := make([]SampleInfo, len(b.Samples))
	o := &request{}
	o.urgent = true // a user waits, and headers are read fast
	o.stages = []stage{
		{n: len(rows), run: func(w *worker, i int) (err error) {
			rows[i], err = l.explained(w, b, i)
			return err
		}},
		{n: 1, run: func(*worker, int) (err error) {
			o.result, err = json.Marshal(rows)
			return err
		}},
	}
	return l.enqueue(o)
}

// explained is the i-th sample of a batch.
func (l *Loader) explained(w *worker, b plan.Batch, i int) (SampleInfo, error) {
	s := &b.Samples[i]
	m := l.replaced(s.Image)
	r := SampleInfo{Image: l.position(m.File), Lambda: l.weight(s)}
	var err error
	if r.Flip, r.Crop, r.Augment, err = w.drawn(l, m); err != nil {
		return r, err
	}
	if m.File != s.File {
		planned := l.position(s.File)
		r.InsteadOf = &planned
	}
	if len(s.Partners) == 0 {
		return r, nil
	}
	p := s.Partners[0]
	m = l.replaced(p.Image)
	at := l.position(m.File)
	r.Partner = &at
	if r.Anew = p.Row < 0; r.Anew {
		r.PartnerAugment = new(DrawnParams)
		r.PartnerFlip, r.PartnerCrop, *r.PartnerAugment, err = w.drawn(l, m)
	}
	return r, err
}

// position is the place of a file among the subset's.
func (l *Loader) position(file int32) int32 {
	at, _ := slices.BinarySearch(l.members, file)
	return int32(at)
}

// replaced is m with the file that is shown in the place of its own.
func (l *Loader) replaced(m plan.Image) plan.Image {
	m.File, _ = l.shown(m.File)
	return m
}

// headerBytes is how much of a file is read for its header, at first.
const headerBytes = 64 << 10

// drawn is what was drawn for an image. The size of the image comes from the header of
// its file; the crop is nil if that cannot be read.
func (w *worker) drawn(l *Loader, m plan.Image) (string, *[4]int, DrawnParams, error) {
	defer w.leave()
	g := &l.config.geometry
	size := image.Pt(g.Width, g.Height)
	unreadable := Recover(func() error {
		info, err := w.header(l, m.File)
		if err == nil {
			size = image.Pt(info.Width, info.Height)
		}
		return err
	})
	t := g.Draw(m.Seed, size)
	d, err := drawnParams(&t, l.config.augment.Draw(m.Seed, g.Full().Max, nil))
	if unreadable != nil {
		return flipName(&t), nil, d, err
	}
	r := t.Region
	return flipName(&t), &[4]int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y}, d, err
}

// header reads the first bytes of a file, and all of it only where its header wants more.
func (w *worker) header(l *Loader, file int32) (imagefile.Info, error) {
	var size int64
	var err error
	if w.file, size, err = w.reader.Head(l.listing.Names[file], w.file, headerBytes); err != nil {
		return imagefile.Info{}, err
	}
	if err = w.config.checkFileSize(size); err != nil {
		return imagefile.Info{}, err
	}
	info, err := imagefile.InspectFirst(w.file, size, w.config.image)
	if !errors.Is(err, imagefile.ErrMore) {
		return info, err
	}
	if err = w.read(l, file); err != nil {
		return info, err
	}
	return imagefile.Inspect(w.file, w.config.image)
}

func flipName(t *augment.Transform) string {
	for _, f := range flips {
		if f.value == (augment.Flip{Horizontal: t.FlipHorizontal, Vertical: t.FlipVertical}) {
			return f.name
		}
	}
	return ""
}

// DrawnParams is what was drawn for the geometry and the augmentations of one look at an image.
type DrawnParams struct {
	// Matrix leads from a point (x, y) of the target, in pixels, to the one that it
	// shows of the target without RandomCrop, RandomAffine and flips: (m[0]x + m[1]y +
	// m[2], m[3]x + m[4]y + m[5]). It is nil where none of the former moves anything.
	Matrix *[6]float64 `json:"matrix"`
	// Ops are objects with a name, "op", and what was drawn: first of RandomCrop and
	// RandomAffine, then the operations in their order.
	Ops []json.RawMessage `json:"ops"`
}

func drawnParams(t *augment.Transform, ops []imageop.Op) (DrawnParams, error) {
	d := DrawnParams{Ops: []json.RawMessage{}}
	if t.Moved {
		m := [6]float64(t.Map)
		d.Matrix = &m
	}
	add := func(draw any) error {
		document, err := json.Marshal(draw)
		d.Ops = append(d.Ops, document)
		return err
	}
	for _, draw := range t.Drawn {
		if draw.Name == "" {
			continue
		}
		if err := add(draw); err != nil {
			return d, err
		}
	}
	for _, op := range ops {
		if err := add(op); err != nil {
			return d, err
		}
	}
	return d, nil
}
