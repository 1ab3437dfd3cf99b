package loader

import (
	"encoding/json"
	"fmt"
	"image"
	"slices"

	"mixfolder/core/picture"
	"mixfolder/core/plan"
)

// Explained is one sample of a batch in words. Pictures are named by their place among the subset's files.
type Explained struct {
	Picture     int32   `json:"picture"`
	InsteadOf   *int32  `json:"instead_of"` // the picture that this place belongs to, where its file is known to be bad and skipped
	Flip        string  `json:"flip"`       // as the option of that name
	Crop        *[4]int `json:"crop"`       // left, top, right, bottom in the upright picture; nil where the file cannot be read
	Lambda      float64 `json:"lam"`
	Partner     *int32  `json:"partner"` // nil where nothing is mixed
	Anew        bool    `json:"anew"`    // the partner is no row of the batch but decoded for it, with its own flip and crop
	PartnerFlip string  `json:"partner_flip"`
	PartnerCrop *[4]int `json:"partner_crop"`
	// What else was drawn, of the picture and of a partner that is decoded anew.
	Augment        Drawn  `json:"augment"`
	PartnerAugment *Drawn `json:"partner_augment"`
}

// Explain tells how a batch comes about, with the bad files that are known so far. It reads the headers of the batch's files and changes
// nothing.
func (l *Loader) Explain(pass uint64, number int) ([]Explained, error) {
	if err := l.checkNumber(number); err != nil {
		return nil, err
	}
	b := l.planner.Batch(pass, number)
	rows := make([]Explained, len(b.Samples))
	e := explainer{loader: l, reader: reader{allowance: allowance{most: l.steps.room.large.size}}}
	for i, s := range b.Samples {
		v := e.shown(s.View)
		r := Explained{Picture: l.position(v.File), Flip: flipName(v), Crop: e.crop(v), Lambda: s.Lambda}
		var err error
		if r.Augment, err = drawn(&l.steps.plan, v); err != nil {
			return nil, err
		}
		if v.File != s.File {
			planned := l.position(s.File)
			r.InsteadOf = &planned
		}
		if s.Mixed {
			v := e.shown(b.PartnerOf(i))
			if r.Anew = s.Row < 0; r.Anew {
				r.PartnerFlip, r.PartnerCrop = flipName(v), e.crop(v)
				d, err := drawn(&l.steps.plan, v)
				if err != nil {
					return nil, err
				}
				r.PartnerAugment = &d
			}
			at := l.position(v.File)
			r.Partner = &at
		}
		rows[i] = r
	}
	return rows, nil
}

// position is the place of a file among the subset's.
func (l *Loader) position(file int32) int32 {
	at, _ := slices.BinarySearch(l.members, file)
	return int32(at)
}

// explainer reads headers.
type explainer struct {
	loader *Loader
	reader reader
	file   []byte
}

// shown is the view with the file that is shown in the place of its own.
func (e *explainer) shown(v plan.View) plan.View {
	v.File, _ = e.loader.shown(v.File)
	return v
}

func (e *explainer) crop(v plan.View) *[4]int {
	l := e.loader
	var err error
	if e.file, err = e.reader.read(l.listing.Root, l.listing.Paths[v.File], e.file); err != nil {
		return nil
	}
	var r image.Rectangle
	err = Caught(func() error {
		info, err := picture.Inspect(e.file, l.steps.picture)
		if err == nil {
			r = l.steps.plan.Crop(v, info.Width, info.Height)
		}
		return err
	})
	if err != nil {
		return nil
	}
	return &[4]int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y}
}

func flipName(v plan.View) string {
	for _, f := range flips {
		if f.value == [2]bool{v.FlipHorizontal, v.FlipVertical} {
			return f.name
		}
	}
	return ""
}

// Drawn is what was drawn for the geometry and the augmentations of one look at a picture.
type Drawn struct {
	// Matrix leads from a point (x, y) of the target, in pixels, to the one that it shows of the target without RandomCrop, RandomAffine
	// and flips: (m[0]x + m[1]y + m[2], m[3]x + m[4]y + m[5]). It is nil where none of the former moves anything.
	Matrix *[6]float64 `json:"matrix"`
	// Ops are objects with a name, "op", and what was drawn: first of RandomCrop and RandomAffine, then the operations in their order.
	Ops []json.RawMessage `json:"ops"`
}

func drawn(s *plan.Spec, v plan.View) (Drawn, error) {
	d := Drawn{Ops: []json.RawMessage{}}
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
