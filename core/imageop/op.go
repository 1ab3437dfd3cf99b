// Package imageop changes finished images: brightness, contrast, color, sharpness,
// erased parts, affine maps. The formulas are those of Pillow and torchvision; kinds
// documented "as Pillow" are bit-exact with Pillow.
//
// Nothing is random here. Package augment draws the operations for an image and their
// strengths as a list of Op; the same list always gives the same bytes.
//
// A new kind of operation is one file with one call of register.
package imageop

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"mixfolder/core/raster"
)

// Kind is what an Op does. The kinds are package variables, such as Brightness; "gray"
// images have 1 channel.
type Kind struct {
	name   string
	params []string
	// check reports invalid arguments within the bounds of all kinds. It may be nil.
	check func(o *Op) error

	// lut computes the lookup table of an operation that maps each value by itself. If
	// ofImage is set the table depends on statistics of the image, too.
	lut     func(e *Engine, p *raster.Image, o *Op, t *tables)
	ofImage bool
	// apply changes the image, if there is no lut.
	apply func(e *Engine, p *raster.Image, o *Op) error
	// colorOnly skips gray images.
	colorOnly bool

	// shown calls f for each value that explain shows besides the arguments. It may be
	// nil.
	shown func(o *Op, f func(name string, value any))
}

// kinds are all kinds in the order of their files.
var kinds []*Kind

// register adds a kind.
func register(k Kind) *Kind {
	kinds = append(kinds, &k)
	return &k
}

// Identity does not change the image. It is the kind of the zero Op.
var Identity = register(Kind{name: "identity"})

// String returns the kind's name, in snake_case.
func (k *Kind) String() string { return k.name }

// Params returns the names of the arguments, in the order of Op.Args. It must not be
// changed.
func (k *Kind) Params() []string { return k.params }

// Op is one change of an image, with its strength. It is a plain value; the zero value
// changes nothing.
type Op struct {
	Kind *Kind
	Args [6]float64 // as Kind.Params names them; the rest is ignored
	// Fill is the color of Erase and Affine. Gray images use the first value; Erase
	// does not change alpha.
	Fill [4]byte
	// Seed determines the noise of EraseNoise.
	Seed uint64
	// Bilinear makes Affine interpolate between four pixels instead of taking the
	// nearest.
	Bilinear bool
}

func (o *Op) kind() *Kind {
	if o.Kind == nil {
		return Identity
	}
	return o.Kind
}

// Name returns the kind's name.
func (o Op) Name() string { return o.kind().name }

// String returns the name with the arguments: "gaussian_blur(sigma=1.5,
// kernel_size=0)".
func (o Op) String() string {
	var parts []string
	o.each(func(name string, value any) { parts = append(parts, fmt.Sprint(name, "=", value)) })
	return o.Name() + "(" + strings.Join(parts, ", ") + ")"
}

// MarshalJSON returns an object of the name (as "op") and the arguments.
func (o Op) MarshalJSON() ([]byte, error) {
	object := map[string]any{"op": o.Name()}
	o.each(func(name string, value any) { object[name] = value })
	return json.Marshal(object)
}

// each calls f for each argument.
func (o *Op) each(f func(name string, value any)) {
	k := o.kind()
	for i, name := range k.params {
		f(name, o.Args[i])
	}
	if k.shown != nil {
		k.shown(o, f)
	}
}

// colorOf returns the first n values of a color as ints, which JSON writes as numbers
// and not as a string.
func colorOf(fill [4]byte, n int) []int {
	var color []int
	for _, v := range fill[:n] {
		color = append(color, int(v))
	}
	return color
}

// maxArg bounds all arguments, so that no product with a value or a width exceeds 32
// bits.
const maxArg = 1 << 20

// Check reports invalid arguments; it returns nil if Apply can apply o to any image.
func (o *Op) Check() error {
	k := o.kind()
	for i, name := range k.params {
		if v := o.Args[i]; !(math.Abs(v) <= maxArg) {
			return fmt.Errorf("imageop: %v of %v is %v, must be from %d to %d", name, k, v, -maxArg,
				maxArg)
		}
	}
	if k.check == nil {
		return nil
	}
	return k.check(o)
}
