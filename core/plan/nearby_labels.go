package plan

import (
	"errors"
	"fmt"
	"math"

	"mixfolder/core/exact"
	"mixfolder/core/rng"
)

// NearbyLabels takes images of the whole subset whose labels are similar: image j is the
// partner of image i with a probability proportional to exp(-|y_i - y_j|^2 / (2
// Sigma^2)), where |.| is the Euclidean distance of their numbers. An image is never its
// own partner, unless it is the only one. Partners of a row are drawn independently, and
// decoded for it alone: C-Mixup (Yao et al., "C-Mixup: Improving Generalization in
// Regression", 2022, which draws the image itself as well).
//
// The draws are exact: they are made by rejection, so rounding of the weights to 64 bits
// is the only difference from the formula. Weights are relative to that of the nearest
// image, so an image far from all others has its nearest ones as partners.
const NearbyLabels Pairing = "nearby_labels"

func init() {
	pairings[NearbyLabels] = func(s *Spec, files []int32) (pairing, error) {
		switch {
		case s.Labels.Values == nil:
			return nil, errors.New("plan: NearbyLabels needs labels that are numbers, but the " +
				`files have classes or no labels: use pairing="same_class", or pass numbers to ` +
				"from_files or from_dataframe")
		case !(s.Sigma >= minSigma && s.Sigma <= 1/minSigma):
			return nil, fmt.Errorf("plan: sigma of NearbyLabels must be above 0, from %v to %v, but "+
				"is %v", minSigma, 1/minSigma, s.Sigma)
		}
		return &nearby{newTree(s.Labels, files), 1 / (2 * float64(s.Sigma*s.Sigma))}, nil
	}
}

const minSigma = 1e-100 // its square is a float64

type nearby struct {
	*tree
	inverse float64 // 1/(2 sigma^2)
}

func (t *nearby) pair(b *Batch, _ *order, _ int) {
	var f frontier
	for i := range b.Samples {
		s := &b.Samples[i]
		r := s.Seed.Stream("nearby labels")
		t.reach(&f, s.File)
		for slot := range s.Partners {
			s.Partners[slot] = decoded(s, slot, t.draw(&f, &r))
		}
	}
}

// frontier covers all files by parts of a tree, finer where the weights are large.
type frontier struct {
	own     int32
	label   []float32 // of own
	nearest float64   // squared distance of the nearest other label
	parts   []part    // a heap by slack
	// upper and lower are sums of the bounds of all parts.
	upper, lower float64
}

// part is a node of a tree, or one file, with bounds of the sum of its weights.
type part struct {
	node
	upper, lower float64
}

func (p *part) slack() float64 { return p.upper - p.lower }

// weight is the weight of a file at a squared distance, relative to that of the nearest.
func (t *nearby) weight(f *frontier, distance float64) float64 {
	return exact.Exp(-max(0, float64((distance-f.nearest)*t.inverse)))
}

// reach covers the files by parts whose bounds are so close that few draws are rejected:
// at most as many, on average, as parts were split.
func (t *nearby) reach(f *frontier, own int32) {
	f.own, f.label, f.parts, f.upper, f.lower = own, t.row(own), f.parts[:0], 0, 0
	f.nearest = math.Inf(1)
	t.search(f, t.root())
	if math.IsInf(f.nearest, 1) {
		return // there is no other file
	}
	t.add(f, t.root())
	for splits := 2.; f.upper > float64(splits*f.lower); splits++ {
		p := f.pop()
		if p.leaf() {
			for at := p.first; at < p.end; at++ {
				t.addFile(f, at)
			}
		} else {
			left, right := p.children()
			t.add(f, left)
			t.add(f, right)
		}
	}
}

// search lowers f.nearest to the distance of the nearest file of a node.
func (t *nearby) search(f *frontier, n node) {
	if n.leaf() {
		for at := n.first; at < n.end; at++ {
			if t.files[at] != f.own {
				f.nearest = min(f.nearest, t.distance(at, f.label))
			}
		}
		return
	}
	near, far := n.children()
	first, _ := t.distances(near, f.label)
	second, _ := t.distances(far, f.label)
	if second < first {
		near, far, first, second = far, near, second, first
	}
	if first < f.nearest {
		t.search(f, near)
	}
	if second < f.nearest {
		t.search(f, far)
	}
}

func (t *nearby) add(f *frontier, n node) {
	low, high := t.distances(n, f.label)
	count := float64(n.end - n.first)
	f.push(part{n, float64(count * t.weight(f, low)), float64(count * t.weight(f, high))})
}

func (t *nearby) addFile(f *frontier, at int32) {
	if t.files[at] != f.own {
		w := t.weight(f, t.distance(at, f.label))
		f.push(part{node{first: at, end: at + 1}, w, w})
	}
}

// draw draws a file.
func (t *nearby) draw(f *frontier, r *rng.Stream) int32 {
	total := 0.
	for i := range f.parts {
		total += f.parts[i].upper
	}
	for len(f.parts) > 0 {
		x := float64(total * r.Float64())
		k := 0
		for k < len(f.parts)-1 && x >= f.parts[k].upper {
			x -= f.parts[k].upper
			k++
		}
		p := &f.parts[k]
		n := p.end - p.first
		at := p.first + int32(r.IntN(int(n)))
		accept := float64(t.weight(f, t.distance(at, f.label)) * float64(n))
		if float64(p.upper*r.Float64()) < accept && t.files[at] != f.own {
			return t.files[at]
		}
	}
	return f.own
}

func (f *frontier) push(p part) {
	f.upper, f.lower = f.upper+p.upper, f.lower+p.lower
	f.parts = append(f.parts, p)
	for i := len(f.parts) - 1; i > 0; {
		parent := (i - 1) / 2
		if f.parts[parent].slack() >= f.parts[i].slack() {
			return
		}
		f.parts[parent], f.parts[i] = f.parts[i], f.parts[parent]
		i = parent
	}
}

// pop removes the part whose bounds are the furthest apart.
func (f *frontier) pop() part {
	top, last := f.parts[0], len(f.parts)-1
	f.parts[0] = f.parts[last]
	f.parts = f.parts[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && f.parts[child+1].slack() > f.parts[child].slack() {
			child++
		}
		if f.parts[i].slack() >= f.parts[child].slack() {
			break
		}
		f.parts[i], f.parts[child] = f.parts[child], f.parts[i]
		i = child
	}
	f.upper, f.lower = f.upper-top.upper, f.lower-top.lower
	return top
}
