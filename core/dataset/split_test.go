package dataset

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"mixfolder/core/label"
)

// divided are the parts of a split.
func divided(d *Dataset, fraction float64, mode string, seed uint64) (train, validation []int32,
	warnings []string, err error) {
	v, err := Split(d, Parts{Fraction: fraction, Mode: mode, Seed: seed})
	if err != nil {
		return nil, nil, nil, err
	}
	return v.Members(1, true), v.Members(1, false), v.Warnings, nil
}

// grouped is a data set of files that belong to a class and a group each.
func grouped(t testing.TB, classes int, files ...[2]int) *Dataset {
	t.Helper()
	d := &Dataset{}
	for c := range classes {
		d.Classes = append(d.Classes, fmt.Sprintf("class %d", c))
	}
	var groups []string
	for i, f := range files {
		d.Names = append(d.Names, fmt.Sprintf("%d.png", i))
		d.Index = append(d.Index, int32(f[0]))
		groups = append(groups, fmt.Sprintf("group %d", f[1]))
	}
	d, err := d.WithGroups(groups)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// random is a data set whose groups have 1 to most files of few classes.
func random(t testing.TB, seed uint64, classes, groups, most int) *Dataset {
	r := rand.New(rand.NewPCG(seed, 0))
	var files [][2]int
	for g := range groups {
		class := r.IntN(classes)
		for range 1 + r.IntN(most) {
			c := class
			if r.IntN(4) == 0 {
				c = r.IntN(classes)
			}
			files = append(files, [2]int{c, g})
		}
	}
	r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return grouped(t, classes, files...)
}

// parts are the names of the groups in each part; a group in two parts is an error.
func parts(t *testing.T, d *Dataset, v *Division) map[string]int32 {
	t.Helper()
	of := map[string]int32{}
	for i, part := range v.Of {
		if other, ok := of[d.Groups[i]]; ok && other != part {
			t.Fatalf("%s is in parts %d and %d", d.Groups[i], other, part)
		}
		of[d.Groups[i]] = part
	}
	return of
}

func divide(t testing.TB, d *Dataset, p Parts) *Division {
	t.Helper()
	f := Split
	if p.Mode == "" {
		f = Folds
	}
	v, err := f(d, p)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestASplitDividesNoGroup(t *testing.T) {
	for seed := range uint64(200) {
		d := random(t, seed, 3, 60, 12)
		v := divide(t, d, Parts{Fraction: 0.25, Mode: Stratified, Seed: seed})
		parts(t, d, v)
		counts := v.counts(d, 2)
		for class := range d.Classes {
			val, all := counts[1][class], counts[0][class]+counts[1][class]
			// The groups of a class miss the fraction by half a group at most; files of
			// other classes in them add to that.
			if share := float64(val) / float64(all); share < 0.1 || share > 0.4 {
				t.Errorf("seed %d: %d of %d files of a class are for validation", seed, val, all)
			}
		}
	}
}

func TestANewGroupMovesFewOthers(t *testing.T) {
	p := Parts{Fraction: 0.2, Mode: Stratified, Seed: 1}
	var files [][2]int
	moved := 0
	before := map[string]int32{}
	for group := range 300 { // 5 files each
		for range 5 {
			files = append(files, [2]int{group % 2, group})
		}
		if group < 20 {
			continue
		}
		d := grouped(t, 2, files...)
		after := parts(t, d, divide(t, d, p))
		here := 0
		for name, part := range before {
			if after[name] != part {
				here++
			}
		}
		if moved += here; here > 1 {
			t.Errorf("group %d moves %d others", group, here)
		}
		before = after
	}
	if moved < 20 {
		t.Errorf("%d groups moved in all: the test sees nothing", moved)
	}
}

func TestASplitOfFewGroups(t *testing.T) {
	large := func(class, group, files int) [][2]int {
		return slices.Repeat([][2]int{{class, group}}, files)
	}
	for name, c := range map[string]struct {
		fraction float64
		files    [][2]int
		want     int // files for validation
		warning  string
	}{
		"the smallest of two": {0.1, slices.Concat(large(0, 0, 60), large(0, 1, 40)), 40, ""},
		"never all":           {0.9, slices.Concat(large(0, 0, 5), large(0, 1, 5)), 5, ""},
		"one group of a class": {0.5,
			slices.Concat(large(0, 0, 5), large(1, 1, 5), large(1, 2, 5)), 5,
			`too few groups: "class 0"`},
		"the largest is too large": {0.2,
			slices.Concat(large(0, 0, 80), large(0, 1, 10), large(0, 2, 10)), 20, ""},
		"a class without training": {0.5,
			slices.Concat(large(0, 0, 6), large(1, 0, 5), large(0, 1, 9)), 11,
			`no image for training, as all are in groups for validation: "class 1"`},
	} {
		d := grouped(t, 2, c.files...)
		v := divide(t, d, Parts{Fraction: c.fraction, Mode: Stratified, Seed: 1})
		if n := len(v.Members(1, false)); n != c.want {
			t.Errorf("%s: %d files for validation, want %d", name, n, c.want)
		}
		if text := strings.Join(v.Warnings, "\n"); !strings.Contains(text, c.warning) ||
			(text == "") != (c.warning == "") {
			t.Errorf("%s: warnings %q", name, text)
		}
	}
}

// TestFoldsWithoutGroups: each class and the whole are spread evenly.
func TestFoldsWithoutGroups(t *testing.T) {
	d := listing([]string{"a", "b", "c", "d"}, 17, 8, 5, 31)
	v := divide(t, d, Parts{Folds: 5, Seed: 3})
	sizes := make([]int, 5)
	for fold, counts := range v.counts(d, 5) {
		for class, n := range counts {
			sizes[fold] += n
			if all := []int{17, 8, 5, 31}[class]; n < all/5 || n > all/5+1 {
				t.Errorf("fold %d has %d of %d files of a class", fold, n, all)
			}
		}
	}
	if slices.Max(sizes)-slices.Min(sizes) > 1 || len(v.Warnings) != 0 {
		t.Errorf("folds of %v files, %q", sizes, v.Warnings)
	}
	if other := divide(t, d, Parts{Folds: 5, Seed: 4}); slices.Equal(other.Of, v.Of) {
		t.Error("another seed gives the same folds")
	}
	byName := func(d *Dataset) map[string]int32 {
		of := map[string]int32{}
		for i, fold := range divide(t, d, Parts{Folds: 5, Seed: 3}).Of {
			of[d.Names[i]] = fold
		}
		return of
	}
	before, after := byName(d), byName(listing([]string{"a", "b", "c", "d"}, 17, 8, 5, 32))
	moved := 0
	for name, fold := range before {
		if after[name] != fold {
			moved++
		}
	}
	if moved > 4 {
		t.Errorf("a new image moves %d others", moved)
	}
	slices.Reverse(d.Names)
	slices.Reverse(d.Index)
	if !maps.Equal(byName(d), before) {
		t.Error("the folds depend on the order of the files")
	}
}

func TestFoldsWithGroups(t *testing.T) {
	for seed := range uint64(50) {
		d := random(t, seed, 3, 80, 10)
		v := divide(t, d, Parts{Folds: 5, Seed: seed})
		parts(t, d, v)
		counts := v.counts(d, 5)
		for class := range d.Classes {
			all := 0
			for fold := range counts {
				all += counts[fold][class]
			}
			for fold := range counts {
				if share := float64(counts[fold][class]) / float64(all); share < 0.17 || share > 0.23 {
					t.Errorf("seed %d: fold %d has the share %v of a class", seed, fold, share)
				}
			}
		}
		again := slices.Clone(v.Of)
		if v = divide(t, d, Parts{Folds: 5, Seed: seed}); !slices.Equal(v.Of, again) {
			t.Error("the same seed gives other folds")
		}
	}
}

// TestGroupsGoByTheirNames: not by the order of files.
func TestGroupsGoByTheirNames(t *testing.T) {
	d := random(t, 1, 3, 40, 6)
	order := rand.New(rand.NewPCG(2, 0)).Perm(len(d.Names))
	other := &Dataset{Table: label.Table{Classes: d.Classes}}
	for _, i := range order {
		other.Names = append(other.Names, d.Names[i])
		other.Index = append(other.Index, d.Index[i])
		other.Groups = append(other.Groups, d.Groups[i])
	}
	for _, p := range []Parts{{Folds: 4, Seed: 7}, {Fraction: 0.3, Mode: Stratified, Seed: 7}} {
		if !maps.Equal(parts(t, d, divide(t, d, p)), parts(t, other, divide(t, other, p))) {
			t.Errorf("%+v depends on the order of the files", p)
		}
	}
}

func TestFoldsOfNumbers(t *testing.T) {
	d := &Dataset{Table: label.Table{Values: make([]float32, 20), Width: 1}}
	for i := range 20 {
		d.Names = append(d.Names, fmt.Sprint(i))
	}
	v := divide(t, d, Parts{Folds: 20, Seed: 1})
	sorted := slices.Clone(v.Of)
	if slices.Sort(sorted); !slices.Equal(sorted, d.All()) {
		t.Errorf("folds %v", v.Of)
	}
}

func TestErrorsOfDivisions(t *testing.T) {
	d := grouped(t, 1, [2]int{0, 0}, [2]int{0, 0}, [2]int{0, 1})
	for want, p := range map[string]Parts{
		"k must be from 2 to the number of groups, 2, but is 3": {Folds: 3},
		"but is 1":  {Folds: 1},
		"but is 0":  {},
		"but is -1": {Folds: -1},
		`split="head" takes the first files of each class and knows no groups`: {Fraction: 0.5,
			Mode: Head},
	} {
		f := Split
		if p.Mode == "" {
			f = Folds
		}
		if _, err := f(d, p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v", p, err)
		}
	}
	if _, err := d.WithGroups([]string{"a"}); err == nil ||
		!strings.Contains(err.Error(), "1 groups for 3 files") {
		t.Errorf("got %v", err)
	}
	v := divide(t, grouped(t, 2, [2]int{0, 0}, [2]int{0, 1}, [2]int{0, 2}, [2]int{1, 3}),
		Parts{Folds: 3})
	if len(v.Warnings) != 1 || !strings.Contains(v.Warnings[0],
		`with k=3 1 class(es) are not in every fold, as they have too few groups: "class 1"`) {
		t.Errorf("warnings %q", v.Warnings)
	}
}

func TestAMillionFilesInGroups(t *testing.T) {
	if testing.Short() {
		t.Skip("a million files")
	}
	const files, groups, classes = 1_000_000, 100_000, 1000
	d := &Dataset{Table: label.Table{Classes: make([]string, classes)}}
	for i := range files {
		d.Names = append(d.Names, fmt.Sprint(i))
		d.Index = append(d.Index, int32(i%groups%classes))
		d.Groups = append(d.Groups, fmt.Sprint(i%groups))
	}
	for _, p := range []Parts{{Folds: 5}, {Fraction: 0.2, Mode: Stratified}} {
		start := time.Now()
		v := divide(t, d, p)
		t.Logf("%+v: %v, %d files in part 1", p, time.Since(start), len(v.Members(1, false)))
		if took := time.Since(start); took > 60*time.Second {
			t.Errorf("%+v took %v", p, took)
		}
	}
}
