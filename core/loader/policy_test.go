//go:build unix

package loader

import (
	"bytes"
	"encoding/json"
	"image"
	"strings"
	"testing"

	"mixfolder/core/mix"
	"mixfolder/core/plan"
)

// quarters is a policy of four images, each of which shows one quarter.
type quarters struct{}

func (quarters) Validate() error { return nil }
func (quarters) Images() int     { return 4 }

func (quarters) Draw(_ mix.Seeds, size image.Point) mix.Blend {
	b := mix.Blend{Labels: [mix.MaxImages]float64{0.125, 0.25, 0.125, 0.5}, Weight: 1}
	for i := range b.Boxes {
		b.Boxes[i] = mix.Box{Image: i, From: quarter(i, size), To: quarter(i, size)}
	}
	return b
}

func quarter(i int, size image.Point) image.Rectangle {
	x, y := i%2*size.X/2, i/2*size.Y/2
	return image.Rect(x, y, (i%2+1)*size.X/2, (i/2+1)*size.Y/2)
}

// openWith opens a folder with a policy that no option names.
func openWith(t *testing.T, root string, o Options, p mix.Policy) *Loader {
	l := open(t, root, o)
	only := l.phases[0]
	only.mix, only.plan.Images = p, p.Images()
	var err error
	if only.planner, err = plan.New(only.plan, l.members); err != nil {
		t.Fatal(err)
	}
	return l
}

// TestRowsOfFourImages follows a policy of four images through batches, labels, explain
// and preview: in the batch, from the data set, and in a last batch that is too short
// to have all partners.
func TestRowsOfFourImages(t *testing.T) {
	root := flowers(t, 7)
	for _, pairing := range []string{"batch", "dataset"} {
		o := options(2)
		o.Pairing, o.Flip, o.DType, o.BatchSize = pairing, "both", "uint8", 6
		l := openWith(t, root, o, quarters{})
		o.Unmixed = true
		unmixed := openWith(t, root, o, quarters{})
		size := image.Pt(o.ImageSize[1], o.ImageSize[0])
		for n := range l.Batches(0) {
			x, y, err := batch(t, l, 2, n)
			if err != nil {
				t.Fatal(err)
			}
			parts, _, err := batch(t, unmixed, 2, n)
			if err != nil {
				t.Fatal(err)
			}
			ticket, err := l.Explain(2, n)
			if err != nil {
				t.Fatal(err)
			}
			var rows []struct {
				Image    int32
				Blend    struct{ Labels []float64 }
				Partners []PartnerInfo
			}
			if err := json.Unmarshal(result(t, l, ticket), &rows); err != nil {
				t.Fatal(err)
			}
			if len(parts) != 4*len(x) {
				t.Fatalf("%d bytes unmixed, %d mixed", len(parts), len(x))
			}
			each := len(x) / len(rows)
			for i, row := range rows {
				want := make([]byte, each)
				var weights [2]float32
				for k := range 4 {
					from := quarter(k, size)
					for at := from.Min.Y; at < from.Max.Y; at++ {
						start, end := 3*(at*size.X+from.Min.X), 3*(at*size.X+from.Max.X)
						copy(want[start:end], parts[(k*len(rows)+i)*each:][start:end])
					}
					file := row.Image
					if k > 0 {
						file = row.Partners[k-1].Image
					}
					weights[l.data.Index[l.members[file]]] += float32(row.Blend.Labels[k])
				}
				if !bytes.Equal(x[i*each:][:each], want) {
					t.Fatalf("%s, batch %d: row %d is not its four quarters", pairing, n, i)
				}
				for class, w := range weights {
					if got := float(y, 2*i+class); got != w {
						t.Errorf("%s, batch %d: label %d of row %d is %v, want %v", pairing, n,
							class, i, got, w)
					}
				}
				decoded := row.Partners[2].Decoded != nil
				if short := len(rows) <= 3; decoded != (pairing == "dataset" || short) {
					t.Errorf("%s, batch %d: partner decoded: %v", pairing, n, decoded)
				}
			}
		}
		b := l.phases[0].planner.Batch(0, 0)
		if c := l.caption(&b, 0); !strings.Contains(c, "rose") && !strings.Contains(c, "tulip") {
			t.Errorf("caption %q", c)
		}
		preview(t, l)
	}
}
