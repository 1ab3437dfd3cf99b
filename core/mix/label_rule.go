package mix

// LabelRule changes the weights of labels by what is known of the images' classes.
type LabelRule interface {
	// Relabel changes weights, given the number of images in the class of each of the
	// row's images. It does not allocate.
	Relabel(labels *[MaxImages]float64, sizes *[MaxImages]int)
}

// NeedsClasses reports whether a Blend of a policy may have a Rule, so that each image
// must have a class.
func NeedsClasses(p Policy) bool {
	return has(p, func(p Policy) bool {
		_, ok := p.(LabelRule)
		return ok
	})
}
