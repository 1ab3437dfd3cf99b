package loader

import (
	"encoding/json"
	"errors"
	"fmt"

	"mixfolder/core/augment"
	"mixfolder/core/choice"
	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
)

// Options are the arguments of the Python function from_directory, by the same names,
// in groups, one per stage. All are required: the defaults are in the Python signature
// and nowhere else.
type Options struct {
	DatasetOptions           `json:"dataset"`
	LabelOptions             `json:"labels"`
	pipeline.MaskOptions     `json:"masks"`
	PlanOptions              `json:"plan"`
	pipeline.DecodeOptions   `json:"decode"`
	pipeline.GeometryOptions `json:"geometry"`
	Augment                  []json.RawMessage `json:"augment"` // see augment.ParseList
	MixOptions               `json:"mix"`
	Schedule                 ScheduleOptions `json:"schedule"`
	FormatOptions            `json:"format"`
	pipeline.CacheOptions    `json:"cache"`
	OnError                  string `json:"on_error"`
	Threads                  *int   `json:"threads"` // see pipeline.ParseThreads

	// The others are not part of the document.

	// Groups, if not empty, has the name of each file's group, in the order of the data
	// set.
	Groups []string `json:"-"`
	// Masks are the files of masks, if there are any.
	Masks *MaskFiles `json:"-"`
	// Abandoned, if set, reports whether the caller has abandoned the opening.
	Abandoned func() bool `json:"-"`
}

// MixOptions control how rows are mixed.
type MixOptions struct {
	Mix *json.RawMessage `json:"mix"` // see mix.Parse
	// Unmixed is not an argument of from_directory: partners are delivered after the
	// rows' own images, for a caller that mixes images itself. Labels are mixed as
	// usual.
	Unmixed bool `json:"unmixed"`
}

// ParseOptions reads one JSON document. Unknown names are errors.
func ParseOptions(document []byte) (o Options, err error) {
	err = pipeline.ParseDocument(document, &o)
	return o, err
}

// config holds the options that are the same in all epochs, as each stage needs them.
type config struct {
	pipeline.Config
	arrays        []yArray // of y, in their order, without masks
	masks         *masks   // nil if there are none
	sampleWeights bool     // arrays has those of samples
	unmixed       bool     // deliver partners after the rows' own images
	skip          bool     // replace images that cannot be read by others
}

var onErrors = choice.Set[bool]{{"raise", false}, {"skip", true}}

// config validates the options, and returns those of each phase separately. There is one
// table of labels per head; validation has the labels of the files.
func (o *Options) config(labels []label.Table) (c config, phases []*phase, err error) {
	if c.Decode, err = o.DecodeOptions.Parse(); err != nil {
		return c, nil, err
	}
	starts, err := o.Schedule.starts()
	if err != nil {
		return c, nil, err
	}
	if o.Subset == validation {
		p := o.forValidation(starts)
		o, starts = &p, starts[:1]
	}
	images := 1
	for _, first := range starts {
		p := o.at(first)
		phase, err := p.phase(&c, uint64(first), &labels[0])
		if err != nil {
			return c, nil, err
		}
		phases, images = append(phases, phase), max(images, phase.plan.Images)
	}
	c.CacheFull = o.Schedule.cachesFull(phases)
	c.unmixed = o.Unmixed
	isValidation := o.Subset == validation
	if c.arrays, err = o.LabelOptions.arrays(labels, images, isValidation); err != nil {
		return c, nil, err
	}
	c.sampleWeights = o.SampleWeights || o.ClassWeights && !isValidation ||
		o.fillers() && len(c.arrays) > 0
	if c.sampleWeights {
		e := label.Weights(nil)
		c.arrays = append(c.arrays, yArray{Encoder: e, role: Weights, bytes: label.Bytes(e)})
	}
	c.skip, err = onErrors.Parse("on_error", o.OnError)
	return c, phases, err
}

// phase validates the options of a phase, and stores in c what they have in common with
// the others. Validation is never mixed, augmented or shuffled.
func (o *Options) phase(c *config, first uint64, labels *label.Table) (*phase, error) {
	isValidation, p := o.Subset == validation, &phase{first: first}
	var err error
	fixed := isValidation && !o.Augmented
	if err = o.GeometryOptions.Apply(&c.Config, &p.transforms, fixed); err != nil {
		return nil, err
	}
	if err = o.augment(p, fixed); err != nil {
		return nil, err
	}
	if p.format, err = o.FormatOptions.format(p.transforms.Target()); err != nil {
		return nil, err
	}
	p.format.Resize = c.Resample
	if p.mix, err = o.MixOptions.policy(labels, isValidation); err != nil {
		return nil, err
	}
	p.leaveMixing()
	if p.mixer, err = mix.NewMixer(p.format); err != nil {
		return nil, err
	}
	p.plan, err = o.PlanOptions.spec(p.mix, labels, isValidation)
	return p, err
}

func (o *Options) augment(p *phase, fixed bool) error {
	list, err := augment.ParseList(o.Augment)
	if err != nil {
		return fmt.Errorf("loader: %w", err)
	}
	if !fixed {
		p.transforms.Augment = list
	}
	return nil
}

// policy returns how rows are mixed, nil if they are not.
func (o *MixOptions) policy(labels *label.Table, isValidation bool) (mix.Policy, error) {
	if o.Mix == nil {
		return nil, nil
	}
	p, err := mix.Parse(*o.Mix)
	if err != nil || isValidation {
		return nil, err
	}
	if mix.NeedsClasses(p) && labels.Index == nil {
		return nil, errors.New("loader: Remix needs one class per file, but the labels are tags or " +
			"numbers, or there are none: use its policy alone")
	}
	return p, nil
}
