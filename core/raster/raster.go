// Package raster defines the types that the stages of the pipeline pass to each other:
// pixels in memory, rectangles with fractional edges, affine maps, and a way to reuse
// memory.
package raster

import "image"

// Slack is the number of bytes that kernels may read beyond the last pixel of an image.
// Pixels for kernels are allocated with as many extra bytes, of arbitrary content.
const Slack = 64

// An Image is pixels in memory. It is a view: copies share Pix, and each function that
// returns one documents how long its memory is valid. The zero value has no pixels.
type Image struct {
	Pix           []byte
	Stride        int // bytes from one row to the next
	Width, Height int
	Channels      int // meaningful samples of a pixel: 1 (gray), 3 (R, G, B) or 4 (and A)
	PixelSize     int // bytes from one pixel to the next: Channels, or 4 for 3 channels
}

// Packed returns an image in pix without gaps between its pixels and rows.
func Packed(pix []byte, width, height, channels int) Image {
	return Image{Pix: pix, Stride: width * channels, Width: width, Height: height,
		Channels: channels, PixelSize: channels}
}

// Row returns the pixels of row y.
func (m Image) Row(y int) []byte {
	return m.Pix[y*m.Stride : y*m.Stride+m.Width*m.PixelSize]
}

// Crop returns the pixels of r, which must lie in the image, without copying them.
func (m Image) Crop(r image.Rectangle) Image {
	m.Pix = m.Pix[r.Min.Y*m.Stride+r.Min.X*m.PixelSize:]
	m.Width, m.Height = r.Dx(), r.Dy()
	return m
}

// Bounds returns the rectangle of all pixels.
func (m Image) Bounds() Rect { return Rect{0, 0, float64(m.Width), float64(m.Height)} }

// A Rect is a part of an image in pixels, with fractional edges. The first pixel lies
// between 0 and 1.
type Rect struct{ Left, Top, Right, Bottom float64 }

// RectOf returns r with fractional edges.
func RectOf(r image.Rectangle) Rect {
	return Rect{float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)}
}

// In reports whether r has an area and lies within s. It is false for NaN.
func (r Rect) In(s Rect) bool {
	return s.Left <= r.Left && r.Left < r.Right && r.Right <= s.Right &&
		s.Top <= r.Top && r.Top < r.Bottom && r.Bottom <= s.Bottom
}

// MaxExtent is the largest width or height of an image that kernels accept: offsets in
// a row fit 32 bits.
const MaxExtent = 1 << 24

// LargeScratch is the size from which on scratch memory is worth freeing: above it,
// memory is released when later images need much less, and Grow reserves no more.
const LargeScratch = 1 << 26

// Grow sets the length of *s to n elements, of arbitrary content, and returns it. If it
// must allocate, it allocates half as much again as is needed: the largest of many
// random crops grows in small steps, each of which would otherwise leave garbage.
func Grow[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n, n+min(n/2, LargeScratch))
	}
	*s = (*s)[:n]
	return *s
}
