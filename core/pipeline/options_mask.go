package pipeline

import (
	"errors"

	"mixfolder/core/choice"
)

// MaskOptions are the arguments of from_directory that control the masks, by the same
// names. They are those of Python's defaults if there are no masks.
type MaskOptions struct {
	MaskMode string `json:"mask_mode"`
	// MaskClasses has the pixel value of each class.
	MaskClasses []int `json:"mask_classes"`
	MaskIgnore  *int  `json:"mask_ignore"`
}

// maskModes tell whether masks are one-hot.
var maskModes = choice.Set[bool]{{"int", false}, {"categorical", true}}

// Parse validates the options of a data set that has masks.
func (o *MaskOptions) Parse() (classes *Classes, oneHot bool, err error) {
	if oneHot, err = maskModes.Parse("mask_mode", o.MaskMode); err != nil {
		return nil, false, err
	}
	if o.MaskClasses == nil {
		return nil, false, errors.New("pipeline: masks need mask_classes, the number of classes, " +
			"such as mask_classes=21")
	}
	classes, err = newClasses(o.MaskClasses, o.MaskIgnore)
	return classes, oneHot, err
}
