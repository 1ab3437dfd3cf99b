package loader

import (
	"runtime"
	"sync"
)

// processors is how many the process may use.
var processors = runtime.GOMAXPROCS(0)

var scheduling sync.Mutex

// keepIdle gives Go's scheduler more processors than there are workers. Where none of
// them is idle, it takes that of a worker away who is in C for longer than 20 us, as in
// each kernel here, and gives it back when he returns: 3 to 7 % of the CPU time of an
// epoch. See retake in runtime/proc.go.
func keepIdle(workers int) {
	scheduling.Lock()
	defer scheduling.Unlock()
	const idle = 2 // beside the workers there is the one who reads ahead
	if want := max(workers, processors) + idle; runtime.GOMAXPROCS(0) < want {
		runtime.GOMAXPROCS(want)
	}
}
