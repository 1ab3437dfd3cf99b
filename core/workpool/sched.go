package workpool

import (
	"runtime"
	"sync"
)

// Processors is the number of processors that this process may use.
var Processors = runtime.GOMAXPROCS(0)

var scheduling sync.Mutex

// keepIdle sets GOMAXPROCS above the number of workers. If no P is idle, Go's scheduler
// takes that of a worker that stays in C for longer than 20 us, as in each kernel here,
// and returns it afterwards: 3 to 7 % of the CPU time of an epoch. See retake in
// runtime/proc.go.
func keepIdle(workers int) {
	scheduling.Lock()
	defer scheduling.Unlock()
	const idle = 2 // beside the workers one goroutine reads ahead
	if want := max(workers, Processors) + idle; runtime.GOMAXPROCS(0) < want {
		runtime.GOMAXPROCS(want)
	}
}
