package loader

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"mixfolder/core/augment"
	"mixfolder/core/choice"
	"mixfolder/core/dataset"
	"mixfolder/core/imagefile"
	"mixfolder/core/label"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
	"mixfolder/core/plan"
	"mixfolder/core/resample"
	"mixfolder/core/sysmem"
)

// Options are the arguments of the Python function from_directory, by their names
// there. All must be given: there are no defaults here, so that they stand in one
// place.
type Options struct {
	ImageSize         [2]int            `json:"image_size"` // height, width
	BatchSize         int               `json:"batch_size"`
	LabelMode         string            `json:"label_mode"` // "" for None
	Mix               *json.RawMessage  `json:"mix"`        // see mix.Parse
	Unmixed           bool              `json:"unmixed"`    // deliver partners behind the rows' own images, for a caller that mixes itself; labels are mixed as ever
	Pairing           string            `json:"pairing"`
	Crop              *json.RawMessage  `json:"crop"`     // see augment.ParseCrop
	ValCrop           *json.RawMessage  `json:"val_crop"` // in the place of Crop, for validation
	Affine            *json.RawMessage  `json:"affine"`   // see augment.ParseAffine
	Augment           []json.RawMessage `json:"augment"`  // see augment.ParseList
	CropToAspectRatio bool              `json:"crop_to_aspect_ratio"`
	PadToAspectRatio  bool              `json:"pad_to_aspect_ratio"`
	Surround          bool              `json:"filter_beyond_crop"` // what is around a crop counts, where the filter reaches it, as with Pillow's resize(box=)
	Flip              string            `json:"flip"`               // "" for None
	Rescale           *float64          `json:"rescale"`
	Preprocess        string            `json:"preprocess"` // "" for None
	Normalize         *Normal           `json:"normalize"`  // preprocess=(mean, std)
	Interpolation     string            `json:"interpolation"`
	Antialias         bool              `json:"antialias"`
	DCTScaling        bool              `json:"dct_scaling"`
	ValidationSplit   *float64          `json:"validation_split"`
	Subset            string            `json:"subset"` // "" for None: the whole folder, for training unless it is flat
	Split             string            `json:"split"`
	Shuffle           bool              `json:"shuffle"`
	Seed              uint64            `json:"seed"`
	DType             string            `json:"dtype"`
	DataFormat        string            `json:"data_format"`
	DropLast          bool              `json:"drop_last"`
	Threads           *int              `json:"threads"` // nil for as many as there are processors, 16 at most
	FollowLinks       bool              `json:"follow_links"`
	OnError           string            `json:"on_error"`
	pipeline.DecodeOptions
	Cache      string `json:"cache"`       // "" for None
	CacheBytes *int64 `json:"cache_bytes"` // a quarter of the memory that the process may use, if not given

	// GivenUp, if set, tells that nobody waits for the opening any more. It is no part of
	// the document.
	GivenUp func() bool `json:"-"`
}

// Normal is a mean and a standard deviation of each channel, in pixel values.
type Normal struct {
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`
}

const (
	training   = "training"
	validation = "validation"

	// So many pixels, samples and bytes a pixel (16) make a number of bytes that has a
	// place in 64 bits.
	maxPixels  = 1 << 27
	maxSamples = 1<<31 - 1
)

// ParseOptions reads one JSON document. Unknown names are errors.
func ParseOptions(document []byte) (Options, error) {
	var o Options
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	err := d.Decode(&o)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return o, fmt.Errorf("loader: %s cannot be a %s: see help(mixfolder.from_directory)",
			kind.Field, kind.Value)
	}
	if err != nil {
		return o, fmt.Errorf("loader: the options cannot be read: %w", err)
	}
	return o, nil
}

// config is what the options mean for each stage.
type config struct {
	pipeline.Config
	plan    plan.Spec
	mix     mix.Policy // nil if nothing is mixed
	format  mix.Format
	labels  []labelArray // none if label_mode is None
	unmixed bool         // deliver partners behind the rows' own images
	skip    bool         // replace images that cannot be read by others
}

func (o *Options) config(labels *label.Table) (config, error) {
	if h, w := o.ImageSize[0], o.ImageSize[1]; h <= 0 || w <= 0 || h > maxPixels/w {
		return config{}, fmt.Errorf("loader: image_size must be (height, width) of 1 or "+
			"more and of %d pixels at most, but is (%d, %d)", maxPixels, h, w)
	}
	if o.BatchSize > maxSamples {
		return config{}, fmt.Errorf("loader: batch_size must be %d at most, but is %d",
			maxSamples, o.BatchSize)
	}
	if o.CropToAspectRatio && o.PadToAspectRatio {
		return config{}, errors.New("loader: crop_to_aspect_ratio and " +
			"pad_to_aspect_ratio exclude each other: set one of them to False")
	}
	var s config
	var err error
	if s.Decode, err = o.DecodeOptions.Parse(); err != nil {
		return s, err
	}
	if s.format, err = o.format(s.Decode.Mode); err != nil {
		return s, err
	}
	if s.Resample, err = o.resampling(); err != nil {
		return s, err
	}
	s.format.Resize = s.Resample
	if s.mix, err = o.policy(); err != nil {
		return s, err
	}
	if s.labels, err = o.encoders(labels, s.mix != nil); err != nil {
		return s, err
	}
	if s.skip, err = onErrors.Parse("on_error", o.OnError); err != nil {
		return s, err
	}
	s.Shrink = o.DCTScaling
	s.FilterBeyondCrop = o.Surround
	s.unmixed = o.Unmixed
	if err = o.transforms(&s); err != nil {
		return s, err
	}
	s.plan = o.planSpec(s.mix)
	return s, nil
}

var (
	dtypes = choice.Set[mix.DType]{{"float32", mix.Float32}, {"float16", mix.Float16},
		{"uint8", mix.Uint8}}
	onErrors    = choice.Set[bool]{{"raise", false}, {"skip", true}}
	dataFormats = choice.Set[bool]{{"channels_last", false}, {"channels_first", true}}
	flips       = choice.Set[augment.Flip]{{"", augment.Flip{}},
		{"horizontal", augment.Flip{Horizontal: true}},
		{"vertical", augment.Flip{Vertical: true}},
		{"both", augment.Flip{Horizontal: true, Vertical: true}}}
)

func (o *Options) format(mode imagefile.Mode) (mix.Format, error) {
	f := mix.Format{Height: o.ImageSize[0], Width: o.ImageSize[1], Channels: int(mode),
		Scale: [4]float32{1, 1, 1, 1}}
	var err error
	if f.DType, err = dtypes.Parse("dtype", o.DType); err != nil {
		return f, err
	}
	if f.ChannelsFirst, err = dataFormats.Parse("data_format", o.DataFormat); err != nil {
		return f, err
	}
	preprocess := o.Preprocess != "" || o.Normalize != nil
	switch {
	case o.Rescale != nil && preprocess:
		return f, errors.New("loader: rescale and preprocess exclude each other, as each " +
			"preprocess has its own scale: set rescale=None")
	case f.DType == mix.Uint8 && (o.Rescale != nil || preprocess):
		return f, errors.New(`loader: dtype="uint8" holds only 0..255, so it excludes rescale and preprocess: use dtype="float32", ` +
			"or rescale in the model")
	case o.Preprocess != "" && mode != imagefile.RGB:
		return f, fmt.Errorf(`loader: preprocess=%q is defined for three channels: use color_mode="rgb", or rescale`, o.Preprocess)
	case o.Rescale != nil:
		s := float32(*o.Rescale)
		f.Scale = [4]float32{s, s, s, s}
	case o.Preprocess != "":
		if f.Scale, f.Bias, f.Reverse, err = mix.Preprocess(o.Preprocess); err != nil {
			err = fmt.Errorf("loader: preprocess: %w", err)
		}
	case o.Normalize != nil:
		if f.Scale, f.Bias, err = mix.Normalize(o.Normalize.Mean, o.Normalize.Std,
			f.Channels); err != nil {
			err = fmt.Errorf("loader: preprocess: %w", err)
		}
	}
	return f, err
}

func (o *Options) resampling() (resample.Spec, error) {
	s := resample.Spec{Antialias: o.Antialias}
	var err error
	if s.Filter, err = resample.ParseFilter(o.Interpolation); err != nil {
		return s, fmt.Errorf("loader: interpolation: %w", err)
	}
	if !o.Antialias && s.Filter != resample.Nearest && s.Filter != resample.Bilinear &&
		s.Filter != resample.Bicubic {
		err = fmt.Errorf("loader: antialias=False is defined for interpolation nearest, bilinear "+
			"and bicubic, not for %q: set antialias=True",
			o.Interpolation)
	}
	return s, err
}

// members are the files of the subset, as indices in the listing, and warnings about
// the split.
func (o *Options) members(l *dataset.Dataset) ([]int32, []string, error) {
	switch {
	case o.Subset != "" && o.Subset != training && o.Subset != validation:
		return nil, nil, fmt.Errorf(`loader: subset must be "training", "validation" (also for a test set), "both" or None, but is %q`, o.Subset)
	case o.ValidationSplit == nil && o.Subset == training:
		return nil, nil, errors.New(`loader: subset="training" needs validation_split, such as validation_split=0.2: ` +
			"leave subset out to train on the whole folder")
	case o.ValidationSplit == nil:
		return l.All(), nil, nil
	case o.Subset == "":
		return nil, nil, errors.New(`loader: validation_split needs subset: "training", "validation" or "both"`)
	}
	train, val, warnings, err := dataset.Split(l, *o.ValidationSplit, o.Split, o.Seed)
	if o.Subset == training {
		return train, warnings, err
	}
	return val, warnings, err
}

// cacheBudget is the memory for the cache; nil for none.
func (o *Options) cacheBudget() (*pipeline.CacheBudget, error) {
	switch {
	case o.Cache == "" && o.CacheBytes != nil:
		return nil, errors.New(`loader: cache_bytes needs cache="memory"`)
	case o.Cache == "":
		return nil, nil
	case o.Cache != "memory":
		return nil, fmt.Errorf(`loader: cache must be "memory" or None, but is %q`, o.Cache)
	case o.CacheBytes == nil:
		return pipeline.NewCacheBudget(sysmem.Total() / 4), nil
	case *o.CacheBytes <= 0:
		return nil, fmt.Errorf("loader: cache_bytes must be 1 or more, or None for a quarter of "+
			"the memory, but is %d", *o.CacheBytes)
	}
	return pipeline.NewCacheBudget(*o.CacheBytes), nil
}
