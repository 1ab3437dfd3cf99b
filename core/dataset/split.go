package dataset

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Split modes.
const (
	// Stratified draws floor(fraction * n) files of each class at random. Where a file
	// goes depends on the seed and on the names of the class's own files: a new image
	// moves one other at most, another class none.
	Stratified = "stratified"
	// Head takes the first floor(fraction * n) files of each class, as Keras'
	// ImageDataGenerator does. It needs no seed.
	Head = "head"
)

// Split divides the listing's files into two parts, each in the order of the listing.
// It depends on nothing but its arguments, and on the seed only where it is Stratified.
// warnings name classes of which the validation part has none. An empty part is an
// error.
func Split(l *Listing, fraction float64, mode string, seed uint64) (train, validation []int32,
	warnings []string, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, nil, fmt.Errorf("dataset: validation_split must lie between 0 and 1, "+
			"both excluded, but is %v", fraction)
	}
	if mode != Stratified && mode != Head {
		return nil, nil, nil, fmt.Errorf("dataset: split must be %q or %q, but is %q", Stratified,
			Head, mode)
	}
	files := make([][]int32, len(l.Classes))
	for i, label := range l.Labels {
		files[label] = append(files[label], int32(i))
	}
	var small []string
	isValidation := make([]bool, len(l.Labels))
	for label, of := range files {
		k := int(fraction * float64(len(of)))
		if k == 0 && len(of) > 0 {
			small = append(small, l.Classes[label])
		}
		if mode == Stratified {
			of = l.shuffled(of, seed)
		}
		for _, i := range of[:k] {
			isValidation[i] = true
		}
	}
	if len(small) > 0 {
		warnings = append(warnings, fmt.Sprintf("with validation_split=%v %d class(es) have no "+
			"image for validation, as they have too few: %s",
			fraction, len(small), quoted(small)))
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
			"use a larger fraction or more images", fraction, len(l.Paths), len(l.Classes))
	}
	return train, validation, warnings, nil
}

// shuffled has the files of a class in a random order: that of a hash of the seed, the
// class and each file's path below the class folder. Equal paths, which a list may
// have, keep the order of the listing.
func (l *Listing) shuffled(files []int32, seed uint64) []int32 {
	type entry struct {
		key  [sha256.Size]byte
		file int32
	}
	entries := make([]entry, len(files))
	for i, file := range files {
		class := l.Class(file)
		below := strings.TrimPrefix(filepath.ToSlash(l.Paths[file]), filepath.ToSlash(class)+"/")
		name := binary.LittleEndian.AppendUint64(nil, seed)
		name = append(append(append(name, class...), 0), below...)
		entries[i] = entry{sha256.Sum256(name), file}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(bytes.Compare(a.key[:], b.key[:]),
			cmp.Compare(a.file, b.file))
	})
	order := make([]int32, len(files))
	for i, e := range entries {
		order[i] = e.file
	}
	return order
}

// Digest identifies classes, paths and labels (not the files' content), so that a
// loader that is opened again elsewhere can tell whether it looks at the same listing.
func (l *Listing) Digest() string {
	h := sha256.New()
	for _, names := range [][]string{l.Classes, l.Paths} {
		for _, n := range names {
			h.Write([]byte(n))
			h.Write([]byte{0})
		}
		h.Write([]byte{0})
	}
	for _, label := range l.Labels {
		h.Write([]byte{byte(label), byte(label >> 8), byte(label >> 16), byte(label >> 24)})
	}
	return hex.EncodeToString(h.Sum(nil))
}
