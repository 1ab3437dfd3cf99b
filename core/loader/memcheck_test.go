package loader

import (
	"errors"
	"math"
	"strings"
	"testing"

	"mixfolder/core/label"
	"mixfolder/core/sysmem"
)

// TestWhatDoesNotFitIsAnError asks for more memory than any machine has.
func TestWhatDoesNotFitIsAnError(t *testing.T) {
	o := options(1)
	o.ImageSize, o.DType, o.BatchSize = [2]int{11000, 12000}, "uint8", 1<<24
	l := &Loader{}
	table := label.Table{Classes: []string{"a", "b"}, Index: []int32{0, 1}}
	_, phases, err := o.config([]label.Table{table})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = l.acquireScratch(1<<24, phases[0]); !errors.Is(err, ErrMemory) {
		t.Fatal(err)
	}
	for _, words := range []string{"16777216 images of 11000 x 12000", "batch_size or image_size",
		"6643777.54 GB"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("no %q in %q", words, err)
		}
	}
	if got := sysmem.Total(); got <= 0 || got == math.MaxInt64 {
		t.Error(got)
	}
}
