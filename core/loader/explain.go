package loader

import (
	"encoding/json"
	"image"
	"slices"

	"mixfolder/core/augment"
	"mixfolder/core/imageop"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
	"mixfolder/core/plan"
	"mixfolder/core/workpool"
)

// SampleInfo describes how one row of a batch is made. Images are identified by their
// index among the files of the subset.
type SampleInfo struct {
	ImageInfo
	// Blend describes how the row's images are combined.
	Blend mix.Blend `json:"blend"`
	// Partners are the images after the row's own; none if nothing is mixed.
	Partners []PartnerInfo `json:"partners"`
	// SampleWeight is the row's weight in the loss; nil if batches have none.
	SampleWeight *float32 `json:"sample_weight"`
}

// ImageInfo describes how one image is made.
type ImageInfo struct {
	Image int32 `json:"image"`
	// Replaces is the planned image, if its file is known to be bad and skipped.
	Replaces *int32 `json:"replaces"`
	Flip     string `json:"flip"` // as the option of that name
	// Crop is left, top, right, bottom in the image with EXIF orientation applied; nil
	// if the file cannot be read.
	Crop *[4]int `json:"crop"`
	// Augment holds all other drawn parameters.
	Augment DrawnParams `json:"augment"`
}

// PartnerInfo is an image that a row is mixed with.
type PartnerInfo struct {
	Image int32 `json:"image"`
	// Row is the row of the batch that the image belongs to, or -1.
	Row int `json:"row"`
	// Decoded describes how the image is made if it is decoded for this row alone. It
	// is nil for the own image of another row.
	Decoded *ImageInfo `json:"decoded"`
}

// Explain starts to explain how a batch is made, with the bad files that are known so
// far. It reads the headers of the batch's files and changes nothing. Result returns a
// JSON list of SampleInfo when the ticket is Done.
func (l *Loader) Explain(epoch uint64, number int) (workpool.Ticket, error) {
	if err := l.checkNumber(epoch, number); err != nil {
		return 0, err
	}
	planned := l.planned(epoch, number)
	var b plan.Batch
	rows := make([]SampleInfo, l.phase(epoch).planner.Size(number))
	o := &request{}
	o.Urgent = true // a user waits, and headers are read fast
	o.Stages = []stage{
		{N: 1, Run: func(*worker, int) error {
			b = planned()
			return nil
		}},
		{N: len(rows), Run: func(w *worker, i int) (err error) {
			rows[i], err = w.sampleInfo(l, &b, i)
			return err
		}},
		{N: 1, Run: func(*worker, int) (err error) {
			o.Output, err = json.Marshal(rows)
			return err
		}},
	}
	return l.Requests.Start(o)
}

// sampleInfo explains the i-th sample of a batch.
func (w *worker) sampleInfo(l *Loader, b *plan.Batch, i int) (SampleInfo, error) {
	s := &b.Samples[i]
	made := l.shownRow(b, i)
	r := SampleInfo{Blend: made.blend, Partners: []PartnerInfo{}}
	if l.config.sampleWeights {
		weight := l.lossWeights.at(b.Epoch).Of(made.files[:made.n], made.weights())
		if s.Filler {
			weight = 0
		}
		r.SampleWeight = &weight
	}
	var err error
	if r.ImageInfo, err = w.imageInfo(l, l.phase(b.Epoch), s.Image); err != nil {
		return r, err
	}
	for _, p := range s.Partners {
		shown, _ := l.shown(p.File)
		partner := PartnerInfo{Image: l.position(shown), Row: p.Row}
		if p.Row < 0 {
			decoded, err := w.imageInfo(l, l.phase(b.Epoch), p.Image)
			if err != nil {
				return r, err
			}
			partner.Decoded = &decoded
		}
		r.Partners = append(r.Partners, partner)
	}
	return r, nil
}

// imageInfo explains an image. Its size comes from the header of the file.
func (w *worker) imageInfo(l *Loader, p *phase, m plan.Image) (ImageInfo, error) {
	planned := m.File
	m.File, _ = l.shown(planned)
	info := ImageInfo{Image: l.position(m.File)}
	if m.File != planned {
		at := l.position(planned)
		info.Replaces = &at
	}
	g := &p.transforms.Geometry
	size := image.Pt(g.Width, g.Height)
	unreadable := workpool.Recover(func() error {
		header, err := w.Header(m.File)
		if err == nil {
			size = image.Pt(header.Width, header.Height)
		}
		return err
	})
	t := g.Draw(m.Seed, size)
	info.Flip = pipeline.Flips.NameOf(augment.Flip{Horizontal: t.FlipHorizontal,
		Vertical: t.FlipVertical})
	if r := t.Region; unreadable == nil {
		info.Crop = &[4]int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y}
	}
	var err error
	info.Augment, err = drawnParams(&t, p.transforms.Augment.Draw(m.Seed, g.Full().Max, nil))
	return info, err
}

// position is the index of a file among the subset's.
func (l *Loader) position(file int32) int32 {
	i, _ := slices.BinarySearch(l.members, file)
	return int32(i)
}

// DrawnParams holds what was drawn for the geometry and the augmentations of an image.
type DrawnParams struct {
	// Matrix is the affine map m of RandomCrop, RandomAffine and the flips: the target
	// shows at (x, y), in pixels, the point (m[0]x + m[1]y + m[2], m[3]x + m[4]y +
	// m[5]) of the target before them. It is nil without RandomCrop and RandomAffine.
	Matrix *[6]float64 `json:"matrix"`
	// Ops are objects with a name, "op", and what was drawn: RandomCrop and
	// RandomAffine first, then the operations in their order.
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
