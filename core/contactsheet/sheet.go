// Package contactsheet composes a contact sheet: images in a grid, each with a caption.
package contactsheet

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"strings"

	"github.com/disintegration/imaging"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Sizes in pixels.
const (
	smallest = 128 // an image with a shorter longer side is enlarged to about this
	largest  = 256 // and one with a longer longer side is reduced to this
	gap      = 8
	line     = 18 // height of a line of text
	fontSize = 14
)

// Cell is one image with its caption.
type Cell struct {
	Image   *image.NRGBA
	Caption string
}

// PNG draws cells, all of one size, row by row on a sheet that is about as wide as it
// is high. A caption that is too wide is broken before " + "; a line that is still too
// wide ends in an ellipsis. Characters that the Go font lacks are drawn as boxes.
func PNG(cells []Cell) ([]byte, error) {
	face, err := newFace()
	if err != nil {
		return nil, fmt.Errorf("contactsheet: %w", err)
	}
	defer face.Close()
	size := Scaled(cells[0].Image).Bounds().Size()
	width, height := max(size.X, smallest)+gap, size.Y+2*line+gap
	columns := max(1, int(math.Round(math.Sqrt(float64(len(cells)*height)/float64(width)))))
	columns = min(columns, len(cells))
	rows := (len(cells) + columns - 1) / columns
	canvas := imaging.New(columns*width+gap, rows*height+gap, color.White)
	for i, c := range cells {
		corner := image.Pt(gap+i%columns*width, gap+i/columns*height)
		draw.Draw(canvas, image.Rectangle{corner, corner.Add(size)}, Scaled(c.Image), image.Point{},
			draw.Over)
		for k, text := range lines(face, c.Caption, width-gap) {
			write(canvas, face, text, corner.X, corner.Y+size.Y+(k+1)*line-4)
		}
	}
	var out bytes.Buffer
	if err := imaging.Encode(&out, canvas, imaging.PNG); err != nil {
		return nil, fmt.Errorf("contactsheet: %w", err)
	}
	return out.Bytes(), nil
}

// Scaled returns an image as PNG draws it: a small one is enlarged by an integer
// factor, so that its pixels stay visible, and a large one is reduced. Scaling it again
// changes nothing.
func Scaled(p *image.NRGBA) *image.NRGBA {
	side := max(p.Rect.Dx(), p.Rect.Dy())
	if side > largest {
		return imaging.Fit(p, largest, largest, imaging.Box)
	}
	if k := smallest / side; k > 1 {
		return imaging.Resize(p, p.Rect.Dx()*k, p.Rect.Dy()*k, imaging.NearestNeighbor)
	}
	return p
}

func newFace() (font.Face, error) {
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: fontSize, DPI: 72,
		Hinting: font.HintingFull})
}

// lines breaks a caption into two at most.
func lines(face font.Face, caption string, width int) []string {
	caption = strings.ToValidUTF8(caption, "\uFFFD")
	if first, second, found := strings.Cut(caption, " + "); found && tooWide(face, caption, width) {
		return []string{shortened(face, first, width), shortened(face, "+ "+second, width)}
	}
	return []string{shortened(face, caption, width)}
}

func tooWide(face font.Face, text string, width int) bool {
	return font.MeasureString(face, text).Ceil() > width
}

func shortened(face font.Face, text string, width int) string {
	if !tooWide(face, text, width) {
		return text
	}
	r := []rune(text)
	for len(r) > 0 && tooWide(face, string(r)+"…", width) {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

func write(canvas *image.NRGBA, face font.Face, text string, x, baseline int) {
	d := font.Drawer{Dst: canvas, Src: image.NewUniform(color.Black), Face: face, Dot: fixed.P(x,
		baseline)}
	d.DrawString(text)
}
