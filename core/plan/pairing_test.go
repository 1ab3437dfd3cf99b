package plan

import (
	"math"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"mixfolder/core/rng"
)

// paired counts how often each file is the partner of each other one, over as many draws
// per row.
func paired(t *testing.T, s Spec, n, epochs int) [][]float64 {
	t.Helper()
	s.Seed, s.Shuffle, s.BatchSize = 3, true, 4
	s.Images = max(s.Images, 2)
	p := planner(t, s, n)
	counts := make([][]float64, n)
	for i := range counts {
		counts[i] = make([]float64, n)
	}
	for epoch := range uint64(epochs) {
		for number := range p.Batches() {
			for _, sample := range p.Batch(epoch, number).Samples {
				for _, partner := range sample.Partners {
					if partner.Row != -1 || partner.Seed == sample.Seed {
						t.Fatalf("%s: %+v", s.Pairing, sample)
					}
					counts[sample.File-1000][partner.File-1000]++
				}
			}
		}
	}
	return counts
}

// compare is a chi-square test at 0.1 % of the counts of each row, which have a sum of
// draws and probabilities in proportion to weights; what is expected less than 8 times is
// one cell.
func compare(t *testing.T, name string, counts [][]float64, draws float64,
	weight func(i, j int) float64) {
	t.Helper()
	chi, free := 0., 0.
	for i, row := range counts {
		weights, sum := make([]float64, len(row)), 0.
		for j := range row {
			weights[j] = weight(i, j)
			sum += weights[j]
		}
		rest, restCount, cells := 0., 0., 0.
		for j, count := range row {
			switch want := weights[j] / sum * draws; {
			case want == 0:
				if count > 0 {
					t.Fatalf("%s: %d has %d as a partner %v times", name, i, j, count)
				}
			case want < 8:
				rest, restCount = rest+want, restCount+count
			default:
				chi += (count - want) * (count - want) / want
				cells++
			}
		}
		if rest > 8 {
			chi += (restCount - rest) * (restCount - rest) / rest
			cells++
		} else if restCount > rest+6*math.Sqrt(rest)+6 {
			t.Errorf("%s: %d has rare partners %v times, want %v", name, i, restCount, rest)
		}
		free += max(cells-1, 0)
	}
	if free == 0 {
		return
	}
	if critical := (distuv.ChiSquared{K: free}).Quantile(0.999); chi > critical {
		t.Errorf("%s: chi-square %.1f of %v degrees of freedom, critical %.1f", name, chi, free,
			critical)
	}
}

// classesOf gives files from 1000 on the classes 0, 2 and 3; class 2 has one file.
func classesOf(n int) []int32 {
	class := make([]int32, 1000+n)
	for i := range n {
		class[1000+i] = []int32{0, 3, 0, 0, 3}[i%5]
	}
	class[1001] = 2
	return class
}

func TestPartnersByClass(t *testing.T) {
	const n, epochs = 14, 8000
	of := classesOf(n)
	size := map[int32]float64{}
	for _, class := range of[1000:] {
		size[class]++
	}
	same := func(i, j int) bool { return of[1000+i] == of[1000+j] }
	for pairing, weight := range map[Pairing]func(i, j int) float64{
		SameClass: func(i, j int) float64 {
			if same(i, j) && (i != j || i == 1) { // 1 is alone in its class
				return 1
			}
			return 0
		},
		OtherClass: func(i, j int) float64 {
			if same(i, j) {
				return 0
			}
			return 1
		},
		Balanced: func(i, j int) float64 {
			switch {
			case !same(i, j):
				return 1 / size[of[1000+j]]
			case i == 1:
				return 1
			case i == j:
				return 0
			}
			return 1 / (size[of[1000+j]] - 1)
		},
	} {
		s := Spec{Pairing: pairing, Labels: Labels{Class: of}}
		compare(t, string(pairing), paired(t, s, n, epochs), epochs, weight)
	}
}

// TestPartnersByClassAreDifferent as long as there are enough, in a row of four images.
func TestPartnersByClassAreDifferent(t *testing.T) {
	of := classesOf(14)
	for pairing, want := range map[Pairing]func(class int32) int{
		SameClass:  func(class int32) int { return map[int32]int{0: 3, 2: 1, 3: 3}[class] },
		OtherClass: func(int32) int { return 3 },
	} {
		s := Spec{Seed: 1, BatchSize: 14, Images: 4, Pairing: pairing, Labels: Labels{Class: of}}
		for epoch := range uint64(200) {
			for _, sample := range planner(t, s, 14).Batch(epoch, 0).Samples {
				var files []int32
				for _, p := range sample.Partners {
					files = append(files, p.File)
				}
				slices.Sort(files)
				if len(slices.Compact(files)) != want(of[sample.File]) {
					t.Fatalf("%s: %+v", pairing, sample)
				}
			}
		}
	}
}

// TestNearbyLabels compares draws with the formula: for labels far apart and close
// together, alone and equal, of one and three numbers.
func TestNearbyLabels(t *testing.T) {
	const n, epochs = 40, 1000
	for name, label := range map[string]func(i, d int) float64{
		"spread":   func(i, d int) float64 { return float64(i*i%37) + 0.25*float64(d*i%5) },
		"equal":    func(i, d int) float64 { return float64(i % 3) },
		"the same": func(i, d int) float64 { return 7 },
		"far": func(i, d int) float64 {
			if i == 5 {
				return 1e6
			}
			return float64(i) / 8
		},
	} {
		for _, width := range []int{1, 3} {
			for _, sigma := range []float64{0.01, 1, 6, 1e5} {
				labels := Labels{Values: make([]float32, (1000+n)*width), Width: width}
				for i := range n {
					for d := range width {
						labels.Values[(1000+i)*width+d] = float32(label(i, d))
					}
				}
				distance := func(i, j int) float64 {
					sum := 0.
					for d := range width {
						x := float64(labels.Values[(1000+i)*width+d]) -
							float64(labels.Values[(1000+j)*width+d])
						sum += x * x
					}
					return sum
				}
				nearest := make([]float64, n)
				for i := range n {
					nearest[i] = math.Inf(1)
					for j := range n {
						if i != j {
							nearest[i] = min(nearest[i], distance(i, j))
						}
					}
				}
				s := Spec{Pairing: NearbyLabels, Labels: labels, Sigma: sigma}
				compare(t, name, paired(t, s, n, epochs), epochs, func(i, j int) float64 {
					if i == j {
						return 0
					}
					return math.Exp(-(distance(i, j) - nearest[i]) / (2 * sigma * sigma))
				})
			}
		}
	}
	only := planner(t, Spec{BatchSize: 1, Images: 4, Pairing: NearbyLabels, Sigma: 1,
		Labels: Labels{Values: make([]float32, 1001), Width: 1}}, 1).Batch(0, 0).Samples[0]
	for _, p := range only.Partners {
		if p.File != only.File || p.Seed == only.Seed {
			t.Errorf("the only image is mixed with %+v", p)
		}
	}
}

// TestNearbyLabelsOfManyFiles bounds the work, not only the result: a draw may not visit
// all files.
func TestNearbyLabelsOfManyFiles(t *testing.T) {
	const n = 100_000
	files := make([]int32, n)
	for i := range files {
		files[i] = int32(i)
	}
	for _, width := range []int{1, 2} {
		labels := Labels{Values: make([]float32, n*width), Width: width}
		r := rng.Key(1, 0, 0).Stream("labels")
		for i := range labels.Values {
			labels.Values[i] = float32(r.Beta(2))
		}
		for _, sigma := range []float64{1e-3, 0.1} {
			start := time.Now()
			p, err := New(Spec{BatchSize: 1000, Images: 2, Pairing: NearbyLabels, Sigma: sigma,
				Labels: labels, Shuffle: true}, files)
			if err != nil {
				t.Fatal(err)
			}
			opened := time.Since(start)
			start = time.Now()
			p.Batch(0, 1)
			drawn := time.Since(start) / 1000
			t.Logf("%d numbers, sigma %v: %v to open, %v per draw", width, sigma, opened, drawn)
			if opened > 20*time.Second || drawn > 5*time.Millisecond {
				t.Errorf("%d numbers, sigma %v: too slow", width, sigma)
			}
		}
	}
}

func TestReversedRows(t *testing.T) {
	for _, size := range []int{1, 2, 3, 6, 7} {
		p := planner(t, Spec{Seed: 1, BatchSize: size, Images: 2, Pairing: Reversed}, 2*size+1)
		for number := range p.Batches() {
			b := p.Batch(2, number)
			n := len(b.Samples)
			for i, s := range b.Samples {
				partner := s.Partners[0]
				switch {
				case n == 1:
					if partner.Row != -1 || partner.File == s.File || s.Pair != s.Seed {
						t.Fatalf("the only row is %+v", s)
					}
				case 2*i+1 == n:
					if partner.Row != i+1 || s.Pair != s.Seed {
						t.Fatalf("the row in the middle is %+v", s)
					}
				default:
					if partner.Row != n-1-i || s.Pair != b.Samples[n-1-i].Pair ||
						s.Pair != s.Seed && s.Pair != b.Samples[n-1-i].Seed {
						t.Fatalf("row %d of %d is %+v", i, n, s)
					}
				}
				if partner.Row >= 0 && partner.Image != b.Samples[partner.Row].Image {
					t.Fatalf("row %d is %+v", i, s)
				}
			}
		}
	}
}

// TestPairingsRefuse what they cannot pair.
func TestPairingsRefuse(t *testing.T) {
	class, one := Labels{Class: classesOf(8)}, Labels{Class: make([]int32, 1008)}
	numbers := Labels{Values: make([]float32, 1008), Width: 1}
	files := []int32{1000, 1001, 1002}
	for _, s := range []Spec{
		{Pairing: SameClass, Labels: numbers},
		{Pairing: OtherClass, Labels: numbers},
		{Pairing: OtherClass, Labels: one},
		{Pairing: Balanced},
		{Pairing: NearbyLabels, Labels: class, Sigma: 1},
		{Pairing: NearbyLabels, Labels: numbers},
		{Pairing: NearbyLabels, Labels: numbers, Sigma: math.NaN()},
		{Pairing: NearbyLabels, Labels: numbers, Sigma: 1e-200},
		{Pairing: Reversed, Images: 4},
	} {
		s.BatchSize, s.Images = 4, max(s.Images, 2)
		if _, err := New(s, files); err == nil {
			t.Errorf("%s: no error", s.Pairing)
		}
		s.Images = 1 // validation
		if _, err := New(s, files); err != nil {
			t.Errorf("%s without mixing: %v", s.Pairing, err)
		}
	}
}

// TestARowOfAPlanAllocatesNothing: a batch of many rows has as many allocations as one of a
// few, whatever the pairing.
func TestARowOfAPlanAllocatesNothing(t *testing.T) {
	const n = 200
	labels := Labels{Class: make([]int32, 1000+n), Values: make([]float32, 1000+n), Width: 1}
	for i := range n {
		labels.Class[1000+i], labels.Values[1000+i] = int32(i%3), float32(i)
	}
	for pairing := range pairings {
		allocations := func(rows int) float64 {
			p := planner(t, Spec{Seed: 1, Shuffle: true, BatchSize: rows, Images: 2,
				Pairing: pairing, Labels: labels, Sigma: 1}, n)
			return testing.AllocsPerRun(5, func() { p.Batch(1, 0) })
		}
		// The parts of a frontier grow with the first rows.
		if few, many := allocations(4), allocations(200); many > few+4 {
			t.Errorf("%s: %v allocations for 4 rows, %v for 200", pairing, few, many)
		}
	}
}
