package loader

import (
	"encoding/json"
	"errors"
	"fmt"

	"mixfolder/core/dataset"
	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/plan"
	"mixfolder/core/sampler"
)

// PlanOptions are the arguments of from_directory that control which files form a
// batch.
type PlanOptions struct {
	BatchSize int    `json:"batch_size"`
	Shuffle   bool   `json:"shuffle"`
	Seed      uint64 `json:"seed"`
	DropLast  bool   `json:"drop_last"`
	Pairing   string `json:"pairing"`
	// Sampler decides which images an epoch has, see sampler.Parse; nil for each once.
	Sampler *json.RawMessage `json:"sampler"`
	// Sigma is the parameter of the pairing "nearby_labels".
	Sigma float64 `json:"sigma"`
	// Shard is the part of each batch that this process produces.
	Shard plan.Shard `json:"shard"`
}

const maxSamples = 1<<31 - 1 // in a batch

// fillers tells whether the last batch may have rows that are to have no weight.
func (o *PlanOptions) fillers() bool { return o.Shard.Fills() && !o.DropLast }

// spec returns the plan's Spec. Validation is never shuffled.
func (o *PlanOptions) spec(policy mix.Policy, labels *label.Table,
	isValidation bool) (plan.Spec, error) {
	if o.BatchSize > maxSamples {
		return plan.Spec{}, fmt.Errorf("loader: batch_size must be %d at most, but is %d",
			maxSamples, o.BatchSize)
	}
	s := plan.Spec{Seed: o.Seed, BatchSize: o.BatchSize, DropLast: o.DropLast, Images: 1,
		Shuffle: o.Shuffle && !isValidation, Pairing: plan.Pairing(o.Pairing), Sigma: o.Sigma,
		Shard:  o.Shard,
		Labels: plan.Labels{Class: labels.Index, Values: labels.Values, Width: labels.Width}}
	if policy != nil {
		s.Images = policy.Images()
	}
	return s, nil
}

// sampler returns the sampler of the training images in a subset, nil for each image
// once.
func (l *Loader) sampler(o *PlanOptions) (plan.Sampler, error) {
	if o.Sampler == nil {
		return nil, nil
	}
	kind, err := sampler.Parse(*o.Sampler)
	if err != nil || l.subset == validation {
		return nil, err
	}
	if !o.Shuffle {
		return nil, errors.New("loader: a sampler draws an order of its own: leave out " +
			"shuffle=False, or the sampler")
	}
	s := sampler.Subset{Images: len(l.members)}
	if l.data.Index != nil && !l.data.Flat {
		s.Classes = make([]int32, len(l.members))
		for i, file := range l.members {
			s.Classes[i] = l.data.Index[file]
		}
	}
	return kind.New(s)
}

// DatasetOptions are the arguments of from_directory that control which files are found
// and which of them are used.
type DatasetOptions struct {
	FollowLinks     bool     `json:"follow_links"`
	ValidationSplit *float64 `json:"validation_split"`
	// Subset is "" for None: all files, for training unless the folder is flat and has no
	// masks.
	Subset string `json:"subset"`
	Split  string `json:"split"`
	// Fold is not an argument of from_directory: the number of the fold for validation,
	// from 0 on, and that of all folds, in the place of ValidationSplit.
	Fold *[2]int `json:"fold"`
	// Augmented is not an argument of from_directory: images for validation are cropped,
	// flipped and augmented as for training, in each epoch anew.
	Augmented bool `json:"augmented"`
}

const (
	training   = "training"
	validation = "validation"
)

// parts returns how to divide the files; nil if all are used.
func (o *DatasetOptions) parts(seed uint64) (*dataset.Parts, error) {
	divided := o.ValidationSplit != nil || o.Fold != nil
	switch {
	case o.Subset != "" && o.Subset != training && o.Subset != validation:
		return nil, fmt.Errorf(`loader: subset must be "training", "validation" (also for a `+
			`test set), "both" or None, but is %q`, o.Subset)
	case !divided && o.Subset == training:
		return nil, errors.New(`loader: subset="training" needs validation_split, such as ` +
			`validation_split=0.2: leave subset out to train on the whole folder`)
	case !divided:
		return nil, nil
	case o.Subset == "":
		return nil, errors.New(`loader: validation_split needs subset: "training", ` +
			`"validation" or "both"`)
	case o.Fold != nil:
		return &dataset.Parts{Folds: o.Fold[1], Seed: seed}, nil
	}
	return &dataset.Parts{Fraction: *o.ValidationSplit, Mode: o.Split, Seed: seed}, nil
}

func (o *DatasetOptions) divide(d *dataset.Dataset, p dataset.Parts) (*dataset.Division, error) {
	if o.Fold != nil {
		return dataset.Folds(d, p)
	}
	return dataset.Split(d, p)
}

// heldOut is the part of a division that is for validation.
func (o *DatasetOptions) heldOut() int32 {
	if o.Fold != nil {
		return int32(o.Fold[0])
	}
	return 1
}
