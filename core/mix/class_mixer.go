package mix

import (
	"errors"
	"unsafe"
)

// ClassMixer mixes maps of classes as a Mixer mixes the images that they belong to: where
// a pixel of the row is that of one image, it has the class of this image there. It is
// never changed, so any number of goroutines may use it at once.
type ClassMixer struct {
	maps          *Mixer // of one byte per pixel
	pixels        int
	classes       int // 0 for numbers instead of one-hot vectors
	channelsFirst bool
}

// noClass is the number of a pixel without a class, which has no 1 in its vector.
const noClass = 255

// NewClassMixer returns a ClassMixer for the images of a Format. Its rows are numbers,
// int32, if classes is 0; otherwise vectors of this length, float32, with the weight of
// each class.
func NewClassMixer(f Format, classes int) (*ClassMixer, error) {
	maps, err := NewMixer(Format{DType: Uint8, Height: f.Height, Width: f.Width, Channels: 1,
		Scale: [4]float32{1}, Resize: f.Resize.ToNearest()})
	return &ClassMixer{maps, f.Height * f.Width, classes, f.ChannelsFirst}, err
}

// Shape is the shape of one row.
func (m *ClassMixer) Shape() []int {
	shape := []int{m.maps.format.Height, m.maps.format.Width}
	switch {
	case m.classes == 0:
		return shape
	case m.channelsFirst:
		return append([]int{m.classes}, shape...)
	}
	return append(shape, m.classes)
}

// DType is NumPy's name of the type of the values.
func (m *ClassMixer) DType() string {
	if m.classes == 0 {
		return "int32"
	}
	return "float32"
}

// Bytes is the size of one row.
func (m *ClassMixer) Bytes() int { return 4 * m.pixels * max(m.classes, 1) }

// MapBytes is the size of one map of classes.
func (m *ClassMixer) MapBytes() int { return m.pixels }

// Write writes a row at dst as b says. Maps are the classes of the pixels of the images
// of Mixer.Write: bytes below the number of classes, or 255 for none. dst has Bytes()
// bytes and is aligned to 4. Weights of pixels are those of the images there, whatever
// the weights of labels. Numbers cannot hold two classes: that is an error.
func (m *ClassMixer) Write(dst []byte, maps [][]byte, b *Blend, s *Scratch) error {
	c, err := m.maps.compose(maps, b, s)
	switch {
	case err != nil:
		return err
	case m.classes == 0:
		return m.numbers(dst, &c, b)
	}
	row := unsafe.Slice((*float32)(unsafe.Pointer(&dst[0])), m.pixels*m.classes)
	clear(row)
	if c.second == nil {
		m.add(row, c.own, 1, nil)
		return nil
	}
	weight := float32(b.Weight)
	m.add(row, c.own, weight, c.weights)
	for i, w := range c.weights {
		c.weights[i] = 1 - w
	}
	m.add(row, c.second, 1-weight, c.weights)
	return nil
}

// numbers writes the class of each pixel.
func (m *ClassMixer) numbers(dst []byte, c *composed, b *Blend) error {
	if mask := b.Mask.Kind; c.second != nil && (mask == nil || !mask.Binary) {
		return errors.New("mix: a mask of numbers cannot be mixed softly")
	}
	row := unsafe.Slice((*int32)(unsafe.Pointer(&dst[0])), m.pixels)
	for i, class := range c.own {
		if c.second != nil && c.weights[i] == 0 {
			class = c.second[i]
		}
		row[i] = int32(class)
	}
	return nil
}

// add adds a weight to the class of each pixel; weights has one for each, if it is set.
func (m *ClassMixer) add(row []float32, classes []byte, weight float32, weights []float32) {
	pixel, class := m.classes, 1 // the steps in row
	if m.channelsFirst {
		pixel, class = 1, m.pixels
	}
	for i, c := range classes[:m.pixels] {
		if c == noClass {
			continue
		}
		if weights != nil {
			weight = weights[i]
		}
		row[i*pixel+int(c)*class] += weight
	}
}
