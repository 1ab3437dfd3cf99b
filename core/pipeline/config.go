// Package pipeline turns one file into the finished pixels of one image: it reads,
// decodes, resizes and augments on a Worker, of which there is one per thread.
package pipeline

import (
	"fmt"

	"mixfolder/core/augment"
	"mixfolder/core/imagefile"
	"mixfolder/core/resample"
	"mixfolder/core/source"
)

// Config holds what all workers of a loader share, by stage. It must not change while
// they run.
type Config struct {
	Source source.Source
	Names  []string // of the files, in Source

	Decode imagefile.Options
	// Shrink decodes to fewer pixels if the target is much smaller.
	Shrink bool

	Resample resample.ResizeOptions
	// FilterBeyondCrop decodes full images: where the filter reaches beyond a crop, it
	// sees the pixels there, as with Pillow's resize(box=).
	FilterBeyondCrop bool

	// Classes, if set, makes masks instead of images: see ForMasks.
	Classes *Classes

	Limiter *MemLimiter
	Cache   *Cache // nil only if Worker.Image is not used
	// CacheFull caches full images, each for many transforms, and not finished ones, which
	// differ by flips only.
	CacheFull bool
	Stats     *Stats
}

// Transforms are the part of the options that may change from epoch to epoch: what makes
// a finished image of a decoded one. They must not change while they are used.
type Transforms struct {
	Geometry augment.Geometry
	Augment  augment.List
	Channels int
}

// Target is the size of finished images, packed height x width x channels.
type Target struct{ Height, Width, Channels int }

// Bytes is the number of bytes of a finished image.
func (t Target) Bytes() int { return t.Height * t.Width * t.Channels }

// Altered reports whether images are randomly cropped, moved, flipped or augmented.
func (t *Transforms) Altered() bool {
	return t.Geometry.Random() || t.Geometry.Flip != augment.Flip{} || t.Augment.Len() > 0
}

// ForMasks returns the configuration of the workers that make the masks in a source for
// the images of c: with the same limits, and a cache of their own.
func (c *Config) ForMasks(src source.Source, names []string, classes *Classes,
	cache *Cache) *Config {
	return &Config{Source: src, Names: names,
		Decode: imagefile.Options{Mode: imagefile.Gray, Indices: true,
			IgnoreEXIF: c.Decode.IgnoreEXIF, MaxPixels: c.Decode.MaxPixels},
		Resample: c.Resample.ToNearest(), Classes: classes, Limiter: c.Limiter, Cache: cache,
		CacheFull: c.CacheFull, Stats: c.Stats}
}

// ForMasks returns the transforms of the masks of the images that t is for: the same
// geometry.
func (t *Transforms) ForMasks() Transforms {
	return Transforms{Geometry: t.Geometry, Channels: 1}
}

// Target is the size of finished images.
func (t *Transforms) Target() Target {
	return Target{t.Geometry.Height, t.Geometry.Width, t.Channels}
}

// caches reports whether full images are cached, or finished ones.
func (c *Config) caches() (full, finished bool) {
	enabled := c.Cache.enabled()
	return enabled && c.CacheFull, enabled && !c.CacheFull
}

// admissible returns why a large file is not read: it is not an image, or exceeds the
// memory limit of decoding.
func (c *Config) admissible(size int64, head []byte) error {
	if imagefile.Sniff(head) == "" {
		_, err := imagefile.Inspect(head, imagefile.Options{})
		return err
	}
	return c.checkFileSize(size)
}

func (c *Config) checkFileSize(size int64) error {
	if limit := c.Limiter.shared.size; size > max(limit, source.LargeFile) {
		return fmt.Errorf("the file has %d bytes, but decoding may take only %d of this machine's "+
			"memory", size, limit)
	}
	return nil
}

// shrinkOf returns the factor by which a region is decoded smaller: the largest of 8,
// 4, 2 and 1 that keeps it at least as large as its target.
func (c *Config) shrinkOf(t *augment.Transform) int {
	shrink := 1
	for c.Shrink && shrink < 8 && t.Region.Dx() >= 2*shrink*t.Target.Dx() &&
		t.Region.Dy() >= 2*shrink*t.Target.Dy() {
		shrink *= 2
	}
	return shrink
}
