//go:build unix

package loader

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestCustom: a caller who mixes gets what other loaders deliver unmixed, and the label
// of each image alone.
func TestCustom(t *testing.T) {
	root := flowers(t, 5)
	policy := json.RawMessage(`{"custom": {"images": 2}}`)
	o := options(2)
	o.Flip, o.DType, o.Pairing = "both", "uint8", "dataset"
	o.Unmixed = true
	unmixed := open(t, root, o)
	o.Mix, o.DType, o.DataFormat, o.Unmixed = &policy, "float16", "channels_first", false
	custom := open(t, root, o)
	o.Mix = nil
	plain := open(t, root, o)
	target := custom.batchSpec(custom.phases[0]).Target
	if target.X.DType != "float16" || !target.ChannelsFirst || len(target.Scale) != 3 {
		t.Errorf("target %+v", target)
	}
	for n := range custom.Batches(0) {
		x, y, err := batch(t, custom, 1, n)
		if err != nil {
			t.Fatal(err)
		}
		both, _, err := batch(t, unmixed, 1, n)
		if err != nil {
			t.Fatal(err)
		}
		_, own, err := batch(t, plain, 1, n)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(x, both) || len(y) != 2*len(own) || !bytes.Equal(y[:len(own)], own) {
			t.Fatalf("batch %d: %d bytes of images, %d of labels", n, len(x), len(y))
		}
		for i, row := range explain(t, custom, 1, n) {
			class := custom.data.Index[custom.members[row.Partners[0].Image]]
			labels := y[len(own):]
			if float(labels, 2*i+int(class)) != 1 || float(labels, 2*i+1-int(class)) != 0 {
				t.Fatalf("batch %d: row %d has the wrong label of its partner", n, i)
			}
		}
	}
}
