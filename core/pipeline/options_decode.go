package pipeline

import (
	"fmt"

	"mixfolder/core/choice"
	"mixfolder/core/imagefile"
	"mixfolder/core/workpool"
)

// DecodeOptions are the arguments of the Python function from_directory that control
// how a file is decoded, by the same names.
type DecodeOptions struct {
	ColorMode  string  `json:"color_mode"`
	EXIF       bool    `json:"exif"`
	Background *[3]int `json:"background"` // R, G, B
	Truncated  string  `json:"truncated"`
	MaxPixels  *int    `json:"max_pixels"`
	BitDepth   *int    `json:"bit_depth"`
}

var (
	colorModes = choice.Set[imagefile.Mode]{{"rgb", imagefile.RGB}, {"grayscale", imagefile.Gray},
		{"rgba", imagefile.RGBA}}
	truncateds = choice.Set[bool]{{"raise", false}, {"keep", true}}
)

// Parse validates the options.
func (o *DecodeOptions) Parse() (p imagefile.Options, err error) {
	p.IgnoreEXIF = !o.EXIF
	if p.Mode, err = colorModes.Parse("color_mode", o.ColorMode); err != nil {
		return p, err
	}
	if p.KeepTruncated, err = truncateds.Parse("truncated", o.Truncated); err != nil {
		return p, err
	}
	if o.Background != nil {
		p.Background = new([3]uint8)
		for i, v := range o.Background {
			if v < 0 || v > 255 {
				return p, fmt.Errorf("pipeline: background must be (red, green, blue) of 0 to "+
					"255, or None, but has %d", v)
			}
			p.Background[i] = uint8(v)
		}
	}
	if o.MaxPixels != nil {
		if p.MaxPixels = *o.MaxPixels; p.MaxPixels <= 0 {
			return p, fmt.Errorf("pipeline: max_pixels must be 1 or more, or None for Pillow's "+
				"limit, but is %d", p.MaxPixels)
		}
	}
	if o.BitDepth != nil {
		if p.BitDepth = *o.BitDepth; p.BitDepth < 8 || p.BitDepth > 16 {
			return p, fmt.Errorf("pipeline: bit_depth must be 8 to 16, or None for all bits of "+
				"the samples, but is %d", p.BitDepth)
		}
	}
	return p, nil
}

const (
	defaultThreads = 16   // at most, without the option
	maxThreads     = 1024 // each has a stack and scratch memory
)

// ParseThreads returns the number of workers for the option threads; nil stands for as
// many as there are processors, 16 at most.
func ParseThreads(threads *int) (int, error) {
	if threads == nil {
		return min(workpool.Processors, defaultThreads), nil
	}
	if n := *threads; n < 1 || n > maxThreads {
		return 0, fmt.Errorf("pipeline: threads must be 1 to %d, or None for as many as there are "+
			"processors, but is %d", maxThreads, n)
	}
	return *threads, nil
}
