package contactsheet

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/disintegration/imaging"
)

func cells(n, width, height int, caption string) []Cell {
	c := make([]Cell, n)
	for i := range c {
		m := image.NewNRGBA(image.Rect(0, 0, width, height))
		for k := 0; k < len(m.Pix); k += 4 {
			m.Pix[k], m.Pix[k+1], m.Pix[k+3] = 255, byte(i), 255
		}
		c[i] = Cell{m, caption}
	}
	return c
}

func decoded(t *testing.T, c []Cell) *image.NRGBA {
	t.Helper()
	data, err := PNG(c)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return imaging.Clone(m)
}

func TestEveryImageIsOnTheSheet(t *testing.T) {
	for _, n := range []int{1, 5, 32} {
		for _, size := range [][2]int{{8, 8}, {224, 224}, {1000, 20}, {20, 1000}, {1, 1}} {
			m := decoded(t, cells(n, size[0], size[1], "0.71 tulip + 0.29 rose"))
			found := map[byte]bool{}
			for p := m.Pix; len(p) > 0; p = p[4:] {
				if p[0] == 255 && p[2] == 0 {
					found[p[1]] = true
				}
			}
			if len(found) != n {
				t.Errorf("%d images of %v: %d are on the contact sheet", n, size, len(found))
			}
		}
	}
}

func TestCaptionsAreDrawnAndFit(t *testing.T) {
	face, err := newFace()
	if err != nil {
		t.Fatal(err)
	}
	for caption, want := range map[string][]string{
		"rose":                   {"rose"},
		"0.71 a + 0.29 b":        {"0.71 a + 0.29 b"},
		"0.71 tulip + 0.29 rose": {"0.71 tulip", "+ 0.29 rose"},
		"bad \xff byte":          {"bad \uFFFD byte"},
	} {
		got := lines(face, caption, 120)
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q breaks into %q, want %q", caption, got, want)
		}
	}
	for _, line := range lines(face, strings.Repeat("w", 99)+" + "+strings.Repeat("m", 99), 120) {
		if tooWide(face, line, 120) || !strings.HasSuffix(line, "…") {
			t.Errorf("line %q is too wide or lacks its ellipsis", line)
		}
	}
	blank, captioned := decoded(t, cells(1, 64, 64, "")), decoded(t, cells(1, 64, 64, "rose"))
	if dark(blank) || !dark(captioned) {
		t.Error("the caption is not drawn")
	}
}

func dark(m *image.NRGBA) bool {
	for p := m.Pix; len(p) > 0; p = p[4:] {
		if int(p[0])+int(p[1])+int(p[2]) < 64 {
			return true
		}
	}
	return false
}
