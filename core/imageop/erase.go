package imageop

import "mixfolder/core/rng"

// erase fills the part of o's rectangle that lies in the image. Noise belongs to the
// pixels of the rectangle, row by row, whether they lie in the image or not.
func erase(p *Image, o *Op) {
	x, y, width, height := int(o.Args[0]), int(o.Args[1]), int(o.Args[2]), int(o.Args[3])
	left, right := max(x, 0), min(x+width, p.Width)
	top, bottom := max(y, 0), min(y+height, p.Height)
	for v := top; v < bottom && left < right; v++ {
		row := p.Pix[(v*p.Width+left)*p.Channels : (v*p.Width+right)*p.Channels]
		if o.Kind == EraseNoise {
			scatter(row, p.Channels, o.Seed, uint64(v-y)*uint64(width)+uint64(left-x))
		} else {
			spread(row, p.Channels, o.Fill)
		}
	}
}

// spread makes the pixels of a row one color.
func spread(row []byte, channels int, fill [4]byte) {
	for ; len(row) > 0; row = row[channels:] {
		row[0] = fill[0]
		if channels > 1 {
			row[1], row[2] = fill[1], fill[2]
		}
	}
}

// scatter makes the pixels of a row noise: the lowest bytes of number n for the first,
// and so on.
func scatter(row []byte, channels int, seed, n uint64) {
	for ; len(row) > 0; row = row[channels:] {
		z := noise(seed, n)
		row[0] = byte(z)
		if channels > 1 {
			row[1], row[2] = byte(z>>8), byte(z>>16)
		}
		n++
	}
}

// noise is number n of the generator SplitMix64 (Steele, Lea, Flood 2014) that was
// seeded with seed.
func noise(seed, n uint64) uint64 { return rng.Mix64(seed + (n+1)*0x9e3779b97f4a7c15) }
