package imagefile

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestInspectFirstMatchesInspect checks for prefixes of all lengths of each sample that
// InspectFirst returns the same as Inspect, or ErrMore.
func TestInspectFirstMatchesInspect(t *testing.T) {
	told := map[string]int{}
	for name := range samples(t) {
		data := append(read(t, name), make([]byte, 2*minFirst)...) // as a file that is larger
		for _, o := range []Options{{}, {IgnoreEXIF: true, KeepTruncated: true}, {MaxPixels: 100}} {
			want, wantErr := Inspect(data, o)
			for n := range data {
				got, err := InspectFirst(data[:n:n], int64(len(data)), o)
				if errors.Is(err, ErrMore) {
					continue
				}
				told[Sniff(data)]++
				if got != want || (err == nil) != (wantErr == nil) {
					t.Errorf("%s, the first %d of %d bytes: %+v, %v; want %+v, %v", name, n,
						len(data), got, err, want, wantErr)
				}
			}
			if got, err := InspectFirst(data, int64(len(data)), o); got != want ||
				(err == nil) != (wantErr == nil) {
				t.Errorf("%s: %+v, %v; want %+v, %v", name, got, err, want, wantErr)
			}
		}
	}
	for _, format := range []string{"jpeg", "gif", "bmp"} {
		if told[format] == 0 {
			t.Errorf("no %s file was recognized by its first bytes", format)
		}
	}
}

// TestInspectFirstFindsTrailingMetadata uses files with the orientation after the
// pixels.
func TestInspectFirstFindsTrailingMetadata(t *testing.T) {
	for _, name := range []string{"png", "webp", "tiff"} {
		for sample := range samples(t) {
			if data := read(t, sample); strings.HasPrefix(sample, name+"-") && len(data) > 100 {
				if _, err := InspectFirst(slices.Clip(data[:100]), int64(len(data)),
					Options{}); !errors.Is(err, ErrMore) {
					t.Errorf("%s: %v", sample, err)
				}
			}
		}
	}
}
