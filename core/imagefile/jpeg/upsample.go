package jpeg

import "image"

// upsample sets p to planes at full resolution, one per component, as libjpeg's
// jdsample.c makes it, with the samples of region. It is for components whose
// resolutions the caller's kernels do not handle: see header.callerUpsamples.
func (s *state) upsample(p *Planes, region image.Rectangle) {
	p.YStride, p.CStride = s.hdr.width, s.hdr.width
	for i, out := range []*[]byte{&p.Y, &p.Cb, &p.Cr, &p.K}[:s.hdr.nComps] {
		size := s.hdr.width * s.hdr.height
		*out = s.planes[s.layout.upsampledOffset+i*size:][:size:size]
		s.layout.comps[i].upsample(*out, s.plane(i), s.hdr.width, s.hdr.height, region)
	}
}

// upsample writes the samples of region to dst, a plane of width x height samples.
func (p *componentLayout) upsample(dst, src []byte, width, height int, region image.Rectangle) {
	h, v := p.subsampling.X, p.subsampling.Y
	across, down := ceil(width, h), ceil(height, v)
	for y := region.Min.Y; y < region.Max.Y; y++ {
		out := dst[y*width+region.Min.X : y*width+region.Max.X]
		near := src[y/v*p.stride:][:across]
		far := near
		if v == 2 { // the second nearest row; beyond the image, its last row is repeated
			far = src[min(max(y/2+y%2*2-1, 0), down-1)*p.stride:][:across]
		}
		switch x := region.Min.X; {
		case h == 1 && v == 1:
			copy(out, near[x:])
		case h == 1 && v == 2:
			for i := range out {
				out[i] = byte((3*int(near[x+i]) + int(far[x+i]) + 1 + y%2) >> 2)
			}
		case h == 2 && v <= 2 && across > 2:
			fancyUpsample(out, near, far, x, v)
		default:
			for i := range out {
				out[i] = near[(x+i)/h]
			}
		}
	}
}

// fancyUpsample is h2v1_fancy_upsample and h2v2_fancy_upsample, from sample x on. For
// the former, near and far are the same row, and all sums are four times as large.
func fancyUpsample(out, near, far []byte, x, v int) {
	sum := func(c int) int {
		c = min(max(c, 0), len(near)-1)
		return 3*int(near[c]) + int(far[c])
	}
	for i := range out {
		c, odd := (x+i)/2, (x+i)%2
		round := 8 - odd
		if v == 1 {
			round = 4 + 4*odd
		}
		out[i] = byte((3*sum(c) + sum(c+2*odd-1) + round) >> 4)
	}
}
