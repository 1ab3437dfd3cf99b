package label

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Options are the arguments of from_directory that control the labels of one head.
type Options struct {
	Mode string
	// Images is the number of images that a row may be mixed of; 1 if nothing is mixed.
	Images int
	// Pair asks for the labels of both images and the weight of the first, instead of
	// their mixture.
	Pair bool
	// Smoothing is the share of each label that is spread evenly over all outcomes.
	Smoothing float64
	// Binarize, if not nil, makes each value 1 if it is larger than that and 0 if not,
	// after smoothing.
	Binarize *float64
	// Plain asks for the labels of the files as they are, for validation: Pair,
	// Smoothing and Binarize are checked, but not used.
	Plain bool
}

// New makes the encoders of one head: one, or those of the own label, the partner's and
// the weight of the own if o.Pair.
func New(o Options, t *Table) ([]Encoder, error) {
	k, ok := kinds[o.Mode]
	if !ok {
		return nil, fmt.Errorf(`label: label_mode must be "%s" or None, but is %q`,
			strings.Join(slices.Sorted(maps.Keys(kinds)), `", "`), o.Mode)
	}
	e, err := k.new(t, o.Images > 1 && !o.Pair)
	if err != nil {
		return nil, err
	}
	if err := o.check(k); err != nil {
		return nil, err
	}
	if o.Smoothing > 0 || o.Binarize != nil {
		s, err := o.softened(e, k, t)
		if err != nil {
			return nil, err
		}
		if !o.Plain {
			e = s
		}
	}
	if o.Pair && !o.Plain {
		return pair(e), nil
	}
	return []Encoder{e}, nil
}

// check refuses options that exclude each other.
func (o *Options) check(k kind) error {
	switch {
	case o.Pair && o.Images > 2:
		return fmt.Errorf(`label: targets="pair" has the labels of two images, but this mix has `+
			`up to %d: use targets="mixed", or a mix of two images`, o.Images)
	case !(0 <= o.Smoothing && o.Smoothing < 1):
		return fmt.Errorf("label: label_smoothing must be 0 or more and less than 1, but is %v",
			o.Smoothing)
	case o.Smoothing > 0 && k.outcomes == nil:
		return fmt.Errorf(`label: label_mode=%q cannot be smoothed: set label_smoothing=0, or use `+
			`label_mode="categorical"; with several heads, pass a dict`, o.Mode)
	case o.Binarize == nil:
		return nil
	case !(0 <= *o.Binarize && *o.Binarize < 1):
		return fmt.Errorf("label: binarize must be 0 or more and less than 1, but is %v",
			*o.Binarize)
	case !k.shares:
		return fmt.Errorf(`label: binarize needs one value per class or tag, but label_mode=%q `+
			`has none: use label_mode="categorical"; with several heads, pass a dict`, o.Mode)
	case o.Pair:
		return fmt.Errorf(`label: binarize is for mixed labels: leave it out, or use ` +
			`targets="mixed"`)
	}
	return nil
}
