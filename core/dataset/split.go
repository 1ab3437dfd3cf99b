package dataset

import (
	"cmp"
	"fmt"
	"slices"

	"mixfolder/core/text"
)

// Split modes.
const (
	// Stratified draws floor(fraction * n) files of each class at random. The draw
	// depends on the seed and on the names of the class's own files: a new image moves
	// at most one other, a new class none. Files without classes are drawn from all of
	// them. Groups are drawn as a whole, each with the class of most of its files, by
	// their names.
	Stratified = "stratified"
	// Head selects the first floor(fraction * n) files of each class, as Keras'
	// ImageDataGenerator does. It needs no seed.
	Head = "head"
)

// Parts says how to divide a data set.
type Parts struct {
	Folds    int     // of Folds
	Fraction float64 // for validation, of Split
	Mode     string  // of Split
	Seed     uint64
}

// Division is a data set in parts. It is never changed and may be shared.
type Division struct {
	Parts
	// Of is the part of each file: its fold or, of a split, 1 for validation and 0 for
	// training.
	Of []int32
	// Warnings name the classes that are missing in a part.
	Warnings []string
}

// Members returns the files of a part, or else all others, ascending.
func (v *Division) Members(part int32, others bool) []int32 {
	var members []int32
	for i, of := range v.Of {
		if (of != part) == others {
			members = append(members, int32(i))
		}
	}
	return members
}

// Split divides a data set into training and validation. The result depends on nothing
// but the arguments, and on the seed only if the mode is not Head. An empty part is an
// error.
func Split(d *Dataset, p Parts) (*Division, error) {
	if !(p.Fraction > 0 && p.Fraction < 1) {
		return nil, fmt.Errorf("dataset: validation_split must lie between 0 and 1, "+
			"both excluded, but is %v", p.Fraction)
	}
	if p.Mode != Stratified && p.Mode != Head {
		return nil, fmt.Errorf("dataset: split must be %q or %q, but is %q", Stratified,
			Head, p.Mode)
	}
	if p.Mode == Head && d.Groups != nil {
		return nil, fmt.Errorf("dataset: split=%q takes the first files of each class and knows "+
			"no groups: use split=%q", Head, Stratified)
	}
	g := d.grouping(p.Mode == Stratified, p.Seed)
	isValidation := make([]int32, len(g.files))
	for _, groups := range g.strata() {
		for _, n := range g.draw(groups, p.Fraction) {
			isValidation[n] = 1
		}
	}
	v := g.division(p, isValidation)
	if !slices.Contains(v.Of, 1) {
		return nil, fmt.Errorf("dataset: validation_split=%v of %d files in %d classes "+
			"leaves nothing for validation: use a larger fraction or more %s", p.Fraction,
			len(d.Names), max(1, len(d.Classes)), d.drawn())
	}
	v.warnOfSplit(d)
	return v, nil
}

// draw returns the groups of a class for validation, in their order: each one that
// brings the number of files nearer to the fraction, but not all of the class. If none
// does, it is the smallest one.
func (g *grouping) draw(groups []int32, fraction float64) []int32 {
	n := 0
	for _, group := range groups {
		n += int(g.files[group])
	}
	missing := int(fraction * float64(n))
	if missing == 0 || len(groups) < 2 {
		return nil
	}
	var drawn []int32
	for _, group := range groups {
		size := int(g.files[group])
		if missing > 0 && size < 2*missing && len(drawn) < len(groups)-1 {
			drawn, missing = append(drawn, group), missing-size
		}
	}
	if drawn == nil {
		return []int32{slices.MinFunc(groups, func(a, b int32) int {
			return cmp.Compare(g.files[a], g.files[b])
		})}
	}
	return drawn
}

// division has the part of each file, given that of each group.
func (g *grouping) division(p Parts, part []int32) *Division {
	v := &Division{Parts: p, Of: make([]int32, len(g.of))}
	for i, n := range g.of {
		v.Of[i] = part[n]
	}
	return v
}

// warnOfSplit warns of classes that are missing in a part.
func (v *Division) warnOfSplit(d *Dataset) {
	counts := v.counts(d, 2)
	v.warn(d, func(c int) bool { return counts[1][c] == 0 }, "with validation_split=%v %d "+
		"class(es) have no image for validation, as they have too few "+d.drawn()+": %s", v.Fraction)
	v.warn(d, func(c int) bool { return counts[0][c] == 0 }, "with validation_split=%v %d "+
		"class(es) have no image for training, as all are in groups for validation: %s",
		v.Fraction)
}

// counts are the numbers of files by part and class.
func (v *Division) counts(d *Dataset, parts int) [][]int {
	counts := make([][]int, parts)
	for part := range counts {
		counts[part] = make([]int, max(1, len(d.Classes)))
	}
	for i, part := range v.Of {
		counts[part][d.ClassOf(int32(i))]++
	}
	return counts
}

// warn adds a warning with a value, and the number and names of the classes that have
// files and are wanted.
func (v *Division) warn(d *Dataset, wanted func(class int) bool, format string, value any) {
	if d.Index == nil {
		return
	}
	hasFiles := make([]bool, len(d.Classes))
	for _, class := range d.Index {
		hasFiles[class] = true
	}
	var names []string
	for class, name := range d.Classes {
		if hasFiles[class] && wanted(class) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		v.Warnings = append(v.Warnings,
			fmt.Sprintf(format, value, len(names), text.QuotedList(names)))
	}
}

// drawn is what a split draws, for messages.
func (d *Dataset) drawn() string {
	if d.Groups != nil {
		return "groups"
	}
	return "images"
}
