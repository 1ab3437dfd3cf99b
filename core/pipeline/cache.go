package pipeline

// #include <stdlib.h>
import "C"

import (
	"image"
	"sync/atomic"
	"unsafe"

	"mixfolder/core/raster"
)

// Cache keeps decoded images in memory up to a budget. Nothing is ever evicted: each
// epoch uses every image once, so a cache that is too small would otherwise evict each
// image just before it is used again.
//
// The memory is allocated by C. Go's collector lets the heap grow to twice its live
// size, which is cheap for scratch memory but not for a cache. A Cache is safe for
// concurrent use until it is freed. The zero value keeps nothing.
type Cache struct {
	budget *CacheBudget
	// entries has one element per file.
	entries      []atomic.Pointer[cached]
	hits, misses atomic.Int64
	bytes        atomic.Int64
}

// CacheBudget is the number of bytes that caches may use together. The loaders of one
// folder share it.
type CacheBudget struct {
	limit int64
	used  atomic.Int64
}

// NewCacheBudget makes a budget of a number of bytes, 1 or more.
func NewCacheBudget(limit int64) *CacheBudget { return &CacheBudget{limit: limit} }

// cached is one image: a finished one before flips, or a full decoded one for random
// crops. It is never changed.
type cached struct {
	pix     []byte
	decoded raster.Image // its Pix is pix
	size    image.Point  // of the image in the file
}

// NewCache makes a cache for a number of files. It keeps nothing if there is no budget.
// Free must be called.
func NewCache(files int, b *CacheBudget) *Cache {
	if b == nil {
		return &Cache{}
	}
	return &Cache{budget: b, entries: make([]atomic.Pointer[cached], files)}
}

// get returns the image of a file, or nil, and counts a hit or a miss.
func (c *Cache) get(file int32) *cached {
	if c.entries == nil {
		return nil
	}
	e := c.entries[file].Load()
	if e == nil {
		c.misses.Add(1)
	} else {
		c.hits.Add(1)
	}
	return e
}

// Budget is nil for a cache that keeps nothing.
func (c *Cache) Budget() *CacheBudget { return c.budget }

// Bytes returns the total size of the cached images.
func (c *Cache) Bytes() int64 { return c.bytes.Load() }

// Hits and Misses return how many lookups did and did not find an image.
func (c *Cache) Hits() int64   { return c.hits.Load() }
func (c *Cache) Misses() int64 { return c.misses.Load() }

func (c *Cache) enabled() bool { return c.entries != nil }

// Has reports whether a file's image is cached, and counts nothing.
func (c *Cache) Has(file int32) bool { return c.entries != nil && c.entries[file].Load() != nil }

// put stores a copy of pix, followed by slack bytes that may be read, if the budget
// allows and no other worker was faster. size is that of the image in the file.
func (c *Cache) put(file int32, pix []byte, slack int, decoded raster.Image, size image.Point) {
	if c.entries == nil || c.Has(file) {
		return
	}
	n := int64(len(pix) + slack)
	if c.budget.used.Add(n) > c.budget.limit {
		c.budget.used.Add(-n)
		return
	}
	p := C.calloc(1, C.size_t(n))
	if p == nil {
		c.budget.used.Add(-n)
		return
	}
	memory := unsafe.Slice((*byte)(p), n)
	e := &cached{pix: memory[:copy(memory, pix)], decoded: decoded, size: size}
	e.decoded.Pix = memory
	if !c.entries[file].CompareAndSwap(nil, e) {
		C.free(p)
		c.budget.used.Add(-n)
		return
	}
	c.bytes.Add(n)
}

// Free returns all memory. Nobody may use the cache or an image of it any more.
func (c *Cache) Free() {
	for i := range c.entries {
		if e := c.entries[i].Swap(nil); e != nil {
			C.free(unsafe.Pointer(unsafe.SliceData(e.pix)))
		}
	}
	if c.budget != nil {
		c.budget.used.Add(-c.bytes.Swap(0))
	}
}
