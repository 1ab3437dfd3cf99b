package label

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// table has one file per class.
func table(classes ...string) *Table {
	t := &Table{Classes: classes}
	for i := range classes {
		t.Index = append(t.Index, int32(i))
	}
	return t
}

func encoder(t *testing.T, mode string, labels *Table, mixed bool) Encoder {
	t.Helper()
	o := Options{Mode: mode, Images: 1}
	if mixed {
		o.Images = 2
	}
	e, err := New(o, labels)
	if err != nil || len(e) != 1 {
		t.Fatal(e, err)
	}
	return e[0]
}

func TestCategorical(t *testing.T) {
	e := encoder(t, "categorical", table("a", "b", "c", "d", "e", "f", "g"), true)
	if s := e.Shape(); !slices.Equal(s, []int{7}) || e.DType() != Float32 || Bytes(e) != 28 {
		t.Errorf("shape %v, type %v, %d bytes", s, e.DType(), Bytes(e))
	}
	random := rand.New(rand.NewPCG(1, 2))
	row := make([]float32, 7)
	for range 10000 {
		for i := range row {
			row[i] = -5
		}
		a, b, lam := random.Int32N(7), random.Int32N(7), random.Float64()
		e.Encode(bytes(row), []int32{a, b}, []float64{lam, 1 - lam})
		for i, v := range row {
			want := float32(0)
			switch {
			case a == b && int32(i) == a:
				want = 1
			case int32(i) == a:
				want = float32(lam)
			case int32(i) == b:
				want = 1 - float32(lam)
			}
			if v != want {
				t.Fatalf("classes %d and %d, lambda %v: %v", a, b, lam, row)
			}
		}
	}
}

// examples has labels of two files for every mode.
var examples = map[string]*Table{
	"binary":      table("a", "b"),
	"categorical": table("a", "b"),
	"int":         table("a", "b"),
	"multi_label": {Classes: []string{"x", "y"}, Values: []float32{1, 0, 1, 1}, Width: 2},
	"regression":  {Values: []float32{1.5, 2.5}, Width: 1},
}

func TestMultiLabel(t *testing.T) {
	labels := &Table{Classes: []string{"red", "round", "old"}, Width: 3,
		Values: []float32{1, 0, 0, 1, 1, 0, 0, 0, 0}}
	e := encoder(t, "multi_label", labels, true)
	if s := e.Shape(); !slices.Equal(s, []int{3}) || e.DType() != Float32 || Bytes(e) != 12 {
		t.Errorf("shape %v, type %v, %d bytes", s, e.DType(), Bytes(e))
	}
	row := []float32{-5, -5, -5}
	for _, c := range []struct {
		files   []int32
		weights []float64
		want    []float32
		caption string
	}{
		{[]int32{0}, []float64{1}, []float32{1, 0, 0}, "red"},
		{[]int32{1}, []float64{1}, []float32{1, 1, 0}, "red + round"},
		{[]int32{2}, []float64{1}, []float32{0, 0, 0}, ""},
		{[]int32{0, 1}, []float64{0.25, 0.75}, []float32{1, 0.75, 0}, "1.00 red + 0.75 round"},
		{[]int32{1, 2, 0}, []float64{0.5, 0.25, 0.25}, []float32{0.75, 0.5, 0},
			"0.75 red + 0.50 round"},
	} {
		if e.Encode(bytes(row), c.files, c.weights); !slices.Equal(row, c.want) {
			t.Errorf("%+v: %v", c, row)
		}
		if got := e.Caption(c.files, c.weights); got != c.caption {
			t.Errorf("%q, want %q", got, c.caption)
		}
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 1000 { // a tag of all images is exactly 1
		lam := random.Float64()
		if e.Encode(bytes(row), []int32{0, 1}, []float64{lam, 1 - lam}); row[0] != 1 {
			t.Fatalf("lambda %v: %v", lam, row)
		}
	}
}

func TestRegression(t *testing.T) {
	labels := &Table{Values: []float32{1.5, -20, 3, 40, 1.5, 7}, Width: 2}
	e := encoder(t, "regression", labels, true)
	if s := e.Shape(); !slices.Equal(s, []int{2}) || e.DType() != Float32 || Bytes(e) != 8 {
		t.Errorf("shape %v, type %v, %d bytes", s, e.DType(), Bytes(e))
	}
	row := []float32{-5, -5}
	for _, c := range []struct {
		files   []int32
		weights []float64
		want    []float32
		caption string
	}{
		{[]int32{1}, []float64{1}, []float32{3, 40}, "3, 40"},
		{[]int32{0, 1}, []float64{0.25, 0.75}, []float32{2.625, 25}, "2.625, 25"},
		{[]int32{0, 1, 2}, []float64{0.5, 0.25, 0.25}, []float32{1.875, 1.75}, "1.875, 1.75"},
	} {
		if e.Encode(bytes(row), c.files, c.weights); !slices.Equal(row, c.want) {
			t.Errorf("%+v: %v", c, row)
		}
		if got := e.Caption(c.files, c.weights); got != c.caption {
			t.Errorf("%q, want %q", got, c.caption)
		}
	}
}

// TestFourImages mixes as many images as a row may have, some of them of one class.
func TestFourImages(t *testing.T) {
	e := encoder(t, "categorical", table("a", "b", "c"), true)
	row := make([]float32, 3)
	e.Encode(bytes(row), []int32{0, 2, 0, 1}, []float64{0.125, 0.5, 0.25, 0.125})
	if want := []float32{0.375, 0.125, 0.5}; !slices.Equal(row, want) {
		t.Errorf("%v, want %v", row, want)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		w := []float64{random.Float64(), random.Float64(), random.Float64(), random.Float64()}
		total := w[0] + w[1] + w[2] + w[3]
		for i := range w {
			w[i] /= total
		}
		e.Encode(bytes(row), []int32{0, 1, 2, 1}, w)
		if sum := float64(row[0]) + float64(row[1]) + float64(row[2]); math.Abs(sum-1) > 1e-6 {
			t.Fatalf("weights %v: the sum of %v is %v", w, row, sum)
		}
	}
}

func TestBinary(t *testing.T) {
	e := encoder(t, "binary", table("no", "yes"), true)
	if s := e.Shape(); !slices.Equal(s, []int{1}) || Bytes(e) != 4 {
		t.Errorf("shape %v, %d bytes", s, Bytes(e))
	}
	row := make([]float32, 1)
	for _, c := range []struct {
		a, b int32
		lam  float64
		want float32
	}{{0, 0, 0.3, 0}, {1, 1, 0.3, 1}, {1, 0, 0.25, 0.25}, {0, 1, 0.25, 0.75}, {1, 0, 1, 1},
		{0, 1, 1, 0}} {
		if e.Encode(bytes(row), []int32{c.a, c.b}, []float64{c.lam, 1 - c.lam}); row[0] != c.want {
			t.Errorf("%+v: %v", c, row[0])
		}
	}
	for class := range int32(2) {
		if e.Encode(bytes(row), []int32{class}, []float64{1}); row[0] != float32(class) {
			t.Errorf("class %d unmixed: %v", class, row[0])
		}
	}
}

func TestIndex(t *testing.T) {
	e := encoder(t, "int", table("a", "b", "c"), false)
	if s := e.Shape(); s == nil || len(s) != 0 || e.DType() != Int32 || Bytes(e) != 4 {
		t.Errorf("shape %v, type %v, %d bytes", s, e.DType(), Bytes(e))
	}
	row := make([]float32, 1)
	e.Encode(bytes(row), []int32{2}, []float64{1})
	if got := view[int32](bytes(row))[0]; got != 2 {
		t.Errorf("index %d, want 2", got)
	}
}

func TestNewRefuses(t *testing.T) {
	numbers := &Table{Values: []float32{1.5}, Width: 1}
	for _, c := range []struct {
		mode  string
		t     *Table
		mixed bool
		want  string
	}{
		{"binary", table("a", "b", "c"), true, `use "categorical", or choose two by class_names`},
		{"int", table("a", "b"), true, `targets="pair" for (y_a, y_b, lam), or mix=None`},
		{"one_hot", table("a"), false, `must be "binary", "categorical", `},
		{"categorical", numbers, false, "choose another label_mode"},
		{"binary", numbers, false, "choose another label_mode"},
		{"int", numbers, false, "choose another label_mode"},
		{"multi_label", numbers, true, "1 values per file and 0 tags"},
		{"multi_label", table("a"), true, "pass the labels to from_files"},
		{"regression", table("a"), true, "pass the labels to from_files"},
	} {
		o := Options{Mode: c.mode, Images: 1}
		if c.mixed {
			o.Images = 4
		}
		_, err := New(o, c.t)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v", c.mode, err)
		}
	}
}

func TestCaption(t *testing.T) {
	labels := &Table{Classes: []string{"rose", "tulip"}, Index: []int32{0, 0, 1}}
	for _, c := range []struct {
		files   []int32
		weights []float64
		want    string
	}{
		{[]int32{1}, []float64{1}, "rose"},
		{[]int32{2, 0}, []float64{0.71, 0.29}, "0.71 tulip + 0.29 rose"},
		{[]int32{0, 1}, []float64{0.3, 0.7}, "1.00 rose"},
		{[]int32{0, 2, 1}, []float64{0.25, 0.5, 0.25}, "0.50 rose + 0.50 tulip"},
		{[]int32{0, 2, 1}, []float64{0.1, 0.7, 0.2}, "0.70 tulip + 0.30 rose"},
	} {
		if got := labels.Caption(c.files, c.weights); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestEncodeDoesNotAllocate, with any options that a mode allows.
func TestEncodeDoesNotAllocate(t *testing.T) {
	files, weights, half := []int32{0, 1}, []float64{0.25, 0.75}, 0.5
	for mode, k := range kinds {
		all := []Options{{Mode: mode, Images: 1}, {Mode: mode, Images: 2, Pair: true}}
		if k.outcomes != nil {
			all = append(all, Options{Mode: mode, Images: 2, Pair: true, Smoothing: 0.1})
		}
		if k.shares {
			all = append(all, Options{Mode: mode, Images: 2, Smoothing: 0.1, Binarize: &half})
		}
		for _, o := range all {
			encoders, err := New(o, examples[mode])
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range encoders {
				dst := make([]byte, Bytes(e))
				if n := testing.AllocsPerRun(10, func() {
					e.Encode(dst, files, weights)
				}); n > 0 {
					t.Errorf("%+v: %v allocations", o, n)
				}
			}
		}
	}
}

// bytes is the memory of row.
func bytes(row []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&row[0])), 4*len(row))
}
