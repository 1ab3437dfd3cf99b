package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"

	"mixfolder/core/source"
)

func TestFromList(t *testing.T) {
	paths, labels := []string{"b/2.png", "a/1.png", "b/1.png", "a/2.png", "b/3.png"}, []int32{2, 0,
		2, 0, 2}
	l, err := FromList(source.Dir("root"), List{Classes: []string{"a", "empty", "b"}, Names: paths,
		Labels: labels})
	if err != nil {
		t.Fatal(err)
	}
	if l.Path(0) != "root/b/2.png" || l.Class(0) != "b" || l.Class(1) != "a" ||
		len(l.Warnings) != 0 {
		t.Errorf("got %+v", l)
	}
	train, val, warnings, err := divided(l, 0.5, Head, 0)
	if err != nil || !slices.Equal(val, []int32{0, 1}) || !slices.Equal(train, []int32{2, 3, 4}) ||
		len(warnings) != 0 {
		t.Errorf("head split: %v, %v, %q, %v", train, val, warnings, err)
	}
	root := tree(t, map[string]string{"a/1.png": "x", "b/1.png": "x"})
	scanned, err := Scan(source.Dir(root), Options{})
	if err != nil {
		t.Fatal(err)
	}
	same, err := FromList(source.Dir("elsewhere"), List{Classes: []string{"a", "b"},
		Names: []string{"a/1.png", "b/1.png"}, Labels: []int32{0, 1}})
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
		if _, err := FromList(source.Dir(c.root), List{Classes: c.classes, Names: c.paths,
			Labels: c.labels}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestFromListOfValues(t *testing.T) {
	names := []string{"a/1.png", "a/2.png", "b/1.png", "b/2.png", "b/3.png"}
	values := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	d, err := FromList(source.Dir("root"), List{Names: names, Values: values})
	if err != nil || d.Flat || d.Index != nil || !slices.Equal(d.Row(3), []float32{7, 8}) {
		t.Fatalf("got %+v, %v", d, err)
	}
	other := slices.Clone(values)
	other[9]++
	if d2, _ := FromList(source.Dir("root"), List{Names: names, Values: other}); d2.Digest() ==
		d.Digest() {
		t.Error("other values have the same digest")
	}
	part, err := d.List(Labels, []int32{4, 0})
	if want := "\x00\x00\x10\x41\x00\x00\x20\x41\x00\x00\x80\x3f\x00\x00\x00\x40"; err != nil ||
		string(part) != want {
		t.Errorf("labels %x, %v", part, err)
	}
	for mode, want := range map[string]int{Head: 2, Stratified: 2} {
		train, val, warnings, err := divided(d, 0.4, mode, 7)
		all := slices.Sorted(slices.Values(slices.Concat(train, val)))
		if err != nil || len(val) != want || !slices.Equal(all, d.All()) || len(warnings) != 0 {
			t.Errorf("%s split: %v, %v, %q, %v", mode, train, val, warnings, err)
		}
	}
	for want, l := range map[string]List{
		"4 values and 0 labels": {Names: names[:3], Values: values[:4]},
		"3 values and 3 labels": {Names: names[:3], Values: values[:3], Labels: []int32{0, 0, 0}},
		`"a/2.png" has the label NaN`: {Names: names[:2],
			Values: []float32{1, float32(math.NaN())}},
		`"a/1.png" has the label -Inf`: {Names: names[:1],
			Values: []float32{1, float32(math.Inf(-1))}},
	} {
		if _, err := FromList(source.Dir("r"), l); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestFromFlatList(t *testing.T) {
	d, err := FromList(source.Dir("root"), List{Names: []string{"2.png", "1.png"}})
	if err != nil || !d.Flat || d.Class(1) != "" || !slices.Equal(d.Classes, []string{""}) {
		t.Errorf("got %+v, %v", d, err)
	}
}
