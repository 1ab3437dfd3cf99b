package folder

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// Split modes.
const (
	// Stratified draws floor(fraction * n) files of each class at random.
	Stratified = "stratified"
	// Head takes the first floor(fraction * n) files of each class, as Keras' ImageDataGenerator does. It needs no seed.
	Head = "head"
)

// Split divides the listing's files into two parts, each in the order of the listing. It depends on nothing but its arguments:
// shuffle(label) is the source of chance for a class, and is asked only for Stratified. warnings name classes of which the
// validation part has none. An empty part is an error.
func Split(l *Listing, fraction float64, mode string, shuffle func(label int) *rand.Rand) (train, validation []int32, warnings []string, err error) {
	if !(fraction > 0 && fraction < 1) {
		return nil, nil, nil, fmt.Errorf("folder: validation_split must lie between 0 and 1, both excluded, but is %v", fraction)
	}
	if mode != Stratified && mode != Head {
		return nil, nil, nil, fmt.Errorf("folder: split must be %q or %q, but is %q", Stratified, Head, mode)
	}
	files := make([][]int32, len(l.Classes))
	for i, label := range l.Labels {
		files[label] = append(files[label], int32(i))
	}
	isValidation := make([]bool, len(l.Labels))
	for label, of := range files {
		k := int(fraction * float64(len(of)))
		if k == 0 && len(of) > 0 {
			warnings = append(warnings, fmt.Sprintf("class %q has only %d picture(s): with validation_split=%v it has none for validation",
				l.Classes[label], len(of), fraction))
		}
		for i, chosen := range choose(len(of), k, mode, shuffle, label) {
			isValidation[of[i]] = chosen
		}
	}
	for i, yes := range isValidation {
		if yes {
			validation = append(validation, int32(i))
		} else {
			train = append(train, int32(i))
		}
	}
	if len(validation) == 0 {
		return nil, nil, nil, fmt.Errorf("folder: validation_split=%v of %d files in %d classes leaves nothing for validation: "+
			"use a larger fraction or more pictures", fraction, len(l.Paths), len(l.Classes))
	}
	return train, validation, warnings, nil
}

// choose marks k of n.
func choose(n, k int, mode string, shuffle func(int) *rand.Rand, label int) []bool {
	chosen := make([]bool, n)
	if mode == Head {
		for i := range k {
			chosen[i] = true
		}
		return chosen
	}
	for _, i := range shuffle(label).Perm(n)[:k] {
		chosen[i] = true
	}
	return chosen
}

// Digest identifies classes, paths and labels (not the files' content), so that a loader that is opened again elsewhere can tell
// whether it looks at the same listing.
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
