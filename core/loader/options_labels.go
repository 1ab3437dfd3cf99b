package loader

import (
	"errors"
	"fmt"

	"mixfolder/core/choice"
	"mixfolder/core/dataset"
	"mixfolder/core/label"
)

// LabelOptions control the labels in y.
type LabelOptions struct {
	Targets string `json:"targets"`
	// Heads are none if label_mode is None.
	Heads []HeadOptions `json:"heads"`
	// SampleWeights: batches have a weight per sample, see SetWeights. ClassWeights: those
	// of training.
	SampleWeights bool `json:"sample_weights"`
	ClassWeights  bool `json:"class_weights"`
}

// HeadOptions control the labels of one head.
type HeadOptions struct {
	Name           string   `json:"name"` // "" if there is one head
	LabelMode      string   `json:"label_mode"`
	LabelSmoothing float64  `json:"label_smoothing"`
	Binarize       *float64 `json:"binarize"`
	// Layout tells which part of a list's labels is that of a head with a name.
	dataset.Layout
}

// Layouts are those of a list with several heads; nil otherwise.
func (o *LabelOptions) Layouts() (layouts []dataset.Layout) {
	for _, h := range o.Heads {
		if h.Name != "" {
			layouts = append(layouts, h.Layout)
		}
	}
	return layouts
}

// targets tells whether y has pairs of labels.
var targets = choice.Set[bool]{{"mixed", false}, {"pair", true}}

// arrays returns the arrays of labels, none if label_mode is None. A row is mixed of at
// most so many images.
func (o *LabelOptions) arrays(tables []label.Table, images int, isValidation bool) ([]yArray,
	error) {
	pair, err := targets.Parse("targets", o.Targets)
	switch {
	case err != nil:
		return nil, err
	case pair && len(o.Heads) == 0:
		return nil, errors.New(`loader: targets="pair" needs labels: use targets="mixed"`)
	case len(o.Heads) > len(tables):
		return nil, fmt.Errorf("loader: there are %d heads, but the files have the labels of %d",
			len(o.Heads), len(tables))
	}
	var arrays []yArray
	for i, h := range o.Heads {
		encoders, err := label.New(label.Options{Mode: h.LabelMode, Images: images, Pair: pair,
			Smoothing: h.LabelSmoothing, Binarize: h.Binarize, Plain: isValidation}, &tables[i])
		if err != nil && h.Name != "" {
			err = fmt.Errorf("%w (head %q)", err, h.Name)
		}
		if err != nil {
			return nil, err
		}
		for _, e := range encoders {
			arrays = append(arrays, yArray{e, Labels, h.Name, label.Bytes(e)})
		}
	}
	return arrays, nil
}
