// Package quickselect sorts slices only as far as needed to know the smallest elements.
package quickselect

// Select reorders a slice so that the element at index k, 0 or more and below the length,
// is the one that sorting by key would put there, with no larger ones before it and no
// smaller ones after it: Hoare, "Algorithm 65: Find", Communications of the ACM 4, 1961.
// No key may be NaN. The new order depends on the arguments alone.
func Select[T any](s []T, k int, key func(T) float64) {
	for low, high := 0, len(s)-1; low < high; {
		pivot := median(key(s[low]), key(s[low+(high-low)/2]), key(s[high]))
		i, j := low, high
		for i <= j {
			for key(s[i]) < pivot {
				i++
			}
			for key(s[j]) > pivot {
				j--
			}
			if i <= j {
				s[i], s[j] = s[j], s[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			high = j
		case k >= i:
			low = i
		default:
			return
		}
	}
}

func median(a, b, c float64) float64 { return max(min(a, b), min(max(a, b), c)) }
