package folder

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
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
		"b/2.jpg": "x", "b/10.JPG": "x", "b/sub/1.png": "x", "b/.hidden.png": "x", "b/.dir/1.png": "x", "b/notes.txt": "text",
		"a/z.webp": "x", "a/unnamed": "\x89PNG\r\n\x1a\n        ", "a/Thumbs.db": "no", ".git/1.png": "x", "loose.jpg": "x",
	})
	l, err := Scan(root, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "b"}; !slices.Equal(l.Classes, want) {
		t.Errorf("classes %q, want %q", l.Classes, want)
	}
	if want := []string{"a/unnamed", "a/z.webp", "b/10.JPG", "b/2.jpg", "b/sub/1.png"}; !slices.Equal(l.Paths, want) {
		t.Errorf("paths %q, want %q", l.Paths, want)
	}
	if want := []int32{0, 0, 1, 1, 1}; !slices.Equal(l.Labels, want) {
		t.Errorf("labels %v, want %v", l.Labels, want)
	}
	all := strings.Join(l.Warnings, "\n")
	if !strings.Contains(all, "1 file(s) directly in") || !strings.Contains(all, ".db: 1, .txt: 1") {
		t.Errorf("warnings %q", l.Warnings)
	}
}

func TestScanChoosesClasses(t *testing.T) {
	root := tree(t, map[string]string{"a/1.png": "x", "b/1.png": "x", "c/1.png": "x"})
	l, err := Scan(root, Options{Classes: []string{"c", "a"}})
	if err != nil || !slices.Equal(l.Paths, []string{"c/1.png", "a/1.png"}) || !slices.Equal(l.Labels, []int32{0, 1}) {
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
		"missing":       {nil, Options{}, "nowhere", "does not exist"},
		"empty":         {nil, Options{}, "", "is empty"},
		"no classes":    {map[string]string{"1.png": "x"}, Options{}, "", "no class folders"},
		"a file":        {map[string]string{"1.png": "x"}, Options{}, "1.png", "is a file"},
		"empty class":   {map[string]string{"a/1.png": "x", "rose/notes.txt": "x"}, Options{}, "", `class "rose" has no picture`},
		"unknown class": {map[string]string{"a/1.png": "x"}, Options{Classes: []string{"tulip"}}, "", `"tulip", which is no folder`},
		"twice":         {map[string]string{"a/1.png": "x"}, Options{Classes: []string{"a", "a"}}, "", "twice"},
	} {
		if _, err := Scan(filepath.Join(tree(t, c.files), c.sub), c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
	}
}

func TestScanLinksAndPipes(t *testing.T) {
	outside := tree(t, map[string]string{"1.png": "x", "deep/2.png": "x"})
	root := tree(t, map[string]string{"a/0.png": "x"})
	for _, l := range [][2]string{{outside, "a/link"}, {outside, "linked"}, {root, "a/loop"}, {"nowhere", "a/dangling"}} {
		if err := os.Symlink(l[0], filepath.Join(root, l[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "a", "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := Scan(root, Options{})
	if want := []string{"a/0.png", "linked/1.png", "linked/deep/2.png"}; err != nil || !slices.Equal(l.Paths, want) {
		t.Fatalf("without links: %v, %v, want %q", l, err, want)
	}
	l, err = Scan(root, Options{Classes: []string{"a"}, FollowLinks: true})
	if err != nil {
		t.Fatal(err)
	}
	// The loop leads back to the root, which is no folder above within the class, so its classes appear once below it and no deeper.
	if !slices.Contains(l.Paths, "a/link/deep/2.png") || len(l.Paths) > 20 {
		t.Fatalf("with links: %q", l.Paths)
	}
}

func seeded(seed uint64) func(int) *rand.Rand {
	return func(label int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(label))) }
}

func TestSplit(t *testing.T) {
	l := &Listing{Classes: []string{"a", "b", "c"}, Paths: make([]string, 10+7+2)}
	for label, n := range []int{10, 7, 2} {
		l.Labels = append(l.Labels, slices.Repeat([]int32{int32(label)}, n)...)
	}
	train, val, warnings, err := Split(l, 0.3, Stratified, seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	counts := [3]int{}
	for _, i := range val {
		counts[l.Labels[i]]++
	}
	if counts != [3]int{3, 2, 0} {
		t.Errorf("validation has %v of the classes", counts)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], `class "c"`) {
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
	if _, again, _, _ := Split(l, 0.3, Stratified, seeded(1)); !slices.Equal(again, val) {
		t.Error("the same seed gives another split")
	}
	if _, other, _, _ := Split(l, 0.3, Stratified, seeded(2)); slices.Equal(other, val) {
		t.Error("another seed gives the same split")
	}
	if _, head, _, _ := Split(l, 0.3, Head, nil); !slices.Equal(head, []int32{0, 1, 2, 10, 11}) {
		t.Errorf("head split %v", head)
	}
}

func TestSplitErrors(t *testing.T) {
	l := &Listing{Classes: []string{"a"}, Paths: make([]string, 3), Labels: make([]int32, 3)}
	for _, c := range []struct {
		fraction float64
		mode     string
	}{{0, Head}, {1, Head}, {-0.5, Head}, {0.2, Head}, {0.5, "random"}} {
		if _, _, _, err := Split(l, c.fraction, c.mode, seeded(1)); err == nil {
			t.Errorf("%v %q: no error", c.fraction, c.mode)
		}
	}
}

func TestDigestSeesNamesAndLabels(t *testing.T) {
	one := &Listing{Classes: []string{"a"}, Paths: []string{"a/1"}, Labels: []int32{0}}
	for _, other := range []*Listing{
		{Classes: []string{"b"}, Paths: []string{"a/1"}, Labels: []int32{0}},
		{Classes: []string{"a"}, Paths: []string{"a/2"}, Labels: []int32{0}},
		{Classes: []string{"a"}, Paths: []string{"a/1"}, Labels: []int32{1}},
		{Classes: []string{"a", "a/1"}, Labels: []int32{0}},
	} {
		if one.Digest() == other.Digest() {
			t.Errorf("%v has the digest of %v", other, one)
		}
	}
}
