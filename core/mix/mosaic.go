package mix

import (
	"fmt"
	"image"
)

func init() { policies.Register("mosaic", func() Policy { return new(Mosaic) }) }

// Mosaic shows four images, one in each of the rectangles around a random point:
// Bochkovskiy, Wang and Liao, "YOLOv4: Optimal Speed and Accuracy of Object Detection",
// 2020. The labels are weighted by the areas. The row's own image is at the upper left.
type Mosaic struct {
	// Fit is "crop" to show the part of each image that touches the point, as if a window
	// were moved over a sheet of two by two images (Keras), or "resize" to show all of it.
	Fit string `json:"fit"`
}

// Validate reports an unknown Fit.
func (m *Mosaic) Validate() error {
	if m.Fit != "crop" && m.Fit != "resize" {
		return fmt.Errorf(`mix: fit of Mosaic must be "crop" or "resize", but is %q`, m.Fit)
	}
	return nil
}

// Images is 4.
func (m *Mosaic) Images() int { return 4 }

// Draw draws the point, uniformly in the middle half of both axes.
func (m *Mosaic) Draw(s Seeds, size image.Point) Blend {
	r := s.Row.Stream("mix")
	middle := [2]float64{0.25, 0.75}
	y := scaled(size.Y, r.Uniform(middle))
	point := image.Pt(scaled(size.X, r.Uniform(middle)), y)
	full := image.Rectangle{Max: size}
	b := Blend{Weight: 1}
	for i, corner := range [4]image.Point{{}, {X: size.X}, {Y: size.Y}, size} {
		to := image.Rectangle{Min: point, Max: corner}.Canon()
		if to.Empty() {
			continue
		}
		from := full
		if m.Fit == "crop" {
			from = to.Sub(point) // 0 is the point, and the corner of the image that touches it
			if corner.X == 0 {
				from = from.Add(image.Pt(size.X, 0))
			}
			if corner.Y == 0 {
				from = from.Add(image.Pt(0, size.Y))
			}
		}
		b.Boxes[i] = Box{Image: i, From: from, To: to}
		b.Labels[i] = areaFraction(to, size)
	}
	return b
}
