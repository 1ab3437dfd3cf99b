package loader

import (
	"encoding/json"
	"fmt"
	"slices"
)

// ScheduleOptions replace options from an epoch on. Each list has the values of one
// option, by its name; an empty list leaves the option as it is in all epochs.
type ScheduleOptions struct {
	ImageSize changes[[2]int]            `json:"image_size"`
	BatchSize changes[int]               `json:"batch_size"`
	Crop      changes[*json.RawMessage]  `json:"crop"`
	Affine    changes[*json.RawMessage]  `json:"affine"`
	Flip      changes[string]            `json:"flip"`
	Augment   changes[[]json.RawMessage] `json:"augment"`
	Mix       changes[*json.RawMessage]  `json:"mix"`
	// ValImageSize is the size for validation, which is the same in all epochs; nil for
	// the one of the last phase.
	ValImageSize *[2]int `json:"val_image_size"`
}

// changes are the values of an option over epochs, in ascending order, from epoch 0 on.
type changes[T any] []change[T]

// change is the value of an option from an epoch to the next change.
type change[T any] struct {
	Epoch int64 `json:"epoch"`
	Value T     `json:"value"`
}

// apply sets an option to its value in an epoch, if it has a schedule.
func (c changes[T]) apply(option *T, epoch int64) {
	for _, change := range c {
		if change.Epoch <= epoch {
			*option = change.Value
		}
	}
}

func (c changes[T]) epochs() []int64 {
	epochs := make([]int64, len(c))
	for i, change := range c {
		epochs[i] = change.Epoch
	}
	return epochs
}

// at returns the options of an epoch.
func (o *Options) at(epoch int64) Options {
	p, s := *o, &o.Schedule
	s.ImageSize.apply(&p.ImageSize, epoch)
	s.BatchSize.apply(&p.BatchSize, epoch)
	s.Crop.apply(&p.Crop, epoch)
	s.Affine.apply(&p.Affine, epoch)
	s.Flip.apply(&p.Flip, epoch)
	s.Augment.apply(&p.Augment, epoch)
	s.Mix.apply(&p.Mix, epoch)
	return p
}

// starts returns the epochs in which an option changes, from 0 on, in order.
func (s *ScheduleOptions) starts() ([]int64, error) {
	starts := []int64{0}
	for _, list := range []struct {
		name   string
		epochs []int64
	}{{"image_size", s.ImageSize.epochs()}, {"batch_size", s.BatchSize.epochs()},
		{"crop", s.Crop.epochs()}, {"affine", s.Affine.epochs()}, {"flip", s.Flip.epochs()},
		{"augment", s.Augment.epochs()}, {"mix", s.Mix.epochs()}} {
		for i, epoch := range list.epochs {
			switch {
			case i == 0 && epoch != 0:
				return nil, fmt.Errorf("loader: the schedule of %s must begin with epoch 0, but "+
					"begins with %d: put what holds before that first, such as (0, ...)",
					list.name, epoch)
			case i > 0 && epoch <= list.epochs[i-1]:
				return nil, fmt.Errorf("loader: the epochs in the schedule of %s must ascend, but "+
					"%d follows %d: sort them, each once", list.name, epoch, list.epochs[i-1])
			}
		}
		starts = append(starts, list.epochs...)
	}
	slices.Sort(starts)
	return slices.Compact(starts), nil
}

// forValidation returns the options of validation, which are the same in all epochs:
// those of the last phase, with the size for validation.
func (o *Options) forValidation(starts []int64) Options {
	p := o.at(starts[len(starts)-1])
	p.Schedule = ScheduleOptions{}
	if size := o.Schedule.ValImageSize; size != nil {
		p.ImageSize = *size
	}
	return p
}

// cachesFull reports whether a file is shown at several sizes, or by several crops or
// maps, so that it must be cached as decoded.
func (s *ScheduleOptions) cachesFull(phases []*phase) bool {
	return len(s.ImageSize) > 1 || len(s.Crop) > 1 || slices.ContainsFunc(phases,
		func(p *phase) bool { return p.transforms.Geometry.Random() })
}
