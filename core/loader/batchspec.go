package loader

import (
	"mixfolder/core/label"
	"mixfolder/core/mix"
)

// BatchSpec tells a caller which arrays to allocate for a batch, without knowing what
// any option means for them. It is part of the info document.
type BatchSpec struct {
	X ArraySpec `json:"x"`
	// Y are the arrays of labels, weights and masks; empty if batches have none. They
	// are contiguous in the buffer y.
	Y []ArraySpec `json:"y"`
	// Images is the number of images in x per row: more than 1 if they are delivered
	// unmixed, all rows' own images first.
	Images int `json:"images"`
	// Target, if it is not nil, leaves the mixing of these images to the caller.
	Target *Target `json:"target,omitempty"`
	// Shuffled: each epoch has its own order. Mixed: rows are mixed with partners, in some
	// epoch at least. Altered: images are randomly cropped, flipped or augmented, likewise.
	// If none is true, all epochs of a phase are equal.
	Shuffled bool `json:"shuffled"`
	Mixed    bool `json:"mixed"`
	Altered  bool `json:"altered"`
}

// ArraySpec is an array without its first axis, the batch.
type ArraySpec struct {
	Shape []int  `json:"shape"`
	DType string `json:"dtype"` // NumPy's name
	Role  Role   `json:"role"`
	// Name is the head that the array belongs to, "" if there is one without a name.
	Name string `json:"name"`
}

// Role tells what an array is for.
type Role string

// The roles of arrays. Several labels of one head are a tuple in their order.
const (
	Images  Role = "image"
	Labels  Role = "label"
	Weights Role = "weight" // of samples
	Masks   Role = "mask"
)

// batchSpec is the same for all batches of a phase, except that the last one of an epoch
// may have fewer rows.
func (l *Loader) batchSpec(p *phase) BatchSpec {
	s := BatchSpec{X: imageSpec(&p.format), Y: []ArraySpec{}, Target: p.target,
		Images: l.imagesPerRow(p), Shuffled: p.plan.Shuffle,
		Mixed:   l.anyPhase(func(p *phase) bool { return p.mix != nil }),
		Altered: l.anyPhase(func(p *phase) bool { return p.transforms.Altered() })}
	for _, a := range l.config.arrays {
		s.Y = append(s.Y, ArraySpec{a.Shape(), string(a.DType()), a.role, a.name})
	}
	if m := p.masks; m != nil {
		s.Y = append(s.Y, ArraySpec{Shape: m.Shape(), DType: m.DType(), Role: Masks})
	}
	return s
}

func imageSpec(f *mix.Format) ArraySpec {
	return ArraySpec{Shape: f.Shape(), DType: f.DType.String(), Role: Images}
}

// imagesPerRow is the number of images in x per row.
func (l *Loader) imagesPerRow(p *phase) int {
	if l.unmixed(p) {
		return p.plan.Images
	}
	return 1
}

// unmixed tells that x holds partners after the rows' own images.
func (l *Loader) unmixed(p *phase) bool { return l.config.unmixed || p.target != nil }

// labelsPerRow is the number of rows in each array of y per row of the batch.
func (p *phase) labelsPerRow() int {
	if p.target != nil {
		return p.plan.Images
	}
	return 1
}

// yArray is an array in the buffer y: an encoder of its rows, and their size.
type yArray struct {
	label.Encoder
	role  Role
	name  string // of the head
	bytes int
}

// BatchBytes returns the lengths of the buffers that Submit needs for a batch.
func (l *Loader) BatchBytes(epoch uint64, number int) (x, y int) {
	p := l.phase(epoch)
	n := p.planner.Size(number)
	for _, a := range l.config.arrays {
		y += n * p.labelsPerRow() * a.bytes
	}
	if p.masks != nil {
		y += n * p.masks.Bytes()
	}
	return n * l.imagesPerRow(p) * p.format.Bytes(), y
}
