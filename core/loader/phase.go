package loader

import (
	"slices"

	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
	"mixfolder/core/plan"
)

// phase holds what is the same in the epochs from first to the next phase. It is never
// changed after opening.
type phase struct {
	first      uint64
	transforms pipeline.Transforms
	mix        mix.Policy // nil if nothing is mixed
	format     mix.Format
	mixer      *mix.Mixer
	target     *Target // nil unless the caller mixes
	plan       plan.Spec
	planner    *plan.Planner
	// masks mixes the last array of y; nil if there are none. maskTransforms are the
	// geometry of transforms alone.
	masks          *mix.ClassMixer
	maskTransforms pipeline.Transforms
}

// phase returns the phase of an epoch.
func (l *Loader) phase(epoch uint64) *phase {
	for _, p := range slices.Backward(l.phases) {
		if p.first <= epoch {
			return p
		}
	}
	return l.phases[0]
}

// PhaseInfo tells a caller what to expect of the epochs from one on. It is part of the
// info document.
type PhaseInfo struct {
	Epoch     uint64    `json:"epoch"`   // the first one
	Batches   int       `json:"batches"` // per epoch
	BatchSize int       `json:"batch_size"`
	Rows      int       `json:"rows"`       // of this shard per batch
	LastRows  int       `json:"last_rows"`  // of the last batch
	ImageSize [2]int    `json:"image_size"` // height, width
	Batch     BatchSpec `json:"batch"`
}

// Phases returns the phases in the order of their epochs: one for a loader without
// schedules. The first one begins with epoch 0.
func (l *Loader) Phases() []PhaseInfo {
	infos := make([]PhaseInfo, len(l.phases))
	for i, p := range l.phases {
		n := p.planner.Batches()
		infos[i] = PhaseInfo{p.first, n, p.plan.BatchSize, p.planner.Size(0),
			p.planner.Size(n - 1), [2]int{p.format.Height, p.format.Width}, l.batchSpec(p)}
	}
	return infos
}

func (l *Loader) anyPhase(has func(p *phase) bool) bool {
	return slices.ContainsFunc(l.phases, has)
}
