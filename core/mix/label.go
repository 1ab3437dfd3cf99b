package mix

// OneHot writes one label: lam at class a, 1-lam at class b and 0 elsewhere; exactly 1
// where a == b. dst has `classes` values, all are written. a and b are below classes.
func OneHot(dst []float32, classes int, a, b int32, lam float32) {
	dst = dst[:classes]
	clear(dst)
	if a == b {
		dst[a] = 1
		return
	}
	dst[a], dst[b] = lam, 1-lam
}

// Binary is the share of class 1 in a label of two classes: lam*a + (1-lam)*b, exactly
// 0 or 1 where a == b.
func Binary(a, b int32, lam float32) float32 {
	switch {
	case a == b:
		return float32(a)
	case a == 1:
		return lam
	}
	return 1 - lam
}
