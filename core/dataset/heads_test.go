package dataset

import (
	"slices"
	"strings"
	"testing"

	"mixfolder/core/source"
)

// twoFiles has three heads: a class, a quantity and tags.
func twoFiles() List {
	return List{Names: []string{"1.png", "2.png"},
		Classes: []string{"rose", "tulip", "red", "wild"},
		Labels:  []int32{1, 0},
		Values:  []float32{2.5, 3.5, 1, 0, 1, 1},
		Layouts: []Layout{{Classes: 2}, {Width: 1}, {Classes: 2, Width: 2}}}
}

func TestFromListOfHeads(t *testing.T) {
	d, err := FromList(source.Dir("root"), twoFiles())
	if err != nil {
		t.Fatal(err)
	}
	heads := d.Heads()
	if len(heads) != 3 || d.Flat || d.Class(0) != "tulip" || len(heads[1].Classes) > 0 ||
		!slices.Equal(heads[1].Row(1), []float32{3.5}) ||
		!slices.Equal(heads[2].Row(0), []float32{1, 0}) ||
		!slices.Equal(heads[2].Classes, []string{"red", "wild"}) {
		t.Errorf("got %+v", heads)
	}
	if names, err := d.List(Classes, nil); err != nil ||
		string(names) != "rose\x00tulip\x00red\x00wild\x00" {
		t.Errorf("classes %q, %v", names, err)
	}
	labels, err := d.List(Labels, []int32{1})
	if want := "\x00\x00\x00\x00\x00\x00\x60\x40\x00\x00\x80\x3f\x00\x00\x80\x3f"; err != nil ||
		string(labels) != want {
		t.Errorf("labels %x, %v", labels, err)
	}
	info, err := d.InfoDocument(nil, nil)
	if want := `"layouts":[{"classes":2,"width":0},{"classes":0,"width":1},` +
		`{"classes":2,"width":2}]`; err != nil || !strings.Contains(string(info), want) {
		t.Errorf("info %s, %v", info, err)
	}
	for i := range 3 {
		l := twoFiles()
		switch i {
		case 0:
			l.Classes[3] = "old"
		case 1:
			l.Values[1]++
		case 2:
			l.Values[5] = 0
		}
		if other, _ := FromList(source.Dir("root"), l); other.Digest() == d.Digest() {
			t.Errorf("change %d keeps the digest", i)
		}
	}
}

func TestHeadsThatDoNotAddUpAreRefused(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(l *List)
	}{
		{"do not add up", func(l *List) { l.Classes = l.Classes[:3] }},
		{"do not add up", func(l *List) { l.Labels = append(l.Labels, 0) }},
		{"do not add up", func(l *List) { l.Values = l.Values[:4] }},
		{"do not add up", func(l *List) { l.Layouts = l.Layouts[:2] }},
		{"do not add up", func(l *List) { l.Layouts = []Layout{} }},
		{"do not add up", func(l *List) { l.Layouts[0].Classes = -1 }},
		{"do not add up", func(l *List) { l.Layouts[1].Width = -1 }},
		{"do not add up", func(l *List) { l.Layouts[1].Width = 1 << 62 }},
		{"has label 1: it must be one of 0 to 0", func(l *List) {
			l.Layouts[0].Classes, l.Layouts[2].Classes = 1, 3
		}},
		{"do not add up", func(l *List) { *l = List{Layouts: l.Layouts} }},
	} {
		l := twoFiles()
		c.change(&l)
		if _, err := FromList(source.Dir("root"), l); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
