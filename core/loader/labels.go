package loader

import (
	"errors"
	"fmt"
	"unsafe"

	"mixfolder/core/mix"
	"mixfolder/core/plan"
)

// labels writes the rows of y: 4 bytes a value.
type labels struct {
	mode    string
	classes int
}

func (o *Options) labels(classes int) (labels, error) {
	l := labels{o.LabelMode, classes}
	switch o.LabelMode {
	case "", "categorical":
	case "binary":
		if classes != 2 {
			return l, fmt.Errorf(`loader: label_mode="binary" needs 2 classes, but there are %d: use "categorical", or choose two by class_names`, classes)
		}
	case "int":
		if o.Mix != nil && o.Subset != validation {
			return l, errors.New(`loader: label_mode="int" cannot hold mixed labels: use mix=None, or label_mode="categorical" with ` +
				"categorical_crossentropy")
		}
	default:
		return l, fmt.Errorf(`loader: label_mode must be "categorical", "binary", "int" or None, but is %q`, o.LabelMode)
	}
	return l, nil
}

// width is the number of values in a row.
func (l labels) width() int {
	switch l.mode {
	case "":
		return 0
	case "categorical":
		return l.classes
	}
	return 1
}

// row writes one row of y for labels a and, where the sample is mixed, b.
func (l labels) row(y []byte, row int, s plan.Sample, a, b int32) {
	n := l.width()
	if n == 0 {
		return
	}
	y = y[4*n*row:][:4*n]
	switch l.mode {
	case "int":
		*(*int32)(unsafe.Pointer(&y[0])) = a
	case "binary":
		*(*float32)(unsafe.Pointer(&y[0])) = mix.Binary(a, b, float32(s.Lambda))
	case "categorical":
		mix.OneHot(unsafe.Slice((*float32)(unsafe.Pointer(&y[0])), n), l.classes, a, b,
			float32(s.Lambda))
	}
}
