package jpeg

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkDecode: ns/op is per image of the set, MB/s counts the bytes of the files.
func BenchmarkDecode(b *testing.B) {
	for _, set := range []string{"photos", "caltech4"} {
		paths, _ := filepath.Glob("../../../../shared/data/" + set + "/*/*.jpg")
		if len(paths) == 0 {
			b.Skip("no photos: ../shared/data beside the repository is missing")
		}
		var files [][]byte
		var all, corner, center []image.Rectangle
		size := 0
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				b.Fatal(err)
			}
			r := bounds(b, data)
			files, all, size = append(files, data), append(all, r), size+len(data)
			// entropy decoding of all blocks, and next to no transforms
			corner = append(corner, image.Rectangle{r.Max.Sub(image.Pt(1, 1)), r.Max})
			center = append(center, image.Rect(r.Dx()/4, r.Dy()/4, 3*r.Dx()/4, 3*r.Dy()/4))
		}
		d, kept := Decoder{}, Decoder{KeepTruncated: true}
		run := func(name string, step func(i int) error) {
			b.Run(set+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(size / len(files)))
				b.ReportAllocs()
				for i := range b.N {
					if err := step(i % len(files)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("whole", func(i int) error { _, err := d.decodeFile(files[i], all[i]); return err })
		run("entropy", func(i int) error {
			_, err := d.decodeFile(files[i], corner[i])
			return err
		})
		run("center", func(i int) error { _, err := d.decodeFile(files[i], center[i]); return err })
		run("damaged", func(i int) error {
			_, err := kept.decodeFile(files[i][:len(files[i])*9/10],
				all[i])
			return err
		})
		run("image-jpeg", func(i int) error {
			_, err := jpeg.Decode(bytes.NewReader(files[i]))
			return err
		})
	}
}

// BenchmarkTables builds the tables of a file as for the first file.
func BenchmarkTables(b *testing.B) {
	var d Decoder
	data := samples(b, "")["444-noise.jpg"]
	if _, err := d.decodeFile(data, bounds(b, data)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for i := range d.s.acTables {
			d.s.acTables[i].spec.n, d.s.dcTables[i].spec.n = 0, 0
		}
		if err := d.s.buildTables(); err != nil {
			b.Fatal(err)
		}
	}
}
