package mix

// String is NumPy's name of the type.
func (d DType) String() string {
	return [...]string{Float32: "float32", Float16: "float16", Uint8: "uint8"}[d]
}

// Shape is the shape of one image.
func (f *Format) Shape() []int {
	if f.ChannelsFirst {
		return []int{f.Channels, f.Height, f.Width}
	}
	return []int{f.Height, f.Width, f.Channels}
}
