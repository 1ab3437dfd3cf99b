package loader

import (
	"errors"
	"fmt"

	"mixfolder/core/choice"
	"mixfolder/core/imagefile"
	"mixfolder/core/mix"
	"mixfolder/core/pipeline"
)

// FormatOptions are the arguments of from_directory that control the contents of x.
type FormatOptions struct {
	DType      string   `json:"dtype"`
	DataFormat string   `json:"data_format"`
	Rescale    *float64 `json:"rescale"`
	Preprocess string   `json:"preprocess"` // "" for None
	Normalize  *Normal  `json:"normalize"`  // preprocess=(mean, std)
}

// Normal is a mean and a standard deviation per channel, in pixel values.
type Normal struct {
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`
}

var (
	dtypes = choice.Set[mix.DType]{{"float32", mix.Float32}, {"float16", mix.Float16},
		{"uint8", mix.Uint8}}
	dataFormats = choice.Set[bool]{{"channels_last", false}, {"channels_first", true}}
)

// format returns the format of images of a size.
func (o *FormatOptions) format(t pipeline.Target) (mix.Format, error) {
	f := mix.Format{Height: t.Height, Width: t.Width, Channels: t.Channels,
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
		return f, errors.New(`loader: dtype="uint8" holds only 0..255, so it excludes rescale ` +
			`and preprocess: use dtype="float32", or rescale in the model`)
	case o.Preprocess != "" && t.Channels != int(imagefile.RGB):
		return f, fmt.Errorf(`loader: preprocess=%q is defined for three channels: use `+
			`color_mode="rgb", or rescale`, o.Preprocess)
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
