package dataset

import (
	"slices"
	"strings"
	"testing"

	"mixfolder/core/source"
)

func TestFromList(t *testing.T) {
	paths, labels := []string{"b/2.png", "a/1.png", "b/1.png", "a/2.png", "b/3.png"}, []int32{2, 0,
		2, 0, 2}
	l, err := FromList(source.Dir("root"), []string{"a", "empty", "b"}, paths, labels)
	if err != nil {
		t.Fatal(err)
	}
	if l.Path(0) != "root/b/2.png" || l.Class(0) != "b" || l.Class(1) != "a" ||
		len(l.Warnings) != 0 {
		t.Errorf("got %+v", l)
	}
	train, val, warnings, err := Split(l, 0.5, Head, 0)
	if err != nil || !slices.Equal(val, []int32{0, 1}) || !slices.Equal(train, []int32{2, 3, 4}) ||
		len(warnings) != 0 {
		t.Errorf("head split: %v, %v, %q, %v", train, val, warnings, err)
	}
	root := tree(t, map[string]string{"a/1.png": "x", "b/1.png": "x"})
	scanned, err := Scan(source.Dir(root), Options{})
	if err != nil {
		t.Fatal(err)
	}
	same, err := FromList(source.Dir("elsewhere"), []string{"a", "b"},
		[]string{"a/1.png", "b/1.png"}, []int32{0, 1})
	if err != nil || same.Digest() != scanned.Digest() {
		t.Errorf("a list of the same files has another digest (%v)", err)
	}
}

func TestFromListErrorsNameTheThing(t *testing.T) {
	for name, c := range map[string]struct {
		root           string
		classes, paths []string
		labels         []int32
		want           string
	}{
		"no files": {"r", []string{"a"}, nil, nil, "has no files"},
		"too few": {"r", []string{"a"}, []string{"1.png", "2.png"}, []int32{0},
			"2 files but 1 labels"},
		"no name": {"r", []string{"a"}, []string{"1.png", ""}, []int32{0, 0}, `name ""`},
		"NUL": {"r", []string{"a"}, []string{"1\x00.png"}, []int32{0},
			`name "1\x00.png"`},
		"NUL in class": {"r", []string{"a\x00"}, []string{"1.png"}, []int32{0}, `name "a\x00"`},
		"no root":      {"", []string{"a"}, []string{"1.png"}, []int32{0}, `name ""`},
		"label too far": {"r", []string{"a", "b"}, []string{"1.png"}, []int32{2},
			`"1.png" has label 2: it must be one of 0 to 1`},
		"negative": {"r", []string{"a", "b"}, []string{"1.png"}, []int32{-1}, "has label -1"},
	} {
		if _, err := FromList(source.Dir(c.root), c.classes, c.paths, c.labels); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}
