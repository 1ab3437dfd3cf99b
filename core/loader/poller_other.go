//go:build !linux

package loader

// startPoller has nothing to do where Go's poller is another.
func startPoller() error { return nil }
