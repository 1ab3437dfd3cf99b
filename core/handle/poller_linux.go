package handle

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"mixfolder/core/source"
)

var pollerStarted atomic.Bool

// startPoller makes Go's runtime open the two file descriptors of its poller, which it
// otherwise does at the first timer or file. The runtime ends the process if it cannot,
// so their availability is tested first and reported as an error.
func startPoller() error {
	if pollerStarted.Load() {
		return nil
	}
	if err := twoDescriptors(); err != nil {
		return &os.PathError{Op: "start with", Path: os.DevNull, Err: fmt.Errorf("%w: %s", err,
			source.MoreFiles)}
	}
	// unlike a timer with a channel, it is entered at once
	time.AfterFunc(time.Hour, func() {}).Stop()
	pollerStarted.Store(true)
	return nil
}

// twoDescriptors fails if two file descriptors cannot be opened.
func twoDescriptors() error {
	for range 2 {
		fd, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer syscall.Close(fd)
	}
	return nil
}
