package imageop

import "math"

// tables are what becomes of each value of each channel.
type tables [3][256]byte

// histogram counts the values of each channel.
type histogram [3][256]uint32

// point takes o into the pending tables, if it is a point operation: one that makes a
// value from that value alone and figures of the whole image.
func (e *Engine) point(p *Image, o *Op) bool {
	var t [256]byte
	switch v := o.Args[0]; o.Kind {
	case Brightness:
		for i := range t {
			t[i] = blend(0, i, float32(v))
		}
	case Posterize:
		for i := range t {
			t[i] = byte(i) &^ (1<<(8-int(v)) - 1)
		}
	case Solarize:
		for i := range t {
			t[i] = byte(i)
			if float64(i) >= v {
				t[i] = byte(255 - i)
			}
		}
	case Invert:
		for i := range t {
			t[i] = byte(255 - i)
		}
	case Contrast, ChannelShift, AutoContrast, Equalize:
		e.flush(p) // the figures are those of the image as it is by now
		e.whole(p, o)
		return true
	default:
		return false
	}
	e.then(&tables{t, t, t})
	return true
}

// whole makes the tables of an operation that goes by figures of the whole image.
func (e *Engine) whole(p *Image, o *Op) {
	var t tables
	switch o.Kind {
	case Contrast:
		// int(ImageStat.Stat(image.convert("L")).mean[0] + 0.5)
		mean := int(float64(lumaSum(p))/float64(p.pixels()) + 0.5)
		for v := range 256 {
			t[0][v] = blend(mean, v, float32(o.Args[0]))
		}
		t[1], t[2] = t[0], t[0]
	case ChannelShift:
		low, high := extremes(p)
		least, greatest := float64(min(low[0], low[1], low[2])), float64(max(high[0], high[1],
			high[2]))
		for c := range t {
			for v := range 256 {
				t[c][v] = byte(math.RoundToEven(min(max(float64(v)+o.Args[c], least), greatest)))
			}
		}
	case AutoContrast:
		low, high := extremes(p)
		for c := range t {
			stretch(&t[c], int(low[c]), int(high[c]))
		}
	case Equalize:
		count(p, &e.counts)
		for c := range t {
			flatten(&t[c], &e.counts[c])
		}
	}
	e.then(&t)
}

// blend is a value of Pillow's Image.blend(a, b, factor): in 32-bit floats, clipped,
// rounded down.
func blend(a, b int, factor float32) byte {
	v := float32(a) + float32(factor*float32(b-a))
	return byte(min(max(v, 0), 255))
}

// stretch brings low to 0 and high to 255, as ImageOps.autocontrast does.
func stretch(t *[256]byte, low, high int) {
	scale, offset := 1.0, 0.0
	if low < high {
		scale = 255 / float64(high-low)
		offset = float64(-float64(low) * scale)
	}
	for v := range t {
		t[v] = byte(min(max(float64(float64(v)*scale)+offset, 0), 255))
	}
}

// flatten makes the table of ImageOps.equalize.
func flatten(t *[256]byte, counts *[256]uint32) {
	sum, last := uint64(0), uint64(0)
	for _, n := range counts {
		if n > 0 {
			sum += uint64(n)
			last = uint64(n)
		}
	}
	step := (sum - last) / 255
	n := step / 2
	for v := range t {
		if step == 0 {
			t[v] = byte(v)
			continue
		}
		t[v] = byte(min(n/step, 255))
		n += uint64(counts[v])
	}
}

// then lets next follow on the pending tables.
func (e *Engine) then(next *tables) {
	if !e.waiting {
		e.pending, e.waiting = *next, true
		return
	}
	for c := range e.pending {
		for v, w := range e.pending[c] {
			e.pending[c][v] = next[c][w]
		}
	}
}

// flush applies the pending tables.
func (e *Engine) flush(p *Image) {
	if e.waiting {
		lookUp(p, &e.pending)
		e.waiting = false
	}
}
