package dataset

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mixfolder/core/label"
	"mixfolder/core/source"
)

// tree makes files with the given contents below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestScanOrderAndWhatIsTaken(t *testing.T) {
	root := tree(t, map[string]string{
		"b/2.jpg": "x", "b/10.JPG": "x", "b/sub/1.png": "x", "b/.hidden.png": "x",
		"b/.dir/1.png": "x", "b/notes.txt": "text",
		"a/z.webp": "x", "a/unnamed": "\x89PNG\r\n\x1a\n        ", "a/Thumbs.db": "no",
		".git/1.png": "x", "loose.jpg": "x",
	})
	l, err := Scan(source.Dir(root), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "b"}; !slices.Equal(l.Classes, want) {
		t.Errorf("classes %q, want %q", l.Classes, want)
	}
	if want := []string{"a/unnamed", "a/z.webp", "b/10.JPG", "b/2.jpg",
		"b/sub/1.png"}; !slices.Equal(l.Names, want) {
		t.Errorf("paths %q, want %q", l.Names, want)
	}
	if want := []int32{0, 0, 1, 1, 1}; !slices.Equal(l.Index, want) {
		t.Errorf("labels %v, want %v", l.Index, want)
	}
	all := strings.Join(l.Warnings, "\n")
	if !strings.Contains(all, "1 file(s) directly in") || !strings.Contains(all,
		".db: 1, .txt: 1") {
		t.Errorf("warnings %q", l.Warnings)
	}
}

func TestScanChoosesClasses(t *testing.T) {
	root := tree(t, map[string]string{"a/1.png": "x", "b/1.png": "x", "c/1.png": "x"})
	l, err := Scan(source.Dir(root), Options{Classes: []string{"c", "a"}})
	if err != nil || !slices.Equal(l.Names, []string{"c/1.png", "a/1.png"}) ||
		!slices.Equal(l.Index, []int32{0, 1}) {
		t.Fatalf("got %v, %v", l, err)
	}
}

func TestScanErrorsNameTheThing(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		o     Options
		sub   string
		want  string
	}{
		"missing":    {nil, Options{}, "nowhere", "does not exist"},
		"empty":      {nil, Options{}, "", "is empty"},
		"no classes": {map[string]string{"1.png": "x"}, Options{}, "", "no class folders"},
		"a file":     {map[string]string{"1.png": "x"}, Options{}, "1.png", "is a file"},
		"empty class": {map[string]string{"a/1.png": "x", "rose/notes.txt": "x"}, Options{}, "",
			`class "rose" has no image`},
		"unknown class": {map[string]string{"a/1.png": "x"}, Options{Classes: []string{"tulip"}},
			"", `"tulip", which is no folder`},
		"twice": {map[string]string{"a/1.png": "x"}, Options{Classes: []string{"a", "a"}},
			"", "twice"},
	} {
		if _, err := Scan(source.Dir(filepath.Join(tree(t, c.files), c.sub)), c.o); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestScanLinksAndPipes(t *testing.T) {
	outside := tree(t, map[string]string{"1.png": "x", "deep/2.png": "x"})
	root := tree(t, map[string]string{"a/0.png": "x"})
	for _, l := range [][2]string{{outside, "a/link"}, {outside, "linked"}, {root, "a/loop"},
		{"nowhere", "a/dangling"}} {
		if err := os.Symlink(l[0], filepath.Join(root, l[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "a", "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := Scan(source.Dir(root), Options{})
	if want := []string{"a/0.png", "linked/1.png", "linked/deep/2.png"}; err != nil ||
		!slices.Equal(l.Names, want) {
		t.Fatalf("without links: %v, %v, want %q", l, err, want)
	}
	l, err = Scan(source.Dir(root), Options{Classes: []string{"a"}, FollowLinks: true})
	if err != nil {
		t.Fatal(err)
	}
	// The loop leads back to the root, which is no folder above within the class, so
	// its classes appear once below it and no deeper.
	if !slices.Contains(l.Names, "a/link/deep/2.png") || len(l.Names) > 20 {
		t.Fatalf("with links: %q", l.Names)
	}
}

// listing has classes with so many files each, named by numbers.
func listing(names []string, counts ...int) *Dataset {
	l := &Dataset{Table: label.Table{Classes: names}}
	for label, n := range counts {
		for i := range n {
			l.Names = append(l.Names, filepath.Join(names[label], "sub", fmt.Sprintf("%04d.png",
				i)))
			l.Index = append(l.Index, int32(label))
		}
	}
	return l
}

func TestSplit(t *testing.T) {
	l := listing([]string{"a", "b", "c"}, 10, 7, 2)
	train, val, warnings, err := divided(l, 0.3, Stratified, 1)
	if err != nil {
		t.Fatal(err)
	}
	counts := [3]int{}
	for _, i := range val {
		counts[l.Index[i]]++
	}
	if counts != [3]int{3, 2, 0} {
		t.Errorf("validation has %v of the classes", counts)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], `too few images: "c"`) {
		t.Errorf("warnings %q", warnings)
	}
	both := append(slices.Clone(train), val...)
	slices.Sort(both)
	for i, v := range both {
		if int(v) != i {
			t.Fatalf("the parts do not make up the whole: %v", both)
		}
	}
	if !slices.IsSorted(train) || !slices.IsSorted(val) {
		t.Error("the parts are not in the order of the listing")
	}
	if _, again, _, _ := divided(l, 0.3, Stratified, 1); !slices.Equal(again, val) {
		t.Error("the same seed gives another split")
	}
	if _, other, _, _ := divided(l, 0.3, Stratified, 2); slices.Equal(other, val) {
		t.Error("another seed gives the same split")
	}
	if _, head, _, _ := divided(l, 0.3, Head, 1); !slices.Equal(head, []int32{0, 1, 2, 10, 11}) {
		t.Errorf("head split %v", head)
	}
}

// drawn are the paths for validation of one class.
func drawn(t *testing.T, l *Dataset, class string) map[string]bool {
	t.Helper()
	_, val, _, err := divided(l, 0.3, Stratified, 1)
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]bool{}
	for _, i := range val {
		if l.Class(i) == class {
			paths[l.Names[i]] = true
		}
	}
	return paths
}

func TestASplitIsDrawnByNames(t *testing.T) {
	before := drawn(t, listing([]string{"b", "d"}, 50, 40), "d")
	for _, l := range []*Dataset{
		listing([]string{"a", "b", "c", "d"}, 30, 51, 20, 40), // new classes, a new image elsewhere
		listing([]string{"renamed", "d"}, 50, 40),
		listing([]string{"d", "b"}, 40, 50),
	} {
		if after := drawn(t, l, "d"); !maps.Equal(after, before) {
			t.Errorf("classes %q move the images of another one", l.Classes)
		}
	}
	renamed := map[string]bool{}
	for path := range before {
		renamed["e"+path[1:]] = true
	}
	if after := drawn(t, listing([]string{"e"}, 40), "e"); maps.Equal(after, renamed) {
		t.Error("two classes with the same file names are split in the same way")
	}
}

func TestANewImageMovesOneOtherAtMost(t *testing.T) {
	moves := map[int]int{}
	for n := 10; n < 200; n++ {
		before, after := drawn(t, listing([]string{"d"}, n), "d"), drawn(t, listing([]string{"d"},
			n+1), "d")
		for path := range after {
			delete(before, path)
		}
		moves[len(before)]++
	}
	// An image leaves validation where the new one comes in and the count stays.
	if moves[0] < 100 || moves[1] < 10 || moves[0]+moves[1] != 190 {
		t.Errorf("numbers of images that left validation: %v", moves)
	}
}

func TestASplitIsUniform(t *testing.T) {
	const n, seeds = 20, 4000
	l, counts := listing([]string{"d"}, n), [n]int{}
	for seed := range uint64(seeds) {
		_, val, _, err := divided(l, 0.3, Stratified, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range val {
			counts[i]++
		}
	}
	for i, k := range counts { // 1200 each, with a standard deviation of 29
		if k < 1200-130 || k > 1200+130 {
			t.Errorf("image %d is drawn %d times of %d", i, k, seeds)
		}
	}
}

func TestASplitKnowsEqualPathsApart(t *testing.T) {
	l := &Dataset{Table: label.Table{Classes: []string{"d"}, Index: make([]int32, 10)},
		Names: slices.Repeat([]string{"d/1.png"}, 10)}
	train, val, _, err := divided(l, 0.3, Stratified, 1)
	if err != nil || !slices.Equal(val, []int32{0, 1, 2}) || len(train) != 7 {
		t.Errorf("%v and %v, %v", train, val, err)
	}
}

func TestSplitErrors(t *testing.T) {
	l := &Dataset{Table: label.Table{Classes: []string{"a"}, Index: make([]int32, 3)},
		Names: make([]string, 3)}
	for _, c := range []struct {
		fraction float64
		mode     string
	}{{0, Head}, {1, Head}, {-0.5, Head}, {0.2, Head}, {0.5, "random"}} {
		if _, _, _, err := divided(l, c.fraction, c.mode, 1); err == nil {
			t.Errorf("%v %q: no error", c.fraction, c.mode)
		}
	}
}

func TestDigestSeesNamesAndLabels(t *testing.T) {
	one := &Dataset{Table: label.Table{Classes: []string{"a"}, Index: []int32{0}},
		Names: []string{"a/1"}}
	for _, other := range []*Dataset{
		{Table: label.Table{Classes: []string{"b"}, Index: []int32{0}}, Names: []string{"a/1"}},
		{Table: label.Table{Classes: []string{"a"}, Index: []int32{0}}, Names: []string{"a/2"}},
		{Table: label.Table{Classes: []string{"a"}, Index: []int32{1}}, Names: []string{"a/1"}},
		{Table: label.Table{Classes: []string{"a", "a/1"}, Index: []int32{0}}},
	} {
		if one.Digest() == other.Digest() {
			t.Errorf("%v has the digest of %v", other, one)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"rose", "rose", 0}, {"rose", "", 4}, {"", "ab", 2}, {"tulip", "tulpi",
		1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
		{"Übung", "Ubung", 1}} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q to %q: got %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// A scan of so many classes took minutes where each name was looked for among all
// others.
func TestManyClassNames(t *testing.T) {
	const n = 300_000
	found, wanted := make([]string, n), make([]string, n)
	for i := range found {
		found[i] = fmt.Sprintf("class %06d a", i)
		wanted[n-1-i] = found[i]
	}
	wanted[0], wanted[5] = "class of its own", "another one"
	start := time.Now()
	c, err := chooseClasses("root", found, wanted)
	if err != nil || len(c.missing) != 2 || !strings.Contains(c.warning,
		`2 name(s) without a folder`) {
		t.Fatal(c.missing, c.warning, err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestLongWarningsAreCut(t *testing.T) {
	counts := fileCounts{}
	for i := range 20_000 {
		counts.add(fmt.Sprintf("slice.%05d", i))
	}
	counts.add("1.txt")
	counts.add("2.txt")
	w := counts.warnings()
	if len(w) != 1 || len(w[0]) > 300 || !strings.Contains(w[0], "20002 file(s)") ||
		!strings.Contains(w[0], "(.txt: 2, .00000: 1") ||
		!strings.Contains(w[0], ", and 19991 more)") {
		t.Errorf("got %q", w)
	}
	small := &Dataset{Table: label.Table{Classes: make([]string, 1000), Index: []int32{0, 0}},
		Names: make([]string, 1002)}
	for i := range small.Classes {
		small.Index = append(small.Index, int32(i))
	}
	_, _, w, err := divided(small, 0.5, Head, 0)
	if err != nil || len(w) != 1 || !strings.HasSuffix(w[0], `"", and 979 more`) {
		t.Errorf("got %q, %v", w, err)
	}
}

func TestPartsOfADataSetAreNoClasses(t *testing.T) {
	for _, c := range []struct {
		folders string
		want    string // in the error; "" for none
	}{
		{"train val", `from_directories(train="ROOT/train", val="ROOT/val")`},
		{"Training Validation images", `from_directories(train="ROOT/Training", val="ROOT/Validation")`},
		{"test2017 train2017", `from_directories(train="ROOT/train2017", val="ROOT/test2017")`},
		{"train", `open "ROOT/train" itself`},
		{"bus car train", ""},
		{"test", ""},
		{"test valid", ""},
		{"trains vals", ""},
	} {
		files := map[string]string{}
		for _, name := range strings.Fields(c.folders) {
			files[name+"/1.png"] = "x"
		}
		root := tree(t, files)
		_, err := Scan(source.Dir(root), Options{})
		if want := strings.ReplaceAll(c.want, "ROOT", root); (err == nil) != (want == "") ||
			err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", c.folders, err)
		}
		for _, o := range []Options{{Tolerant: true}, {Classes: strings.Fields(c.folders)}} {
			if _, err := Scan(source.Dir(root), o); err != nil {
				t.Errorf("%s: %+v: %v", c.folders, o, err)
			}
		}
	}
}
