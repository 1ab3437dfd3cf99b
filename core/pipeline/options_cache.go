package pipeline

import (
	"errors"
	"fmt"

	"mixfolder/core/sysmem"
)

// CacheOptions are the arguments of from_directory that control what is cached.
type CacheOptions struct {
	Cache string `json:"cache"` // "" for None
	// CacheBytes is nil for a quarter of the memory that the process may use.
	CacheBytes *int64 `json:"cache_bytes"`
}

// Budget returns the memory for the cache; nil for none.
func (o *CacheOptions) Budget() (*CacheBudget, error) {
	switch {
	case o.Cache == "" && o.CacheBytes != nil:
		return nil, errors.New(`pipeline: cache_bytes needs cache="memory"`)
	case o.Cache == "":
		return nil, nil
	case o.Cache != "memory":
		return nil, fmt.Errorf(`pipeline: cache must be "memory" or None, but is %q`, o.Cache)
	case o.CacheBytes == nil:
		return NewCacheBudget(sysmem.Total() / 4), nil
	case *o.CacheBytes <= 0:
		return nil, fmt.Errorf("pipeline: cache_bytes must be 1 or more, or None for a quarter of "+
			"the memory, but is %d", *o.CacheBytes)
	}
	return NewCacheBudget(*o.CacheBytes), nil
}
