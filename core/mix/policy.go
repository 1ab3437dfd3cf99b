package mix

import (
	"encoding/json"
	"image"
	"slices"

	"mixfolder/core/plan"
	"mixfolder/core/registry"
	"mixfolder/core/rng"
)

// MaxImages is the largest number of images that a row can be made of.
const MaxImages = plan.MaxImages

// Policy decides at random how the images of a row become one. A policy is never
// changed after Validate, so any number of goroutines may use it at once.
type Policy interface {
	// Validate reports what is wrong with the parameters.
	Validate() error
	// Images is the number of images that a row is made of, its own included: 2 or more,
	// and MaxImages at most.
	Images() int
	// Draw makes one Blend for images of a size. It depends on the seeds and the size
	// alone, and does not allocate.
	Draw(s Seeds, size image.Point) Blend
}

// Soft reports whether a policy can show pixels that are a mixture of images, rather than
// pixels of one image each. Such a policy has a method Soft.
func Soft(p Policy) bool {
	return has(p, func(p Policy) bool {
		s, ok := p.(interface{ Soft() bool })
		return ok && s.Soft()
	})
}

// wrapper is a policy that draws by others.
type wrapper interface{ inner() []Policy }

// wrapped is the policy that a wrapper of one draws by.
type wrapped struct {
	Document json.RawMessage `json:"policy"` // see Parse
	policy   Policy
}

func (w *wrapped) parse() (err error) {
	w.policy, err = Parse(w.Document)
	return err
}

// Images is the policy's.
func (w *wrapped) Images() int { return w.policy.Images() }

func (w *wrapped) inner() []Policy { return []Policy{w.policy} }

// has reports whether a property is that of a policy, or of one that it draws by.
func has(p Policy, property func(Policy) bool) bool {
	if property(p) {
		return true
	}
	w, ok := p.(wrapper)
	return ok && slices.ContainsFunc(w.inner(), func(p Policy) bool { return has(p, property) })
}

// Seeds determine all that is drawn for a row.
type Seeds struct {
	Row   rng.Seed
	Pair  rng.Seed // the same for two rows that are each other's partner
	Batch rng.Seed // the same for all rows of a batch
}

var policies = registry.New[Policy]("mix: policy")

// Parse reads the JSON document of a policy, such as {"mixup": {"alpha": 0.2}}.
func Parse(document []byte) (Policy, error) { return policies.Parse(document) }
