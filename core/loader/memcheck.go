package loader

import (
	"errors"
	"fmt"

	"mixfolder/core/pipeline"
	"mixfolder/core/sysmem"
)

// ErrMemory is wrapped if something needs more memory than is available. That is
// checked before allocating: Go ends the process if an allocation fails.
var ErrMemory = errors.New("loader: not enough memory")

// checkedFrom is the size in bytes from which on available memory is checked before
// allocating.
const checkedFrom = 64 << 20

// checkMemory returns an error if n bytes for what, which has a number of images of a
// size, are not available.
func checkMemory(n int64, what string, count int, size pipeline.Target, remedy string) error {
	if n < checkedFrom {
		return nil
	}
	if left := sysmem.Free(); n > left {
		return fmt.Errorf("%w: %s of %d images of %d x %d takes %s, but %s are left: choose a "+
			"smaller %s",
			ErrMemory, what, count, size.Height, size.Width, gigabytes(n), gigabytes(left), remedy)
	}
	return nil
}

func gigabytes(n int64) string { return fmt.Sprintf("%.2f GB", float64(n)/1e9) }
