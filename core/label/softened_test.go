package label

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// made are the encoders of options.
func made(t *testing.T, o Options, labels *Table) []Encoder {
	t.Helper()
	e, err := New(o, labels)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// encoded is a row of an array of float32.
func encoded(e Encoder, files []int32, weights []float64) []float32 {
	row := make([]float32, Bytes(e)/4)
	for i := range row {
		row[i] = -5
	}
	e.Encode(bytes(row), files, weights)
	return row
}

// TestSmoothing compares with the formula of Keras' losses, y(1-s) + s/C, or s/2 where
// each value tells between two outcomes, on random mixtures.
func TestSmoothing(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	tags := &Table{Classes: []string{"a", "b", "c"}, Width: 3,
		Values: []float32{1, 0, 1, 0, 0, 1, 0, 0.5, 0}}
	for mode, c := range map[string]struct {
		labels *Table
		n      float64
	}{
		"categorical": {table("a", "b", "c"), 3},
		"binary":      {table("a", "b"), 2},
		"multi_label": {tags, 2},
	} {
		plain := made(t, Options{Mode: mode, Images: 2}, c.labels)[0]
		for range 1000 {
			s, lam := random.Float64(), random.Float64()
			files := []int32{random.Int32N(2), random.Int32N(2)}
			weights := []float64{lam, 1 - lam}
			smooth := made(t, Options{Mode: mode, Images: 2, Smoothing: s}, c.labels)[0]
			got := encoded(smooth, files, weights)
			for i, y := range encoded(plain, files, weights) {
				want := float64(y)*(1-s) + s/c.n
				if math.Abs(float64(got[i])-want) > 1e-7 {
					t.Fatalf("%s, smoothing %v: %v of %v, want %v", mode, s, got[i], y, want)
				}
			}
			if p, q := plain.Caption(files, weights), smooth.Caption(files, weights); p != q {
				t.Fatalf("captions %q and %q", p, q)
			}
		}
	}
}

// TestBinarize has timm's example: smoothing first, then 1 for all above the threshold.
func TestBinarize(t *testing.T) {
	labels := table("a", "b", "c", "d")
	for _, c := range []struct {
		threshold, smoothing, lam float64
		want                      []float32
	}{
		{0, 0, 0.99, []float32{1, 1, 0, 0}}, // DeiT III: whatever is shown
		{0, 0, 1, []float32{1, 0, 0, 0}},
		{0.2, 0, 0.79, []float32{1, 1, 0, 0}},
		{0.2, 0, 0.81, []float32{1, 0, 0, 0}},
		{0.25, 0, 0.75, []float32{1, 0, 0, 0}}, // not larger than the threshold
		{0.2, 0.1, 0.8, []float32{1, 1, 0, 0}}, // 0.2 * 0.9 + 0.025 = 0.205
		{0.2, 0.1, 0.81, []float32{1, 0, 0, 0}},
	} {
		e := made(t, Options{Mode: "categorical", Images: 2, Smoothing: c.smoothing,
			Binarize: &c.threshold}, labels)[0]
		if got := encoded(e, []int32{0, 1}, []float64{c.lam, 1 - c.lam}); !slices.Equal(got,
			c.want) {
			t.Errorf("%+v: %v", c, got)
		}
	}
	tags := &Table{Classes: []string{"x", "y"}, Values: []float32{1, 0, 1, 1}, Width: 2}
	half := 0.5
	e := made(t, Options{Mode: "multi_label", Images: 2, Binarize: &half}, tags)[0]
	if got := encoded(e, []int32{0, 1}, []float64{0.75, 0.25}); !slices.Equal(got,
		[]float32{1, 0}) {
		t.Errorf("tags: %v", got)
	}
}

func TestPair(t *testing.T) {
	for _, c := range []struct {
		mode           string
		labels         *Table
		own, partner   []float32
		smoothing, lam float64
	}{
		{"categorical", table("a", "b"), []float32{1, 0}, []float32{0, 1}, 0, 0.75},
		{"categorical", table("a", "b"), []float32{0.95, 0.05}, []float32{0.05, 0.95}, 0.1, 0.75},
		{"binary", table("a", "b"), []float32{0}, []float32{1}, 0, 0.5},
		{"multi_label", examples["multi_label"], []float32{1, 0}, []float32{1, 1}, 0, 0.5},
		{"regression", examples["regression"], []float32{1.5}, []float32{2.5}, 0, 0.125},
	} {
		e := made(t, Options{Mode: c.mode, Images: 2, Pair: true, Smoothing: c.smoothing},
			c.labels)
		if len(e) != 3 || len(e[2].Shape()) != 0 || e[2].DType() != Float32 {
			t.Fatalf("%s: %d arrays", c.mode, len(e))
		}
		for _, row := range []struct {
			files              []int32
			weights            []float64
			own, partner, lams []float32
		}{
			{[]int32{0, 1}, []float64{c.lam, 1 - c.lam}, c.own, c.partner,
				[]float32{float32(c.lam)}},
			{[]int32{1}, []float64{1}, c.partner, c.partner, []float32{1}}, // not mixed
		} {
			for i, want := range [][]float32{row.own, row.partner, row.lams} {
				if got := encoded(e[i], row.files, row.weights); !slices.Equal(got, want) {
					t.Errorf("%s, array %d: %v, want %v", c.mode, i, got, want)
				}
			}
		}
	}
	e := made(t, Options{Mode: "int", Images: 2, Pair: true}, table("a", "b", "c"))
	row := make([]float32, 1)
	for i, want := range []int32{2, 1} {
		e[i].Encode(bytes(row), []int32{2, 1}, []float64{0.25, 0.75})
		if got := view[int32](bytes(row))[0]; got != want || e[i].DType() != Int32 {
			t.Errorf("array %d: %d", i, got)
		}
		if got := e[i].Caption([]int32{2, 1}, []float64{0.25, 0.75}); got != "0.25 c + 0.75 b" {
			t.Error(got)
		}
	}
}

// TestValidationHasTheLabelsOfTheFiles, whatever is asked for training.
func TestValidationHasTheLabelsOfTheFiles(t *testing.T) {
	half := 0.5
	for _, o := range []Options{{Pair: true}, {Smoothing: 0.1}, {Binarize: &half}} {
		o.Mode, o.Images, o.Plain = "categorical", 1, true
		e := made(t, o, table("a", "b"))
		if got := encoded(e[0], []int32{1}, []float64{1}); len(e) != 1 ||
			!slices.Equal(got, []float32{0, 1}) {
			t.Errorf("%+v: %v", o, got)
		}
	}
}

func TestOptionsAreRefused(t *testing.T) {
	number := func(v float64) *float64 { return &v }
	labels := table("a", "b", "c", "d")
	for _, c := range []struct {
		o    Options
		t    *Table
		want string
	}{
		{Options{Mode: "int", Pair: true, Images: 4}, labels,
			`has the labels of two images, but this mix has up to 4: use targets="mixed"`},
		{Options{Mode: "int", Smoothing: 0.1}, labels, `label_mode="int" cannot be smoothed`},
		{Options{Mode: "regression", Smoothing: 0.1}, examples["regression"],
			`label_mode="regression" cannot be smoothed: set label_smoothing=0`},
		{Options{Mode: "categorical", Smoothing: 1}, labels, "less than 1, but is 1"},
		{Options{Mode: "categorical", Smoothing: -0.1}, labels, "but is -0.1"},
		{Options{Mode: "categorical", Smoothing: math.NaN()}, labels, "but is NaN"},
		{Options{Mode: "categorical", Binarize: number(1)}, labels, "binarize must be"},
		{Options{Mode: "categorical", Binarize: number(math.NaN())}, labels, "but is NaN"},
		{Options{Mode: "binary", Binarize: number(0)}, examples["binary"],
			`label_mode="binary" has none: use label_mode="categorical"`},
		{Options{Mode: "int", Binarize: number(0)}, labels, "one value per class"},
		{Options{Mode: "regression", Binarize: number(0)}, examples["regression"], "per class"},
		{Options{Mode: "categorical", Pair: true, Binarize: number(0)}, labels,
			`use targets="mixed"`},
		{Options{Mode: "categorical", Smoothing: 0.1, Binarize: number(0)}, labels,
			"from 0.025 to 0.925, so binarize=0 tells no two of them apart"},
		{Options{Mode: "categorical", Smoothing: 0.1, Binarize: number(0.95)}, labels,
			"set label_smoothing=0"},
	} {
		for _, plain := range []bool{false, true} { // alike for validation
			c.o.Plain = plain
			if _, err := New(c.o, c.t); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v: error %v", c.o, err)
			}
		}
	}
}
