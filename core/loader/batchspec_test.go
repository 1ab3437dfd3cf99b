//go:build unix

package loader

import (
	"encoding/json"
	"fmt"
	"testing"

	"mixfolder/core/dataset"
)

// TestTheInfoTellsTheArraysOfABatch, and buffers of those sizes are accepted.
func TestTheInfoTellsTheArraysOfABatch(t *testing.T) {
	root := flowers(t, 3)
	array := func(shape, dtype string, role Role) string {
		return fmt.Sprintf(`{"shape":[%s],"dtype":%q,"role":%q,"name":""}`, shape, dtype, role)
	}
	float := array("8,9,3", "float32", Images)
	const varies = `"shuffled":true,"mixed":true,"altered":false}`
	for _, c := range []struct {
		name   string
		change func(o *Options)
		want   string
	}{
		{"usual", func(*Options) {},
			`{"x":` + float + `,"y":[` + array("2", "float32", Labels) + `],"images":1,` + varies},
		{"int", func(o *Options) {
			o.Heads[0].LabelMode, o.Mix, o.DType, o.ColorMode = "int", nil, "uint8", "grayscale"
			o.Shuffle, o.Flip = false, "both"
		}, `{"x":` + array("8,9,1", "uint8", Images) + `,"y":[` + array("", "int32", Labels) +
			`],"images":1,"shuffled":false,"mixed":false,"altered":true}`},
		{"binary", func(o *Options) {
			o.Heads[0].LabelMode, o.DType, o.DataFormat = "binary", "float16", "channels_first"
		}, `{"x":` + array("3,8,9", "float16", Images) + `,"y":[` + array("1", "float32", Labels) +
			`],"images":1,` + varies},
		{"pairs", func(o *Options) {
			o.Targets, o.Heads[0].LabelMode = "pair", "int"
		}, `{"x":` + float + `,"y":[` + array("", "int32", Labels) + `,` +
			array("", "int32", Labels) + `,` + array("", "float32", Labels) + `],"images":1,` +
			varies},
		{"no labels", func(o *Options) { o.Heads = nil },
			`{"x":` + float + `,"y":[],"images":1,` + varies},
		{"unmixed", func(o *Options) { o.Unmixed = true },
			`{"x":` + float + `,"y":[` + array("2", "float32", Labels) + `],"images":2,` + varies},
	} {
		o := options(1)
		c.change(&o)
		l := open(t, root, o)
		document, err := l.List(dataset.Info)
		if err != nil {
			t.Fatal(err)
		}
		var info struct {
			Phases []struct{ Batch json.RawMessage }
		}
		if err := json.Unmarshal(document, &info); err != nil {
			t.Fatal(err)
		}
		if string(info.Phases[0].Batch) != c.want {
			t.Errorf("%s: %s, want %s", c.name, info.Phases[0].Batch, c.want)
		}
		spec := l.batchSpec(l.phases[0])
		x, y, err := batch(t, l, 0, 1) // of 2 rows
		if err != nil {
			t.Fatal(err)
		}
		size := map[string]int{"float32": 4, "float16": 2, "uint8": 1, "int32": 4}
		bytes := func(a ArraySpec) int {
			n := 2 * size[a.DType]
			for _, extent := range a.Shape {
				n *= extent
			}
			return n
		}
		labels := 0
		for _, a := range spec.Y {
			labels += bytes(a)
		}
		if len(x) != spec.Images*bytes(spec.X) || len(y) != labels {
			t.Errorf("%s: %d and %d bytes", c.name, len(x), len(y))
		}
	}
}
