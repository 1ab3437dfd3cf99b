package dataset

import (
	"slices"
	"strings"
	"testing"

	"mixfolder/core/source"
)

func TestFindMasks(t *testing.T) {
	names := []string{"a/1.jpg", "a/1.v2.jpg", "a/plain", "b/2.PNG", "b/sub/3.jpeg"}
	masks := tree(t, map[string]string{"a/1.png": "", "a/1.v2.tif": "", "a/plain.png": "",
		"a/.1.bmp": "", "b/2.PNG": "", "b/2.gif": "", "b/sub/3.bmp": "", "b/sub/other.txt": ""})
	want := []string{"a/1.png", "a/1.v2.tif", "a/plain.png", "b/2.PNG", "b/sub/3.bmp"}
	d := &Dataset{Source: source.Dir("images"), Names: names}
	before := d.Digest()
	if err := d.FindMasks(source.Dir(masks), false); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(d.Masks.Names, want) || d.Masks.Path(3) != masks+"/b/2.PNG" {
		t.Errorf("masks %q, want %q", d.Masks.Names, want)
	}
	if d.Digest() == before {
		t.Error("the digest does not tell the masks")
	}
}

func TestMissingMasks(t *testing.T) {
	masks := tree(t, map[string]string{"a/1.png": "", "a/3.png": "", "a/3.bmp": ""})
	for _, c := range []struct {
		names    []string
		tolerate bool
		warning  string
		want     string
	}{
		{[]string{"a/1.jpg", "a/2.jpg", "b/1.jpg"}, false, "", `2 of 3 image(s) have no mask in "` +
			masks + `": "a/2.jpg", "b/1.jpg": a mask has the name of its image and any extension, ` +
			`such as "` + masks + `/a/2.png"`},
		{[]string{"a/1.jpg", "a/2.jpg"}, true, `1 of 2 image(s) have no mask in "` + masks +
			`": "a/2.jpg"`, ""},
		{[]string{"a/2.jpg"}, true, "", "1 of 1 image(s) have no mask"},
		{[]string{"a/3.jpg"}, true, "", `"a/3.jpg" has several masks in "` + masks +
			`/a": "3.bmp", "3.png": keep one`},
	} {
		d := &Dataset{Names: c.names}
		err := d.FindMasks(source.Dir(masks), c.tolerate)
		if c.want == "" && (err != nil || !slices.Equal(d.Warnings, []string{c.warning}) ||
			d.Masks.Names[1] != "a/2.png") {
			t.Errorf("%q: %v, %q, %+v", c.names, err, d.Warnings, d.Masks)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q: error %v, want %q", c.names, err, c.want)
		}
	}
	d := &Dataset{Names: []string{"a/1.jpg"}}
	if err := d.FindMasks(source.Dir(masks+"/none"), true); err == nil ||
		!strings.Contains(err.Error(), `none" does not exist: check the path`) {
		t.Errorf("a folder that does not exist: %v", err)
	}
	if err := d.ListMasks(source.Dir("m"), []string{"1.png", "2.png"}); err == nil ||
		!strings.Contains(err.Error(), "1 files, but 2 masks: give one mask per file") {
		t.Errorf("two masks of one file: %v", err)
	}
}
