package pipeline

import (
	"image"
	"strings"
	"testing"

	"mixfolder/core/raster"
)

func TestClasses(t *testing.T) {
	zero := 0
	for _, c := range []struct {
		values  []int
		ignore  *int
		pixels  []byte
		want    []byte
		outside byte
	}{
		{[]int{0, 1, 2}, nil, []byte{2, 0, 1, 1}, []byte{2, 0, 1, 1}, 0},
		{[]int{0, 255}, nil, []byte{255, 0, 0, 255}, []byte{1, 0, 0, 1}, 0},
		{[]int{1, 2, 3}, &zero, []byte{0, 3, 1, 0}, []byte{255, 2, 0, 255}, 255},
	} {
		classes, err := newClasses(c.values, c.ignore)
		if err != nil {
			t.Fatal(err)
		}
		m := raster.Packed(c.pixels, 2, 2, 1)
		if err := classes.apply(m); err != nil || string(m.Pix) != string(c.want) ||
			classes.outside() != c.outside || classes.N != len(c.values) {
			t.Errorf("%v: %v outside %d, %v", c.values, m.Pix, classes.outside(), err)
		}
	}
	classes, err := newClasses([]int{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = classes.apply(raster.Packed([]byte{0, 1, 0, 255}, 2, 2, 1))
	if err == nil || !strings.Contains(err.Error(), "the pixel at (1, 1) has the value 255, which "+
		"is no class: list it in mask_classes (black and white masks have "+
		"mask_classes=[0, 255]), or pass mask_ignore=255") {
		t.Errorf("error %v", err)
	}
}

func TestClassesRefuse(t *testing.T) {
	one, large := 1, 256
	for _, c := range []struct {
		values []int
		ignore *int
		want   string
	}{
		{[]int{}, nil, "from 1 to 255, but has 0"},
		{make([]int, 256), nil, "from 1 to 255, but has 256"},
		{[]int{0, 1, 0}, nil, "mask_classes has 0: the values of the classes must be"},
		{[]int{-1}, nil, "mask_classes has -1"},
		{[]int{256}, nil, "mask_classes has 256"},
		{[]int{0, 1}, &one, "no class of mask_classes, or None, but is 1"},
		{[]int{0, 1}, &large, "but is 256"},
	} {
		if _, err := newClasses(c.values, c.ignore); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: error %v, want %q", c.values, err, c.want)
		}
	}
}

func TestMaskOptions(t *testing.T) {
	for _, c := range []struct {
		o    MaskOptions
		want string
	}{
		{MaskOptions{"categorical", []int{0, 1}, nil}, ""},
		{MaskOptions{"int", []int{0, 1}, nil}, ""},
		{MaskOptions{"soft", []int{0}, nil}, `mask_mode must be one of "int", "categorical", but`},
		{MaskOptions{"int", nil, nil}, "masks need mask_classes, the number of classes"},
	} {
		classes, oneHot, err := c.o.Parse()
		if c.want == "" && (err != nil || classes.N != 2 || oneHot != (c.o.MaskMode != "int")) {
			t.Errorf("%+v: %+v, %v", c.o, classes, err)
		}
		if c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: error %v, want %q", c.o, err, c.want)
		}
	}
}

func TestWrongSize(t *testing.T) {
	for _, c := range []struct {
		mask, img image.Point
		want      string
	}{
		{image.Pt(3, 4), image.Pt(5, 4), "it has 3 x 4 pixels, but the image has 5 x 4: make both"},
		{image.Pt(3, 4), image.Pt(4, 3), "the image has 4 x 3: turn the mask, or pass exif=False"},
	} {
		if err := wrongSize(c.mask, c.img); !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v", err)
		}
	}
}
