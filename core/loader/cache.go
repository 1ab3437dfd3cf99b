package loader

// #include <stdlib.h>
import "C"

import (
	"sync/atomic"
	"unsafe"

	"mixfolder/core/imagefile"
)

// cache keeps decoded images in memory up to a budget. Nothing is ever evicted: in each
// epoch every image comes once, so that a cache which is too small would otherwise
// throw out each one just before it is wanted again.
//
// The memory is C's. Go's collector lets the heap grow to twice what lives in it, which
// is little beside scratch memory, but not beside a cache. A cache is safe for
// concurrent use until it is freed. The zero value keeps nothing.
type cache struct {
	budget *budget
	// entries has one place a file of the listing.
	entries      []atomic.Pointer[cached]
	hits, misses atomic.Int64
	bytes        atomic.Int64
}

// budget is shared by the loaders of one folder.
type budget struct {
	limit int64
	used  atomic.Int64
}

// cached is one image: a finished one, not flipped, or a whole decoded one for a random
// crop. It is never changed.
type cached struct {
	pix     []byte
	decoded imagefile.Image // its Pix is pix
}

func newCache(files int, b *budget) cache {
	if b == nil {
		return cache{}
	}
	return cache{budget: b, entries: make([]atomic.Pointer[cached], files)}
}

// get is the image of a file, or nil.
func (c *cache) get(file int32) *cached {
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

// has tells whether a file's image is kept, without counting.
func (c *cache) has(file int32) bool { return c.entries != nil && c.entries[file].Load() != nil }

// put keeps a copy of pix, with room bytes behind it that may be read, if the budget
// allows and no other worker was faster.
func (c *cache) put(file int32, pix []byte, room int, decoded imagefile.Image) {
	if c.entries == nil || c.has(file) {
		return
	}
	n := int64(len(pix) + room)
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
	e := &cached{pix: memory[:copy(memory, pix)], decoded: decoded}
	e.decoded.Pix = memory
	if !c.entries[file].CompareAndSwap(nil, e) {
		C.free(p)
		c.budget.used.Add(-n)
		return
	}
	c.bytes.Add(n)
}

// free gives all memory back. Nobody may use the cache or an image of it any more.
func (c *cache) free() {
	for i := range c.entries {
		if e := c.entries[i].Swap(nil); e != nil {
			C.free(unsafe.Pointer(unsafe.SliceData(e.pix)))
		}
	}
	if c.budget != nil {
		c.budget.used.Add(-c.bytes.Swap(0))
	}
}
