package dataset

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"mixfolder/core/text"
)

// chosen are the classes to scan.
type chosen struct {
	names   []string
	missing map[string]bool // names without a folder
	unused  []string        // folders that are not wanted
	warning string          // about the missing names; "" if there are none
}

// chooseClasses returns all folders that were found, or the wanted names in their
// order. A wanted name without a folder keeps its label, unless it is probably misspelt
// or no wanted name has a folder.
func chooseClasses(root string, found, wanted []string) (chosen, error) {
	if len(wanted) == 0 {
		return chosen{names: found}, nil
	}
	isFound := make(map[string]bool, len(found))
	for _, name := range found {
		isFound[name] = true
	}
	c := chosen{names: slices.Clone(wanted), missing: map[string]bool{}}
	isWanted := make(map[string]bool, len(wanted))
	var missing []string
	for _, name := range wanted {
		if name == "" || strings.Contains(name, "/") {
			return c, fmt.Errorf("dataset: class_names has %q: a class is named as its folder "+
				"directly in %q, without a slash", name, root)
		}
		if isWanted[name] {
			return c, fmt.Errorf("dataset: class_names has %q twice: name each class once", name)
		}
		isWanted[name] = true
		if !isFound[name] {
			c.missing[name] = true
			missing = append(missing, name)
		}
	}
	c.unused = slices.DeleteFunc(slices.Clone(found),
		func(name string) bool { return isWanted[name] })
	if len(missing) == 0 {
		return c, nil
	}
	if err := misspelt(root, missing, c.unused); err != nil {
		return c, err
	}
	if len(missing) == len(wanted) {
		which := "which is no folder"
		if len(missing) > 1 {
			which = "none of which is a folder"
		}
		return c, fmt.Errorf("dataset: class_names has %s, %s in %q: it has %s",
			text.QuotedList(missing), which, root, text.QuotedList(found))
	}
	c.warning = fmt.Sprintf("class_names has %d name(s) without a folder in %q, which keep their "+
		"labels without images: %s",
		len(missing), root, text.QuotedList(missing))
	if len(c.unused) > 0 {
		c.warning += fmt.Sprintf("; the folders that are not in class_names are ignored: %s",
			text.QuotedList(c.unused))
	}
	return c, nil
}

// Names of folders for the parts of a data set.
var (
	trainingNames   = []string{"train", "training"}
	validationNames = []string{"val", "valid", "validation", "test", "testing", "dev", "eval"}
)

// errParts is the error for folders that are the parts of a data set, such as train and
// val or train2017 and val2017, and not classes; nil otherwise.
func errParts(root string, found []string) error {
	var train, others []string
	for _, name := range found {
		part := strings.TrimRight(strings.ToLower(name), "0123456789_- ")
		switch {
		case slices.Contains(trainingNames, part):
			train = append(train, name)
		case slices.Contains(validationNames, part):
			others = append(others, name)
		}
	}
	if len(train) == 0 || len(others) == 0 && len(found) > 1 {
		return nil
	}
	remedy := fmt.Sprintf("open %q itself", path.Join(root, train[0]))
	if len(others) > 0 {
		remedy = fmt.Sprintf("open each by itself, or all with mf.from_directories(train=%q, "+
			"val=%q)", path.Join(root, train[0]), path.Join(root, others[0]))
	}
	return fmt.Errorf("dataset: the folders %s in %q seem to be parts of a data set, not "+
		"classes: %s (if they are classes, pass class_names)",
		text.QuotedList(append(train, others...)), root, remedy)
}

// maxCompared limits how many pairs of names are compared letter by letter.
const maxCompared = 100_000

// misspelt is the error for the first missing name that is nearly the name of an
// unused folder, or nil.
func misspelt(root string, missing, unused []string) error {
	byKey := make(map[string]string, len(unused))
	for _, name := range unused {
		byKey[key(name)] = name
	}
	compared := 0
	for _, name := range missing {
		if other, ok := byKey[key(name)]; ok {
			if norm.NFC.String(name) == norm.NFC.String(other) {
				return fmt.Errorf("dataset: class_names has %s, but the folder in %q is %s: %s",
					text.Form(name), root, text.Form(other), text.OtherForm)
			}
			return errMisspelt(root, name, other)
		}
		for _, other := range unused {
			if compared++; compared > maxCompared {
				return nil
			}
			if isTypo(name, other) {
				return errMisspelt(root, name, other)
			}
		}
	}
	return nil
}

func errMisspelt(root, name, other string) error {
	return fmt.Errorf("dataset: class_names has %q, which is no folder in %q: did you mean %q? "+
		"If it is a class of its own, without images there, "+
		"make an empty folder of its name", name, root, other)
}

// key is the same for names that differ only in case, in the Unicode form of their
// letters, or in the characters between words.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) {
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(name))
}

// isTypo reports whether two names differ by one letter that is added, missing, wrong
// or swapped with its neighbor, or by two in names of 8 letters or more. Names that
// differ in a digit are not misspelt: they are numbered.
func isTypo(a, b string) bool {
	x, y := []rune(a), []rune(b)
	limit := 1
	if min(len(x), len(y)) >= 8 {
		limit = 2
	}
	if min(len(x), len(y)) < 3 || max(len(x), len(y))-min(len(x), len(y)) > limit ||
		digits(x) != digits(y) {
		return false
	}
	return distance(x, y) <= limit
}

func digits(name []rune) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, string(name))
}

// distance is the number of edits between two names, where swapping neighbors is one
// edit (restricted Damerau-Levenshtein distance).
func distance(x, y []rune) int {
	rows := [3][]int{make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)}
	before, last, this := rows[0], rows[1], rows[2]
	for j := range this {
		this[j] = j
	}
	for i := 1; i <= len(x); i++ {
		before, last, this = last, this, before
		this[0] = i
		for j := 1; j <= len(y); j++ {
			wrong := 1
			if x[i-1] == y[j-1] {
				wrong = 0
			}
			this[j] = min(last[j]+1, this[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				this[j] = min(this[j], before[j-2]+1)
			}
		}
	}
	return this[len(y)]
}
