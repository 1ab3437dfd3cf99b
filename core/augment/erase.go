package augment

import "encoding/binary"

// erase fills the part of o's rectangle that lies in the picture. Noise belongs to the pixels of the rectangle, row by row, whether they
// lie in the picture or not.
func erase(p *Picture, o *Op) {
	x, y, width, height := int(o.Args[0]), int(o.Args[1]), int(o.Args[2]), int(o.Args[3])
	left, right := max(x, 0), min(x+width, p.Width)
	top, bottom := max(y, 0), min(y+height, p.Height)
	fill := o.Fill
	for v := top; v < bottom; v++ {
		for u := left; u < right; u++ {
			if o.Kind == EraseNoise {
				binary.LittleEndian.PutUint32(fill[:], uint32(noise(o.Seed, uint64(v-y)*uint64(width)+uint64(u-x))))
			}
			pixel := p.Pix[(v*p.Width+u)*p.Channels:]
			pixel[0] = fill[0]
			if p.Channels > 1 {
				pixel[1], pixel[2] = fill[1], fill[2]
			}
		}
	}
}

// noise is number n of the generator SplitMix64 (Steele, Lea, Flood 2014) that was seeded with seed.
func noise(seed, n uint64) uint64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
