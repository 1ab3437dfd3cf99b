package loader

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"

	"mixfolder/core/imagefile"
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
	s := b.Samples[i]
	v := l.view(s.View)
	r := SampleInfo{Image: l.position(v.File), Flip: flipName(v), Crop: w.headerCrop(l, v),
		Lambda: s.Lambda}
	var err error
	if r.Augment, err = drawn(&l.config.plan, v); err != nil {
		return r, err
	}
	if v.File != s.File {
		planned := l.position(s.File)
		r.InsteadOf = &planned
	}
	if !s.Mixed {
		return r, nil
	}
	v = l.view(b.PartnerOf(i))
	at := l.position(v.File)
	r.Partner = &at
	if r.Anew = s.Row < 0; r.Anew {
		r.PartnerFlip, r.PartnerCrop = flipName(v), w.headerCrop(l, v)
		d, err := drawn(&l.config.plan, v)
		r.PartnerAugment = &d
		return r, err
	}
	return r, nil
}

// position is the place of a file among the subset's.
func (l *Loader) position(file int32) int32 {
	at, _ := slices.BinarySearch(l.members, file)
	return int32(at)
}

// view is v with the file that is shown in the place of its own.
func (l *Loader) view(v plan.View) plan.View {
	v.File, _ = l.shown(v.File)
	return v
}

// headerBytes is how much of a file is read for its header, at first.
const headerBytes = 64 << 10

// headerCrop is the part that a view shows by the header of its file; nil where that
// cannot be read.
func (w *worker) headerCrop(l *Loader, v plan.View) *[4]int {
	defer w.leave()
	var r image.Rectangle
	err := Recover(func() error {
		info, err := w.header(l, v.File)
		if err == nil {
			r = l.config.plan.Crop(v, info.Width, info.Height)
		}
		return err
	})
	if err != nil {
		return nil
	}
	return &[4]int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y}
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

func flipName(v plan.View) string {
	for _, f := range flips {
		if f.value == [2]bool{v.FlipHorizontal, v.FlipVertical} {
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

func drawn(s *plan.Spec, v plan.View) (DrawnParams, error) {
	d := DrawnParams{Ops: []json.RawMessage{}}
	add := func(name string, draw any) error {
		document, err := json.Marshal(draw)
		if err == nil {
			if name != "" {
				document = fmt.Appendf(nil, `{"op":%q,%s`, name, document[1:])
			}
			d.Ops = append(d.Ops, document)
		}
		return err
	}
	turn, ok := s.Turn(v)
	if ok {
		m := [6]float64(turn.Map)
		d.Matrix = &m
	}
	if _, is := s.Cropping.(*plan.RandomCrop); is {
		if err := add("random_crop", struct {
			X int `json:"x"`
			Y int `json:"y"`
		}{turn.Shift.X, turn.Shift.Y}); err != nil {
			return d, err
		}
	}
	if s.Affine() != nil {
		if err := add("random_affine", turn.Affine); err != nil {
			return d, err
		}
	}
	for _, op := range s.Ops(nil, v) {
		if err := add("", op); err != nil {
			return d, err
		}
	}
	return d, nil
}
