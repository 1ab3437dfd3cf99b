package imagefile

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"

	"mixfolder/core/raster"
)

// photos returns up to n JPEG files of the folder of real photos next to the
// repository.
func photos(b *testing.B, n int) [][]byte {
	paths, _ := filepath.Glob("../../../shared/data/photos/*/*.jpg")
	if len(paths) == 0 {
		b.Skip("no photos: ../shared/data/photos beside the repository is missing")
	}
	var all [][]byte
	for _, path := range paths[:min(n, len(paths))] {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// BenchmarkPhotos measures each decoding step; ns/op is per photo, MB/s counts bytes of
// pixels.
func BenchmarkPhotos(b *testing.B) {
	files := photos(b, 100)
	var all []planes
	var scratch []byte
	size, rotated := 0, newImage(1, 1, RGB)
	for _, data := range files {
		m, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		if m, ok := m.(*image.YCbCr); ok { // not gray
			p, err := planesOf(m)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, p)
			size += 4 * p.width * p.height
		}
	}
	run := func(name string, n int, step func(i int) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size / n))
			for i := range b.N {
				if err := step(i % n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	d := NewDecoder(Options{Mode: RGB})
	run("size", len(files), func(i int) error {
		_, err := Inspect(files[i],
			Options{})
		return err
	})
	run("image-jpeg", len(files), func(i int) error {
		_,
			err := jpeg.Decode(bytes.NewReader(files[i]))
		return err
	})
	for _, mode := range []Mode{RGB, Gray} {
		name := map[Mode]string{RGB: "rgb", Gray: "gray"}[mode]
		run(name, len(all), func(i int) error {
			p := all[i]
			dst := blank(&d.pix, p.width, p.height, mode)
			return p.jpegPixels(dst, image.Rect(0, 0, p.width, p.height), &scratch)
		})
	}
	run("turn", len(all), func(i int) error {
		p := all[i]
		src := blank(&d.pix, p.width, p.height, RGB)
		rotated.Width, rotated.Height, rotated.Stride = p.height, p.width, 4*p.height
		rotated.Pix = raster.Grow(&d.oriented, 4*p.width*p.height+raster.Slack)
		rotated90.apply(rotated, src)
		return nil
	})
	run("whole", len(files), func(i int) error { _, err := d.decode(files[i], nil); return err })
}
