package mix

import (
	"encoding/json"
	"image"

	"mixfolder/core/rng"
)

// Blend says how the images of a row become one, and their labels. It is a plain value,
// which is drawn by a Policy, executed by Mixer.Write and reported as JSON. Images are
// named by their place in the row; 0 is the row's own.
type Blend struct {
	// Labels are the weights of the images' labels, which sum up to 1.
	Labels [MaxImages]float64
	// Weight is the weight of the row's own image; the second image has 1-Weight. It
	// counts for the pixels that no box covers, if there is no mask.
	Weight float64
	// Mask, if it has a kind, takes the place of Weight, with a weight for each pixel.
	Mask Mask
	// Boxes show parts of images, unmixed, each over the ones before it. An empty box
	// shows nothing.
	Boxes [MaxImages]Box
	// Rule, if set, is still to change Labels by the classes of the images.
	Rule LabelRule
}

// Unmixed is the Blend of a row that is its own image alone.
var Unmixed = Blend{Labels: [MaxImages]float64{1}, Weight: 1}

// Images is the number of the row's first images that the blend is made of: it shows
// none of the others, nor has it their labels.
func (b *Blend) Images() int {
	n := 1
	if b.Weight != 1 || b.Mask.Kind != nil {
		n = 2
	}
	for i := range MaxImages {
		if b.Labels[i] > 0 {
			n = max(n, i+1)
		}
		if box := &b.Boxes[i]; !box.To.Empty() {
			n = max(n, box.Image+1)
		}
	}
	return n
}

// Box shows a part of an image. From and To lie in images of the size of a row. A part
// that is larger or smaller than To is resized as Format.Resize says.
type Box struct {
	Image    int
	From, To image.Rectangle
}

// Mask is the weight of the row's own image at each pixel; the second image has the
// rest of 1.
type Mask struct {
	Kind *MaskKind // nil for no mask
	Seed rng.Seed
	Args [4]float64 // as Kind defines them
}

// MaskKind is a way to make a mask from a seed and arguments.
type MaskKind struct {
	Name string
	// Binary tells that all weights are 0 or 1.
	Binary bool
	// Render writes the weights, from 0 to 1, row by row. They depend on the size and the
	// mask alone, and all of them are written; Scratch is memory to work in.
	Render func(weights []float32, size image.Point, m *Mask, s *Scratch)
}

// MarshalJSON reports what was drawn: always the weights of the labels and of the own
// image, and boxes and mask if there are any. Rectangles are left, top, right, bottom.
func (b Blend) MarshalJSON() ([]byte, error) {
	type box struct {
		Image int    `json:"image"`
		From  [4]int `json:"from"`
		To    [4]int `json:"to"`
	}
	type mask struct {
		Kind string     `json:"kind"`
		Seed rng.Seed   `json:"seed"`
		Args [4]float64 `json:"args"`
	}
	document := struct {
		Labels [MaxImages]float64 `json:"labels"`
		Weight float64            `json:"weight"`
		Boxes  []box              `json:"boxes,omitempty"`
		Mask   *mask              `json:"mask,omitempty"`
	}{Labels: b.Labels, Weight: b.Weight}
	for _, x := range b.Boxes {
		if !x.To.Empty() {
			document.Boxes = append(document.Boxes, box{x.Image, edges(x.From), edges(x.To)})
		}
	}
	if k := b.Mask.Kind; k != nil {
		document.Mask = &mask{k.Name, b.Mask.Seed, b.Mask.Args}
	}
	return json.Marshal(document)
}

func edges(r image.Rectangle) [4]int { return [4]int{r.Min.X, r.Min.Y, r.Max.X, r.Max.Y} }
