package jpeg

import (
	"errors"
	"image"
	"testing"
)

// FuzzDecode: no input makes Decode panic; the reference decoder agrees on the samples;
// a region has the samples of the full image; scaled decoding finds the same damage;
// KeepTruncated changes nothing for an intact file, and with it, too, a region has the
// samples of the full image. The seeds are the files of testdata.
func FuzzDecode(f *testing.F) {
	for _, folder := range []string{"", "buffered", "refused", "arithmetic",
		"arithmetic/changed"} {
		for _, data := range samples(f, folder) {
			f.Add(data, uint32(0))
			f.Add(data, uint32(0x31752864))
		}
	}
	var d, part, kept Decoder
	keptPart := Decoder{KeepTruncated: true}
	kept.KeepTruncated = true
	f.Fuzz(func(t *testing.T, data []byte, where uint32) {
		var h header
		if h.parse(data) != nil {
			if _, err := d.decodeFile(data, image.Rect(0, 0, 1, 1)); err == nil {
				t.Fatal("no error")
			}
			return
		}
		if h.width*h.height > 1<<16 {
			t.Skip("large: slow, not wrong")
		}
		sameAsNaive(t, &d, "whole", data)
		all := image.Rect(0, 0, h.width, h.height)
		whole, err := d.decodeFile(data, all)
		at := func(size int, shift uint) int { return int(where>>shift&255) * size / 256 }
		r := image.Rect(at(h.width, 0), at(h.height, 8), at(h.width, 16)+1, at(h.height, 24)+1)
		got, partErr := part.decodeFile(data, r.Intersect(all))
		switch {
		case r.Empty():
		case err != nil && !errors.Is(err, ErrExtraneous): // the region may end before the damage
		case partErr != nil && !errors.Is(partErr, ErrExtraneous) && (err == nil ||
			!errors.Is(partErr, ErrCorrupt)):
			t.Fatal(partErr)
		default:
			sameRegion(t, "region", got, whole, r)
		}
		keptWhole, keptErr := kept.decodeFile(data, all)
		switch isWhole := err == nil || errors.Is(err, ErrExtraneous); {
		case isWhole && (keptErr != nil) != (err != nil):
			t.Fatalf("%v, but %v with KeepTruncated", err, keptErr)
		case isWhole:
			sameRegion(t, "kept", keptWhole, whole, all)
		case keptErr == nil && !r.Empty():
			got, err := keptPart.decodeFile(data, r.Intersect(all))
			if err != nil {
				t.Fatal(err)
			}
			sameRegion(t, "region with KeepTruncated", got, keptWhole, r.Intersect(all))
		}
		if !d.canScale(data) {
			return
		}
		shrink := 2 << (where % 3)
		_, scaledErr := d.decodeScaled(data, shrink, image.Rect(0, 0, ceil(h.width, shrink),
			ceil(h.height, shrink)))
		if (err == nil) != (scaledErr == nil) {
			t.Fatalf("%v, but %v at 1/%d", err, scaledErr, shrink)
		}
	})
}
