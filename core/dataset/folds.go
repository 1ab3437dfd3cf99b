package dataset

import (
	"cmp"
	"fmt"
	"slices"
)

// Folds divides a data set into p.Folds parts of the same size and with the same shares
// of classes, as far as groups allow. The result depends on nothing but the arguments.
func Folds(d *Dataset, p Parts) (*Division, error) {
	g := d.grouping(true, p.Seed)
	if n := len(g.files); p.Folds < 2 || p.Folds > n {
		return nil, fmt.Errorf("dataset: k must be from 2 to the number of %s, %d, but is %d",
			d.drawn(), n, p.Folds)
	}
	var v *Division
	if d.Groups == nil {
		v = g.division(p, g.blocks(p.Folds))
	} else {
		v = g.division(p, g.balanced(p.Folds, len(d.Classes)))
	}
	counts := v.counts(d, p.Folds)
	v.warn(d, func(class int) bool {
		return slices.ContainsFunc(counts, func(c []int) bool { return c[class] == 0 })
	}, "with k=%d %d class(es) are not in every fold, as they have too few "+d.drawn()+": %s",
		p.Folds)
	return v, nil
}

// blocks divides each class, in its random order, into k blocks. Their sizes differ by 1
// at most, and so do those of the folds. A new file moves one per block at most.
func (g *grouping) blocks(k int) []int32 {
	fold, next := make([]int32, len(g.files)), 0
	for _, files := range g.strata() {
		size, larger := len(files)/k, len(files)%k
		for i := range k {
			n := size
			if (i-next+k)%k < larger { // the turn of this fold to have one more
				n++
			}
			for _, file := range files[:n] {
				fold[file] = int32(i)
			}
			files = files[n:]
		}
		next = (next + larger) % k
	}
	return fold
}

// balanced puts each group, the largest first, into the fold where it keeps the shares
// of the classes most equal, as scikit-learn's StratifiedGroupKFold does: where it adds
// least to the sum of the squares of all shares. Of equal folds it is the one with the
// fewest files.
func (g *grouping) balanced(k, classes int) []int32 {
	total := make([]int, max(1, classes)) // files by class
	for _, c := range g.counts {
		total[c.class] += int(c.files)
	}
	counts := make([][]int, k) // files by fold and class
	for i := range counts {
		counts[i] = make([]int, len(total))
	}
	fold, files := make([]int32, len(g.files)), make([]int32, k)
	order := make([]int32, len(g.files))
	for n := range order {
		order[n] = int32(n)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(g.files[b], g.files[a]), g.compare(a, b))
	})
	added := func(n int32, i int) (sum float64) { // half of it, without what all folds share
		for _, c := range g.classes(n) {
			sum += float64(counts[i][c.class]*int(c.files)) / float64(total[c.class]*total[c.class])
		}
		return sum
	}
	for _, n := range order {
		best, least := 0, added(n, 0)
		for i := 1; i < k; i++ {
			if sum := added(n, i); sum < least || sum == least && files[i] < files[best] {
				best, least = i, sum
			}
		}
		fold[n] = int32(best)
		files[best] += g.files[n]
		for _, c := range g.classes(n) {
			counts[best][c.class] += int(c.files)
		}
	}
	return fold
}
