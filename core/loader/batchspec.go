package loader

import (
	"mixfolder/core/augment"
	"mixfolder/core/label"
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
	// Shuffled: each epoch has its own order. Mixed: rows are mixed with partners.
	// Altered: images are randomly cropped, flipped or augmented. If none is true, all
	// epochs are equal.
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

// BatchSpec is the same for all batches, except that the last one may have fewer rows.
func (l *Loader) BatchSpec() BatchSpec {
	c := &l.config
	s := BatchSpec{Y: []ArraySpec{},
		X:      ArraySpec{Shape: c.format.Shape(), DType: c.format.DType.String(), Role: Images},
		Images: c.imagesPerRow(), Shuffled: c.plan.Shuffle, Mixed: c.mix != nil,
		Altered: c.Geometry.Random() || c.Geometry.Flip != augment.Flip{} || c.Augment.Len() > 0}
	for _, a := range c.arrays {
		s.Y = append(s.Y, ArraySpec{a.Shape(), string(a.DType()), a.role, a.name})
	}
	return s
}

// imagesPerRow is the number of images in x per row.
func (c *config) imagesPerRow() int {
	if c.unmixed {
		return c.plan.Images
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
func (l *Loader) BatchBytes(number int) (x, y int) {
	n := l.planner.Size(number)
	for _, a := range l.config.arrays {
		y += n * a.bytes
	}
	return n * l.config.imagesPerRow() * l.config.format.Bytes(), y
}
