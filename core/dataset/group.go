package dataset

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// WithGroups returns d with the name of each file's group. A split or a fold never
// divides a group. Nobody may change the slice afterwards.
func (d *Dataset) WithGroups(groups []string) (*Dataset, error) {
	if len(groups) != len(d.Names) {
		return nil, fmt.Errorf("dataset: there are %d groups for %d files: give one per file, and "+
			"open the folder again if it has changed", len(groups), len(d.Names))
	}
	grouped := *d
	grouped.Groups = groups
	return &grouped, nil
}

// grouping has the groups of a data set, by number. Without Dataset.Groups each file is
// a group of its own.
type grouping struct {
	of    []int32 // the group of each file
	files []int32 // the number of files of each group
	// class of most files of each group, of several the first; 0 without classes
	class []int32
	key   [][sha256.Size]byte // place of each group in the random order
	// counts has the number of files of each class of a group, at first[g] to
	// first[g+1].
	counts []classCount
	first  []int
}

type classCount struct{ class, files int32 }

// grouping finds the groups. With random, they are ordered by a hash of the seed and
// their names; otherwise by their first files.
func (d *Dataset) grouping(random bool, seed uint64) *grouping {
	g := &grouping{of: d.All()}
	names := d.Groups
	if names != nil {
		number := map[string]int32{}
		for i, name := range d.Groups {
			n, ok := number[name]
			if !ok {
				n = int32(len(number))
				number[name] = n
			}
			g.of[i] = n
		}
		names = make([]string, len(number))
		for name, n := range number {
			names[n] = name
		}
	}
	g.count(d)
	g.key = make([][sha256.Size]byte, len(g.files))
	for n := range g.key {
		switch {
		case !random:
		case names != nil:
			g.key[n] = keyOf(seed, names[n])
		default:
			// By the class, and the name below the class folder.
			class := d.Class(int32(n))
			g.key[n] = keyOf(seed, class, "\x00", strings.TrimPrefix(d.Names[n], class+"/"))
		}
	}
	return g
}

func keyOf(seed uint64, name ...string) [sha256.Size]byte {
	b := binary.LittleEndian.AppendUint64(nil, seed)
	for _, part := range name {
		b = append(b, part...)
	}
	return sha256.Sum256(b)
}

// count counts the files of each group by class.
func (g *grouping) count(d *Dataset) {
	members := byNumber(g.of)
	g.files, g.class = make([]int32, len(members)), make([]int32, len(members))
	files := make([]int32, max(1, len(d.Classes))) // of the group, by class
	var classes []int32                            // of the group
	for n, group := range members {
		g.files[n] = int32(len(group))
		classes = classes[:0]
		for _, i := range group {
			class := d.ClassOf(i)
			if files[class]++; files[class] == 1 {
				classes = append(classes, class)
			}
		}
		slices.Sort(classes)
		g.first = append(g.first, len(g.counts))
		g.class[n] = classes[0]
		for _, class := range classes {
			if files[class] > files[g.class[n]] {
				g.class[n] = class
			}
			g.counts = append(g.counts, classCount{class, files[class]})
		}
		for _, class := range classes {
			files[class] = 0
		}
	}
	g.first = append(g.first, len(g.counts))
}

// classes are the files of each class of a group.
func (g *grouping) classes(n int32) []classCount { return g.counts[g.first[n]:g.first[n+1]] }

// strata are the groups of each class, in their order.
func (g *grouping) strata() [][]int32 {
	strata := byNumber(g.class)
	for _, groups := range strata {
		slices.SortFunc(groups, g.compare)
	}
	return strata
}

// compare orders groups; of equal names, which a list may have, the first file decides.
func (g *grouping) compare(a, b int32) int {
	return cmp.Or(bytes.Compare(g.key[a][:], g.key[b][:]), cmp.Compare(a, b))
}

// ClassOf is the index of a file's class; 0 if the labels are no classes.
func (d *Dataset) ClassOf(i int32) int32 {
	if d.Index == nil {
		return 0
	}
	return d.Index[i]
}

// byNumber returns, for each number that occurs and all below, where it occurs.
func byNumber(numbers []int32) [][]int32 {
	if len(numbers) == 0 {
		return nil
	}
	counts := make([]int, slices.Max(numbers)+1)
	for _, n := range numbers {
		counts[n]++
	}
	memory, places := make([]int32, len(numbers)), make([][]int32, len(counts))
	for n, count := range counts {
		places[n], memory = memory[:0:count], memory[count:]
	}
	for i, n := range numbers {
		places[n] = append(places[n], int32(i))
	}
	return places
}
