// Package label turns the labels of files into the rows of y. There is one Encoder per
// label mode, each in its own file, which registers it by name.
package label

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unsafe"
)

// Table holds the labels of a data set, one row per file. It is never changed, so any
// number of goroutines may use it at once.
type Table struct {
	// Classes are names of classes, or of tags; nil if the labels are quantities.
	Classes []string
	// Index is each file's index in Classes; nil if there are Values.
	Index []int32
	// Values holds Width numbers per file: one per tag, 1 where the file has it, or
	// quantities. It is nil if each file has one class.
	Values []float32
	Width  int
}

// Class is the name of a file's class, or "" if it has Values.
func (t *Table) Class(file int32) string {
	if t.Index == nil {
		return ""
	}
	return t.Classes[t.Index[file]]
}

// Row are the Values of a file.
func (t *Table) Row(file int32) []float32 {
	return t.Values[int(file)*t.Width:][:t.Width]
}

// DType is the type of an encoder's values, by NumPy's name.
type DType string

// The types of values.
const (
	Float32 DType = "float32"
	Int32   DType = "int32"
)

// Size is the number of bytes of one value.
func (d DType) Size() int { return 4 }

// Encoder writes the rows of one array of labels. It is never changed, so any number of
// goroutines may use it at once.
type Encoder interface {
	// Shape is the shape of one row; empty for one number.
	Shape() []int
	DType() DType
	// Encode writes the row of an image mixed from the images of files. Weights has one
	// weight per file, which sum up to 1. dst has Bytes(e) bytes, aligned for the type;
	// all are written. It does not allocate.
	Encode(dst []byte, files []int32, weights []float64)
	// Caption is the same label in words, such as "0.71 tulip + 0.29 rose".
	Caption(files []int32, weights []float64) string
}

// Bytes is the size of one row.
func Bytes(e Encoder) int {
	n := e.DType().Size()
	for _, extent := range e.Shape() {
		n *= extent
	}
	return n
}

// kind is a label mode.
type kind struct {
	// new makes the encoder for a table; mixed tells that rows have more than one
	// image. It refuses labels that it cannot encode, with the remedy.
	new func(t *Table, mixed bool) (Encoder, error)
	// outcomes is the number of outcomes over which label_smoothing spreads its weight;
	// nil if the labels cannot be smoothed.
	outcomes func(t *Table) int
	// shares tells that each class or tag has a value of its own, so that binarize can
	// show all of them.
	shares bool
}

var kinds = map[string]kind{}

// register is called by the init function of each encoder's file.
func register(mode string, k kind) { kinds[mode] = k }

// Caption is the class of each file with its weight, such as "0.71 tulip + 0.29 rose",
// or the class alone if there is one file. The classes of more than two files are
// sorted by weight, as a long caption is cut.
func (t *Table) Caption(files []int32, weights []float64) string {
	if len(files) == 1 {
		return t.Class(files[0])
	}
	type part struct {
		class  string
		weight float64
	}
	var parts []part
	for i, file := range files {
		class := t.Class(file)
		k := slices.IndexFunc(parts, func(p part) bool { return p.class == class })
		if k < 0 {
			k = len(parts)
			parts = append(parts, part{class: class})
		}
		parts[k].weight += weights[i]
	}
	if len(files) > 2 {
		slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.weight, a.weight) })
	}
	var b strings.Builder
	for k, p := range parts {
		if k > 0 {
			b.WriteString(" + ")
		}
		fmt.Fprintf(&b, "%.2f %s", p.weight, p.class)
	}
	return b.String()
}

// weight rounds the i-th weight to 32 bits. The last one is the difference of the others
// to 1, so that the rounded weights sum up to 1 as well.
func weight(weights []float64, i int) float32 {
	if i < len(weights)-1 {
		return float32(weights[i])
	}
	rest := float32(1)
	for _, w := range weights[:i] {
		rest -= float32(w)
	}
	return rest
}

// view is the same memory as numbers of 4 bytes.
func view[T float32 | int32](b []byte) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/4)
}

// needClasses refuses a table whose labels are no classes, for the modes that encode
// them.
func (t *Table) needClasses(mode string) error {
	if t.Index == nil {
		return fmt.Errorf("label: label_mode=%q needs one class per file, but the labels are "+
			"tags or numbers: choose another label_mode", mode)
	}
	return nil
}

// needValues refuses a table of classes, for the modes that encode tags or quantities.
func (t *Table) needValues(mode, what string) error {
	if t.Index != nil {
		return fmt.Errorf("label: label_mode=%q needs %s for each file, but the files have "+
			"classes: pass the labels to from_files or from_dataframe", mode, what)
	}
	return nil
}
