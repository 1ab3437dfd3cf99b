package loader

import (
	"errors"
	"fmt"

	"mixfolder/core/dataset"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
)

// PlanOptions are the arguments of from_directory that control which files form a
// batch.
type PlanOptions struct {
	BatchSize int    `json:"batch_size"`
	Shuffle   bool   `json:"shuffle"`
	Seed      uint64 `json:"seed"`
	DropLast  bool   `json:"drop_last"`
	Pairing   string `json:"pairing"`
}

const maxSamples = 1<<31 - 1 // in a batch

// spec returns the plan's Spec. Validation is never shuffled.
func (o *PlanOptions) spec(policy mix.Policy, isValidation bool) (plan.Spec, error) {
	if o.BatchSize > maxSamples {
		return plan.Spec{}, fmt.Errorf("loader: batch_size must be %d at most, but is %d",
			maxSamples, o.BatchSize)
	}
	s := plan.Spec{Seed: o.Seed, BatchSize: o.BatchSize, DropLast: o.DropLast, Images: 1,
		Shuffle: o.Shuffle && !isValidation, Pairing: plan.Pairing(o.Pairing)}
	if policy != nil {
		s.Images = policy.Images()
	}
	return s, nil
}

// DatasetOptions are the arguments of from_directory that control which files are found
// and which of them are used.
type DatasetOptions struct {
	FollowLinks     bool     `json:"follow_links"`
	ValidationSplit *float64 `json:"validation_split"`
	// Subset is "" for None: all files, for training unless the folder is flat.
	Subset string `json:"subset"`
	Split  string `json:"split"`
}

const (
	training   = "training"
	validation = "validation"
)

// members returns the files of the subset, as indices in d, and warnings about the
// split.
func (o *DatasetOptions) members(d *dataset.Dataset, seed uint64) ([]int32, []string, error) {
	switch {
	case o.Subset != "" && o.Subset != training && o.Subset != validation:
		return nil, nil, fmt.Errorf(`loader: subset must be "training", "validation" (also for a `+
			`test set), "both" or None, but is %q`, o.Subset)
	case o.ValidationSplit == nil && o.Subset == training:
		return nil, nil, errors.New(`loader: subset="training" needs validation_split, such as ` +
			`validation_split=0.2: leave subset out to train on the whole folder`)
	case o.ValidationSplit == nil:
		return d.All(), nil, nil
	case o.Subset == "":
		return nil, nil, errors.New(`loader: validation_split needs subset: "training", ` +
			`"validation" or "both"`)
	}
	train, val, warnings, err := dataset.Split(d, *o.ValidationSplit, o.Split, seed)
	if o.Subset == training {
		return train, warnings, err
	}
	return val, warnings, err
}
