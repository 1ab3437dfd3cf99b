package plan

import "mixfolder/core/quickselect"

// tree finds files by their labels, points in space: a k-d tree (Bentley,
// "Multidimensional binary search trees used for associative searching", Communications
// of the ACM 18, 1975). Each node covers a range of files and is split at its middle.
type tree struct {
	labels Labels
	files  []int32
	boxes  []float32 // per node the lowest and the highest label, in each dimension
}

// node is a range of the files of a tree. Its children are at 2 index + 1 and + 2.
type node struct{ index, first, end int32 }

const maxLeaf = 8 // files

func (n node) leaf() bool { return n.end-n.first <= maxLeaf }

func (n node) children() (left, right node) {
	middle := n.first + (n.end-n.first)/2
	return node{2*n.index + 1, n.first, middle}, node{2*n.index + 2, middle, n.end}
}

// newTree takes O(n log n) for n files.
func newTree(labels Labels, files []int32) *tree {
	t := &tree{labels: labels, files: append([]int32(nil), files...)}
	nodes := 1
	for n := len(files); n > maxLeaf; n = (n + 1) / 2 {
		nodes = 2*nodes + 1
	}
	t.boxes = make([]float32, 2*labels.Width*nodes)
	t.build(t.root())
	return t
}

func (t *tree) root() node { return node{0, 0, int32(len(t.files))} }

// row is the label of a file.
func (t *tree) row(file int32) []float32 {
	return t.labels.Values[int(file)*t.labels.Width:][:t.labels.Width]
}

func (t *tree) box(n node) (low, high []float32) {
	w := t.labels.Width
	box := t.boxes[int(n.index)*2*w:][:2*w]
	return box[:w], box[w:]
}

// build sorts the files of a node, so that each of its children is compact.
func (t *tree) build(n node) {
	low, high := t.box(n)
	copy(low, t.row(t.files[n.first]))
	copy(high, low)
	for _, file := range t.files[n.first:n.end] {
		for d, v := range t.row(file) {
			low[d], high[d] = min(low[d], v), max(high[d], v)
		}
	}
	if n.leaf() {
		return
	}
	widest := 0
	for d := range low {
		if high[d]-low[d] > high[widest]-low[widest] {
			widest = d
		}
	}
	left, right := n.children()
	quickselect.Select(t.files[n.first:n.end], int(left.end-left.first), func(file int32) float64 {
		return float64(t.row(file)[widest])
	})
	t.build(left)
	t.build(right)
}

// distance is the squared distance between a label and that of the file at an index.
func (t *tree) distance(at int32, label []float32) float64 {
	sum := 0.
	for d, v := range t.row(t.files[at]) {
		x := float64(v) - float64(label[d])
		sum += float64(x * x)
	}
	return sum
}

// distances bound the squared distances between a label and those of a node.
func (t *tree) distances(n node, label []float32) (nearest, furthest float64) {
	low, high := t.box(n)
	for d, v := range label {
		below, above := float64(low[d])-float64(v), float64(v)-float64(high[d])
		x, y := max(0, below, above), max(-below, -above)
		nearest, furthest = nearest+float64(x*x), furthest+float64(y*y)
	}
	return nearest, furthest
}
