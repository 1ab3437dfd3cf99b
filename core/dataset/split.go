package dataset

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"mixfolder/core/text"
)

// Split modes.
const (
	// Stratified draws floor(fraction * n) files of each class at random. The draw
	// depends on the seed and on the names of the class's own files: a new image moves
	// at most one other, a new class none. Files without classes are drawn from all of
	// them.
	Stratified = "stratified"
	// Head selects the first floor(fraction * n) files of each class, as Keras'
	// ImageDataGenerator does. It needs no seed.
	Head = "head"
)

// Split divides the files of a data set into two parts, each in ascending order. It
// depends on nothing but its arguments, and on the seed only if it is Stratified.
// warnings name classes of which the validation part has none. An empty part is an
// error.
func Split(d *Dataset, fraction float64, mode string, seed uint64) (train, validation []int32,
	warnings []string, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, nil, fmt.Errorf("dataset: validation_split must lie between 0 and 1, "+
			"both excluded, but is %v", fraction)
	}
	if mode != Stratified && mode != Head {
		return nil, nil, nil, fmt.Errorf("dataset: split must be %q or %q, but is %q", Stratified,
			Head, mode)
	}
	var small []string
	isValidation := make([]bool, len(d.Names))
	for group, members := range d.groups() {
		k := int(fraction * float64(len(members)))
		if k == 0 && len(members) > 0 && d.Index != nil {
			small = append(small, d.Classes[group])
		}
		if mode == Stratified {
			members = d.shuffled(members, seed)
		}
		for _, i := range members[:k] {
			isValidation[i] = true
		}
	}
	if len(small) > 0 {
		warnings = append(warnings, fmt.Sprintf("with validation_split=%v %d class(es) have no "+
			"image for validation, as they have too few: %s",
			fraction, len(small), text.QuotedList(small)))
	}
	for i, yes := range isValidation {
		if yes {
			validation = append(validation, int32(i))
		} else {
			train = append(train, int32(i))
		}
	}
	if len(validation) == 0 {
		return nil, nil, nil, fmt.Errorf("dataset: validation_split=%v of %d files in %d classes "+
			"leaves nothing for validation: "+
			"use a larger fraction or more images", fraction, len(d.Names), len(d.groups()))
	}
	return train, validation, warnings, nil
}

// groups are the files of each class, or all files if the labels are no classes.
func (d *Dataset) groups() [][]int32 {
	if d.Index == nil {
		return [][]int32{d.All()}
	}
	groups := make([][]int32, len(d.Classes))
	for i, label := range d.Index {
		groups[label] = append(groups[label], int32(i))
	}
	return groups
}

// shuffled returns the files of a class in a random order: by a hash of the seed, the
// class and each file's name below the class folder. Equal names, which a list may
// have, keep their order.
func (d *Dataset) shuffled(files []int32, seed uint64) []int32 {
	type entry struct {
		key  [sha256.Size]byte
		file int32
	}
	entries := make([]entry, len(files))
	for i, file := range files {
		class := d.Class(file)
		below := strings.TrimPrefix(d.Names[file], class+"/")
		name := binary.LittleEndian.AppendUint64(nil, seed)
		name = append(append(append(name, class...), 0), below...)
		entries[i] = entry{sha256.Sum256(name), file}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(bytes.Compare(a.key[:], b.key[:]),
			cmp.Compare(a.file, b.file))
	})
	permutation := make([]int32, len(files))
	for i, e := range entries {
		permutation[i] = e.file
	}
	return permutation
}
