package mix

import (
	"fmt"
	"image"
	"math"

	"mixfolder/core/rng"
)

func init() { policies.Register("gridmix", func() Policy { return new(GridMix) }) }

// GridMix takes each square cell of a grid from one of two images. A fraction drawn from
// Beta(Alpha, Alpha) of the cells, rounded up, is the row's own, and all choices of that
// many cells are equally likely. It is the mask of MaskMix: Zhao et al., "MixPro: Data
// Augmentation with MaskMix and Progressive Attention Labeling for Vision Transformer",
// 2023. The weights of the labels are the fractions of pixels.
type GridMix struct {
	// Cell is the side of a cell in pixels. Cells start at the upper left corner; those
	// at the other edges are cut off.
	Cell  int     `json:"cell"`
	Alpha float64 `json:"alpha"`
}

// Validate reports what is wrong with the parameters.
func (g *GridMix) Validate() error {
	if g.Cell < 1 {
		return fmt.Errorf("mix: cell of GridMix must be 1 pixel at least, but is %d", g.Cell)
	}
	return validateAlpha("GridMix", g.Alpha)
}

// Images is 2.
func (g *GridMix) Images() int { return 2 }

// Draw draws the cells.
func (g *GridMix) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("mix")
	cells := cellsAlong(size.X, g.Cell) * cellsAlong(size.Y, g.Cell)
	own := math.Ceil(r.Beta(g.Alpha) * float64(cells))
	m := Mask{Kind: grid, Seed: rng.Seed{r.Uint64(), r.Uint64()},
		Args: [4]float64{float64(min(g.Cell, max(size.X, size.Y))), own}}
	pixels := 0
	for cell, isOwn := range gridCells(size, &m) {
		if isOwn {
			pixels += cell.Dx() * cell.Dy()
		}
	}
	if pixels == size.X*size.Y {
		return Unmixed
	}
	lam := float64(pixels) / float64(size.X*size.Y)
	return Blend{Labels: [MaxImages]float64{lam, 1 - lam}, Weight: 1, Mask: m}
}

// grid has as arguments the side of a cell, and how many cells are the own image's.
var grid = &MaskKind{Name: "grid", Binary: true,
	Render: func(weights []float32, size image.Point, m *Mask, _ *Scratch) {
		for cell, isOwn := range gridCells(size, m) {
			weight := float32(0)
			if isOwn {
				weight = 1
			}
			first := weights[cell.Min.Y*size.X:]
			for x := cell.Min.X; x < cell.Max.X; x++ {
				first[x] = weight
			}
			if cell.Max.X == size.X { // the last cell of a row of cells: copy the row of pixels
				for y := 1; y < cell.Dy(); y++ {
					copy(first[y*size.X:], first[:size.X])
				}
			}
		}
	}}

// gridCells are the cells of a mask, row by row, and whether each is the own image's.
// They are chosen by selection sampling: Knuth, "The Art of Computer Programming",
// volume 2, 3.4.2, algorithm S.
func gridCells(size image.Point, m *Mask) func(yield func(image.Rectangle, bool) bool) {
	return func(yield func(image.Rectangle, bool) bool) {
		r, side, own := m.Seed.Stream("grid"), int(m.Args[0]), int(m.Args[1])
		across, down := cellsAlong(size.X, side), cellsAlong(size.Y, side)
		for i := range across * down {
			isOwn := r.IntN(across*down-i) < own
			if isOwn {
				own--
			}
			x, y := i%across*side, i/across*side
			cell := image.Rect(x, y, x+min(side, size.X-x), y+min(side, size.Y-y))
			if !yield(cell, isOwn) {
				return
			}
		}
	}
}

// cellsAlong is the number of cells along n pixels.
func cellsAlong(n, cell int) int { return (n-1)/cell + 1 }
